"""Whisper's view of sound: log-mel frames of 25 ms every 10 ms.

The filterbank is Slaney's (Auditory Toolbox, 1998: linear below 1 kHz, logarithmic above, each filter of unit area), as
in librosa.filters.mel(sr=16000, n_fft=400, n_mels=80), which Whisper was trained with.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

RATE: Final = 16_000
WINDOW: Final = 400
HOP: Final = 160
MELS: Final = 80


class LogMel:
    """Turns samples into log-mel frames; holds the window and the filterbank."""

    def __init__(self) -> None:
        self._window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
        self._filters = filterbank()

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(1, 80, n // 160) frames of n samples at 16 kHz, centred, scaled as Whisper expects."""
        padded = np.pad(samples, WINDOW // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(samples) // HOP]
        spectrum = scipy.fft.rfft(frames * self._window, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        log = np.log10(np.maximum(self._filters @ power.T, 1e-10))
        log = np.maximum(log, log.max() - 8)
        scaled: NDArray[np.float32] = ((log + 4) / 4).astype(np.float32)
        return scaled[None]


def filterbank() -> NDArray[np.float32]:
    """(80, 201) weights of the FFT's bins in each mel band."""
    edges = _mel_to_hz(np.linspace(0, _hz_to_mel(RATE / 2), MELS + 2))
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangle = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
    return (np.maximum(triangle, 0) * 2 / (high - low)).astype(np.float32)


_LINEAR_HZ_PER_MEL: Final = 200 / 3
_LOG_FROM_HZ: Final = 1000.0
_LOG_FROM_MEL: Final = _LOG_FROM_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP: Final = np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    if hz < _LOG_FROM_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return float(_LOG_FROM_MEL + np.log(hz / _LOG_FROM_HZ) / _LOG_STEP)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = _LOG_FROM_HZ * np.exp(_LOG_STEP * (mel - _LOG_FROM_MEL))
    return np.where(mel < _LOG_FROM_MEL, mel * _LINEAR_HZ_PER_MEL, logarithmic)
