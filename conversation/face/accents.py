"""Pitch accents of a voice, and the brows that rise with them.

A syllable is accented where its pitch and its loudness stand out from the last seconds of the same voice, and it stands
out among its neighbours. Brows and pitch go together (Cavé et al. 1996: seven of ten brow raises come with a rise of
the pitch, and not every rise with a brow); a raise begins a little before its accent (Flecha-García 2010: by 60 ms).

Every value hears PAST_S of its past and FUTURE_S of its future and nothing else, so that a voice that comes in pieces
gives the same curve as the whole.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from assets.arkit import ARKIT_SHAPES, INDEX
from conversation.face.pitch import FRAME_RATE, pitch_and_level

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

_MEMORY: Final = 250
"""Frames over which a voice's usual pitch and loudness are taken."""
_AROUND: Final = 9
"""Frames on both sides of a value over which it is smoothed: half a syllable."""
_BEFORE, _AFTER = 40, 12
"""Frames before and after an accent in which nothing stands out more. Fewer after: the future is waited for."""
_LEAST: Final = 1.6
"""Prominence of the weakest accent: two and a half semitones above what is usual, or less and louder."""
_FULL: Final = 4.5
_RISE, _HOLD, _FALL = 12, 6, 30
"""Frames of a raise; it is up when the accent is at its height."""
_LEAD: Final = 6
_SEMITONES, _DECIBELS = 1.5, 3.0
"""What counts as one."""
_RAISED: Final = {"browInnerUp": 0.34, "browOuterUpLeft": 0.30, "browOuterUpRight": 0.30, "eyeWideLeft": 0.06,
                  "eyeWideRight": 0.06}  # fmt: skip
"""Of the strongest accent."""

PAST_S: Final = (_MEMORY + 2 * _AROUND + _BEFORE + _HOLD + _FALL + 4) / FRAME_RATE
FUTURE_S: Final = (_RISE + _LEAD + _AFTER + _AROUND + 4) / FRAME_RATE


def accents(samples: F32, sample_rate: int) -> list[tuple[float, float]]:
    """(second, strength from 0 to 1) of every pitch accent in mono `samples` (n,)."""
    strength = _accents(samples, sample_rate)
    return [(float(i) / FRAME_RATE, float(strength[i])) for i in np.flatnonzero(strength)]


def brows(samples: F32, sample_rate: int) -> F32:
    """(ceil(100 n / sample_rate), 52) ARKit weights that rise with the accents of mono `samples` (n,)."""
    strength = _accents(samples, sample_rate)
    shape = np.concatenate([_ramp(_RISE), np.ones(_HOLD), _ramp(_FALL)[::-1]])
    raised = np.zeros(len(strength) + _RISE + _LEAD + len(shape))
    for i in np.flatnonzero(strength):
        # The apex begins _LEAD frames before the accent's own height; two raises never add up.
        part = raised[i : i + len(shape)]
        np.maximum(part, strength[i] * shape, out=part)
    raised = raised[_RISE + _LEAD :][: len(strength)]
    face = np.zeros((len(strength), len(ARKIT_SHAPES)), np.float32)
    for name, most in _RAISED.items():
        face[:, INDEX[name]] = most * raised
    return face


def _accents(samples: F32, sample_rate: int) -> F64:
    """(frames,) strength of the accent at every frame, mostly 0."""
    pitch, level = pitch_and_level(samples, sample_rate)
    voiced = pitch > 0
    if not voiced.any():
        return np.zeros(len(pitch))
    tone = 12 * np.log2(np.where(voiced, pitch, 1.0))
    high = (tone - _usual(tone, voiced)) / _SEMITONES
    loud = (level - _usual(level, voiced)) / _DECIBELS
    stands_out = np.where(voiced, np.clip(high, -2, 5) + 0.5 * np.clip(loud, -2, 3), -2.0)
    window = np.hanning(2 * _AROUND + 3)[1:-1]
    smooth = np.convolve(np.pad(stands_out, _AROUND, constant_values=-2.0), window / window.sum(), "valid")
    padded = np.pad(smooth, (_BEFORE, _AFTER), constant_values=-2.0)
    around = np.lib.stride_tricks.sliding_window_view(padded, _BEFORE + _AFTER + 1)
    highest = (smooth > _LEAST) & (smooth >= around.max(axis=1)) & voiced
    return np.where(highest, np.clip((smooth - _LEAST) / (_FULL - _LEAST), 0.15, 1.0), 0.0)


def _usual(values: F64, voiced: npt.NDArray[np.bool_]) -> F64:
    """Mean over the voiced frames of the last _MEMORY."""
    total = np.cumsum(np.concatenate([np.zeros(_MEMORY), np.where(voiced, values, 0.0)]))
    count = np.cumsum(np.concatenate([np.zeros(_MEMORY), voiced]))
    mean: F64 = (total[_MEMORY:] - total[:-_MEMORY]) / np.maximum(count[_MEMORY:] - count[:-_MEMORY], 1)
    return mean


def _ramp(frames: int) -> F64:
    ramp: F64 = 0.5 - 0.5 * np.cos(np.pi * (np.arange(frames) + 1) / (frames + 1))
    return ramp
