"""Where sound can be heard: the labels that latency is measured between, by energy alone and never by a VAD."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

AUDIBLE: Final = 10 ** (-50 / 20)
"""A sample of speech at or above this level (-50 dBFS) can be heard."""
_FRAME_S: Final = 0.01
_ABOVE_FLOOR_DB: Final = 10.0
_BELOW_SPEECH_DB: Final = 35.0


def voiced_span(samples: F32, rate: int) -> tuple[int, int] | None:
    """First and last voiced sample of a recording of one utterance; None where nothing is voiced.

    RMS in frames of 10 ms. A frame is voiced when it lies 10 dB above the noise floor (10th percentile of the frames,
    at least -80 dBFS) or within 35 dB of the speech level (95th percentile), whichever asks for more. In the first
    and last such frame, the sample is the first or last one as loud as that threshold.
    """
    size = round(rate * _FRAME_S)
    frames = len(samples) // size
    if frames == 0:
        return None
    energy = np.mean(samples[: frames * size].reshape(frames, size).astype(np.float64) ** 2, axis=1)
    level = 10 * np.log10(np.maximum(energy, 1e-8))
    threshold = max(np.percentile(level, 10) + _ABOVE_FLOOR_DB, np.percentile(level, 95) - _BELOW_SPEECH_DB)
    voiced = np.flatnonzero(level >= threshold)
    if not len(voiced):
        # One long tone has no floor to stand out from.
        voiced = np.flatnonzero(level >= np.percentile(level, 95) - _BELOW_SPEECH_DB)
        threshold = np.percentile(level, 95) - _BELOW_SPEECH_DB
        if level.max() <= -79.0:
            return None
    first, last = int(voiced[0]) * size, int(voiced[-1] + 1) * size
    loud = np.abs(samples) >= 10 ** (threshold / 20)
    return first + int(np.argmax(loud[first : first + size])), last - 1 - int(np.argmax(loud[last - size : last][::-1]))


def first_audible(samples: F32) -> int | None:
    """Index of the first sample that can be heard; None where none can."""
    loud = np.flatnonzero(np.abs(samples) >= AUDIBLE)
    return int(loud[0]) if len(loud) else None
