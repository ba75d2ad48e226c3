"""The picture of docs/a2bs.md: sound, phones, and the gap between the lips as wanted and as predicted."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from conversation.phonetics.flite import RATE
from conversation.phonetics.measure import Clip, opening
from conversation.phonetics.mouth import CHANNELS, FRAME_RATE
from conversation.phonetics.phones import BILABIALS

matplotlib.use("Agg")
from matplotlib import pyplot as plt

_SHOWN = ("mouthClose", "mouthPucker", "mouthStretch")


def picture(clip: Clip, path: Path) -> None:
    """Write a PNG: bilabials shaded, where the gap must come down to zero."""
    figure, (sound, lips, rest) = plt.subplots(3, 1, figsize=(12, 6.4), sharex=True, height_ratios=(1, 2, 1.4))
    sound.plot(np.arange(len(clip.samples)) / RATE, clip.samples, color="0.45", linewidth=0.4)
    sound.set_yticks([])
    top = 1.15 * np.abs(clip.samples).max()
    sound.set_ylim(-top, 1.9 * top)
    for i, segment in enumerate(clip.segments):  # at two heights, for the short ones are crowded
        height = (1.05 if i % 2 else 1.45) * top
        sound.text(0.5 * (segment.start + segment.end), height, segment.phone, ha="center", fontsize=7)
        if segment.phone in BILABIALS:
            for axes in (sound, lips, rest):
                axes.axvspan(segment.start, segment.end, color="#f3c9a5", linewidth=0)
    time = np.arange(len(clip.wanted)) / FRAME_RATE
    lips.plot(time, 34 * opening(clip.wanted), color="0.6", linewidth=2.5, label="target")
    lips.plot(time, 34 * opening(clip.predicted), color="#b3352c", linewidth=1.4, label="network")
    lips.set_ylabel("gap between the lips, mm")
    lips.legend(loc="upper right", frameon=False)
    for name, colour in zip(_SHOWN, ("#2c6fb3", "#3a8f4d", "#8a55a8"), strict=True):
        rest.plot(time, clip.wanted[:, CHANNELS.index(name)], color=colour, alpha=0.35, linewidth=2.5)
        rest.plot(time, clip.predicted[:, CHANNELS.index(name)], color=colour, linewidth=1.2, label=name)
    rest.legend(loc="upper right", frameon=False, ncols=3)
    rest.set_xlabel("seconds")
    rest.set_xlim(0, time[-1])
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    plt.close(figure)
