"""UniTalker-MNN, the face network of MNN-TaoAvatar: `audio2verts.mnn`, brought by the user.

It hears `audio` (1, n), 16 kHz with mean 0 and variance 1, at most ten seconds, and tells `verts`, 53 numbers for each
frame at 25 Hz: 50 components of FLAME's expression and the rotation of its jaw (Fan et al. 2024).
Longer sound is heard in windows that overlap, all of one normalisation, and faded into each other. The numbers become
ARKit weights by the table of an avatar that was imported with FLAME, or without one only the jaw moves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr
from scipy.interpolate import PchipInterpolator

from assets.arkit import ARKIT_SHAPES
from assets.errors import ModelMissingError
from conversation.engines.a2bs.flame_map import JAW_ALONE, NUMBERS, FlameMap, table_of
from conversation.engines.net import Net
from conversation.errors import EngineError

F32 = npt.NDArray[np.float32]

MODEL: Final = "audio2verts.mnn"
SAMPLE_RATE: Final = 16_000
WINDOW_S: Final = 10.0
_OVERLAP_S: Final = 1.0
_FADE_S: Final = 0.4
"""In the middle of the overlap: near its ends a window lacks the other half of what it would hear."""
_SHORTEST_S: Final = 0.5
"""Shorter sound is followed by silence, so that the network has a frame to tell."""
_RECEPTIVE, _STRIDE = 400, 320
"""Samples that a frame of the network's ear (wav2vec 2.0) hears, and from one to the next."""
_EPSILON: Final = 1e-7


class UniTalker:
    """A FaceDriver. It hears all of a window at once, so what it is given counts from seconds away."""

    frame_rate: float = 50.0
    past_s: float = 4.0
    future_s: float = 0.2

    def __init__(self, folder: Path, *, avatar: Path | None = None, threads: int = 1) -> None:
        """`folder` holds audio2verts.mnn; `avatar`: whose manifest has the table of FLAME's expressions."""
        path = Path(folder).expanduser() / MODEL
        if not path.is_file():
            raise ModelMissingError(f"{path} is missing: get UniTalker-MNN from ModelScope, and name its folder.")
        self._net = Net(path, threads=threads)
        self._map = FlameMap(table_of(Path(avatar).expanduser()) if avatar else JAW_ALONE)

    def curve(self, samples: F32, sample_rate: int) -> F32:
        """(ceil(50 n / sample_rate), 52) ARKit weights in [0, 1] for mono `samples` (n,); see FaceDriver."""
        frames = -int(-len(samples) * self.frame_rate // sample_rate)
        if not frames:
            return np.zeros((0, len(ARKIT_SHAPES)), np.float32)
        heard = soxr.resample(samples, sample_rate, SAMPLE_RATE) if sample_rate != SAMPLE_RATE else samples
        heard = np.pad(heard, (0, max(round(_SHORTEST_S * SAMPLE_RATE) - len(heard), 0)))
        heard = (heard - heard.mean()) / np.sqrt(heard.var() + _EPSILON)
        wanted = np.arange(frames) / self.frame_rate
        face = np.zeros((frames, len(ARKIT_SHAPES)))
        total = np.zeros((frames, 1))
        for first, last, share in _windows(len(heard), wanted):
            inside = np.flatnonzero(share)
            times = wanted[inside] - first / SAMPLE_RATE
            face[inside] += share[inside, None] * self._window(heard[first:last], times)
            total[inside] += share[inside, None]
        return np.clip(face / np.maximum(total, 1e-9), 0.0, 1.0).astype(np.float32)

    def _window(self, heard: F32, times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(len(times), 52) of one window, at seconds of it."""
        told = self._net(audio=heard[None].astype(np.float32))
        if "verts" not in told or not told["verts"].size or told["verts"].size % NUMBERS:
            raise EngineError(f"{MODEL} is not UniTalker-MNN's: it does not tell {NUMBERS} numbers a frame as `verts`.")
        numbers = told["verts"].reshape(-1, NUMBERS)
        if not np.isfinite(numbers).all():
            raise EngineError(f"{MODEL} told a number that is none; get UniTalker-MNN again.")
        weights = self._map(numbers).astype(np.float64)
        if len(weights) == 1:
            return np.repeat(weights, len(times), axis=0)
        # Its frames are spread evenly over those of its ear, whose centres are known.
        ears = (len(heard) - _RECEPTIVE) // _STRIDE
        stamps = (_RECEPTIVE / 2 + _STRIDE * ears * np.linspace(0, 1, len(weights))) / SAMPLE_RATE
        between: npt.NDArray[np.float64] = PchipInterpolator(stamps, weights)(np.clip(times, stamps[0], stamps[-1]))
        return between


def _windows(samples: int, times: npt.NDArray[np.float64]) -> list[tuple[int, int, npt.NDArray[np.float64]]]:
    """First and last sample of each window, and its share of every frame: the shares of a frame add up to 1."""
    long, hop = round(WINDOW_S * SAMPLE_RATE), round((WINDOW_S - _OVERLAP_S) * SAMPLE_RATE)
    firsts = list(range(0, max(samples - round(_OVERLAP_S * SAMPLE_RATE), 1), hop))
    out = []
    for first in firsts:
        last = min(first + long, samples)
        begin, end = first / SAMPLE_RATE + _OVERLAP_S / 2, last / SAMPLE_RATE - _OVERLAP_S / 2
        rise = np.ones(len(times)) if first == 0 else np.clip((times - begin) / _FADE_S + 0.5, 0, 1)
        fall = np.ones(len(times)) if first == firsts[-1] else np.clip((end - times) / _FADE_S + 0.5, 0, 1)
        out.append((first, last, rise * fall))
    return out
