"""A2BS: the mouth that goes with a piece of speech, 52 ARKit channels at 100 frames a second.

The network (docs/a2bs.md) moves jaw, lips and tongue; all other channels stay 0 for whoever owns eyes, brows and head.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import soxr

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.errors import ModelMissingError
from conversation.engines.asr.mel import BANDS, HOP, SAMPLE_RATE, SILENCE, WINDOW_S, log_mel
from conversation.engines.json_file import read_json
from conversation.engines.net import Net
from conversation.engines.tts.rest import easing
from conversation.errors import EngineError


class _Sheet(msgspec.Struct, frozen=True):
    """What `a2bs.json` says of the network; what else it says is for people."""

    frame_rate: float
    bands: int
    look_back: int
    look_ahead: int
    channels: tuple[tuple[str, ...], ...]
    """ARKit names that each output of the network drives."""


class A2bs:
    """A FaceDriver."""

    frame_rate: Final = SAMPLE_RATE / HOP

    def __init__(self, model_dir: Path, *, threads: int = 1) -> None:
        self._sheet = _read_sheet(model_dir / "a2bs.json")
        self._net = Net(model_dir / "a2bs.mnn", threads=threads)
        self._spread = np.zeros((len(self._sheet.channels), len(ARKIT_SHAPES)), np.float32)
        for row, names in enumerate(self._sheet.channels):
            self._spread[row, [INDEX[name] for name in names]] = 1.0

    @property
    def past_s(self) -> float:
        """Seconds of sound before a frame that it hears, the feature's own window included."""
        return self._sheet.look_back / self.frame_rate + WINDOW_S / 2

    @property
    def future_s(self) -> float:
        """The same of what follows."""
        return self._sheet.look_ahead / self.frame_rate + WINDOW_S / 2

    def curve(self, samples: npt.NDArray[np.float32], sample_rate: int) -> npt.NDArray[np.float32]:
        """Mouth for mono `samples` (n,) in [-1, 1]: (ceil(100 n / sample_rate), 52) in [0, 1].

        Frame i belongs to second i / 100 of the samples: resampling and features are centred, nothing lags.
        """
        frames = -(-len(samples) * SAMPLE_RATE // (sample_rate * HOP))
        if not frames:
            return np.zeros((0, len(ARKIT_SHAPES)), np.float32)
        heard = soxr.resample(samples, sample_rate, SAMPLE_RATE) if sample_rate != SAMPLE_RATE else samples
        heard = np.pad(heard[: frames * HOP], (0, max(frames * HOP - len(heard), 0)))
        around = ((self._sheet.look_back, self._sheet.look_ahead), (0, 0))
        mel = np.pad(log_mel(heard), around, constant_values=SILENCE)
        mouth = self._net(mel=mel.T[None])["mouth"][0].T
        face: npt.NDArray[np.float32] = mouth @ self._spread
        return face

    def __call__(self, samples: npt.NDArray[np.float32], sample_rate: int) -> npt.NDArray[np.float32]:
        """The curve of a sound that begins and ends here: at rest at both ends."""
        curve = self.curve(samples, sample_rate)
        return curve * easing(len(curve), self.frame_rate)[:, None]


def _read_sheet(path: Path) -> _Sheet:
    if not path.exists():
        raise ModelMissingError(f"The model file {path} is missing: run `visavis models get`.")
    sheet: _Sheet = read_json(path, _Sheet, "run `visavis models get visavis-a2bs`")
    unknown = {name for names in sheet.channels for name in names} - INDEX.keys()
    if unknown or sheet.bands != BANDS or sheet.frame_rate != A2bs.frame_rate:
        raise EngineError(f"{path} belongs to another version: run `visavis models get visavis-a2bs`.")
    return sheet
