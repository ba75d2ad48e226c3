"""A face between key frames: the one rule by which face frames, stamped with audio samples, become a moving face.

Neighbours no further apart than the two eases together are joined by a straight line. Across a longer gap the face
eases to rest after the last frame and out of rest before the next: the mouth within a syllable, an expression slowly,
for a smile that vanishes with the last word was none. FaceTrack (live) and a recording share this rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.arkit import ARKIT_SHAPES, INDEX

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

RELEASE_S: Final = 0.15
"""From the last frame to rest."""
ATTACK_S: Final = 0.05
"""From rest to the first frame; shorter than playback's lead, so that no look-ahead misses it."""


LINGER_S: Final = 1.4
"""As RELEASE_S, for EXPRESSION: a genuine smile fades for a second or two (Schmidt et al. 2003)."""
EXPRESSION: Final = tuple(
    INDEX[name]
    for name in ARKIT_SHAPES
    if name.startswith(("brow", "cheekSquint", "eyeSquint", "eyeWide", "mouthSmile", "mouthFrown", "mouthDimple"))
)
"""Channels that show a mood. Speech, too, draws the corners of the mouth, but has let go of them at its end."""
_MOOD: Final = list(EXPRESSION)


@dataclass(frozen=True)
class FaceKey:
    """A face (channels,) and the audio sample that it belongs to."""

    stamp: float
    face: F32


def between(before: FaceKey | None, after: FaceKey | None, sample: float, *, rate: float, channels: int) -> F32:
    """The face at `sample`, where before.stamp <= sample < after.stamp; rest (zeros) where there is nothing."""
    if before is not None and after is not None:
        gap = after.stamp - before.stamp
        if gap <= (RELEASE_S + ATTACK_S) * rate:
            along = np.float32((sample - before.stamp) / gap)
            return before.face + (after.face - before.face) * along
    face: F32 = np.zeros(channels, np.float32)
    if before is not None:
        gone = (sample - before.stamp) / rate
        face += before.face * np.float32(1.0 - _smooth(gone / RELEASE_S))
        face[_MOOD] = before.face[_MOOD] * np.float32(1.0 - _smooth(gone / LINGER_S))
    if after is not None:
        face += (after.face - face) * np.float32(_smooth(1.0 - (after.stamp - sample) / (ATTACK_S * rate)))
    return face


@dataclass(frozen=True)
class FaceCurve:
    """A whole recorded face: stamps (n,) ascending, frames (n, channels), at `rate` audio samples a second."""

    stamps: F64
    frames: F32
    rate: int

    def at(self, sample: float) -> F32:
        """(channels,) at an audio sample; the same as FaceTrack.at gave while it was live."""
        i = int(np.searchsorted(self.stamps, sample, side="right"))
        before = FaceKey(float(self.stamps[i - 1]), self.frames[i - 1]) if i > 0 else None
        after = FaceKey(float(self.stamps[i]), self.frames[i]) if i < len(self.stamps) else None
        return between(before, after, sample, rate=self.rate, channels=self.frames.shape[1])


def _smooth(x: float) -> float:
    """Cubic step from 0 to 1, flat at both ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
