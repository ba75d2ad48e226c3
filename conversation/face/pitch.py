"""Pitch and loudness of a voice at 100 Hz: normalised autocorrelation of short windows (Boersma 1993).

Made for prosody, not for singing: what it must tell is where a voice is voiced and how far it is above its usual tone.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

FRAME_RATE: Final = 100
_RATE: Final = 8_000
_HOP: Final = _RATE // FRAME_RATE
_WINDOW: Final = 400
_FFT: Final = 1024
_LOWEST_HZ, _HIGHEST_HZ = 65.0, 500.0
_VOICED: Final = 0.5
"""Least autocorrelation of a voiced frame."""
_OCTAVE: Final = 0.05
"""Autocorrelation that an octave higher is worth: a period of twice the length fits as well as the true one."""
_QUIET: Final = 1e-3
_CHUNK: Final = 2048


def pitch_and_level(samples: F32, sample_rate: int) -> tuple[F64, F64]:
    """Hz (0: not voiced) and dB, each (ceil(100 n / sample_rate),); frame i is centred on second i / 100."""
    frames = -(-len(samples) * FRAME_RATE // sample_rate)
    heard = soxr.resample(samples, sample_rate, _RATE) if len(samples) and sample_rate != _RATE else samples
    padded = np.zeros(max(frames - 1, 0) * _HOP + _WINDOW, np.float64)
    kept = min(len(heard), len(padded) - _WINDOW // 2)
    padded[_WINDOW // 2 : _WINDOW // 2 + kept] = heard[:kept]
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:frames]
    pitch, level = np.zeros(frames), np.full(frames, -100.0)
    for first in range(0, frames, _CHUNK):  # bounds the memory that long recordings take
        part = slice(first, min(first + _CHUNK, frames))
        pitch[part], level[part] = _of(windows[part])
    return pitch, level


def _of(windows: npt.NDArray[np.float64]) -> tuple[F64, F64]:
    shape, own = _shape()
    loud = np.sqrt((windows**2).mean(axis=1))
    power = np.abs(np.fft.rfft((windows - windows.mean(axis=1, keepdims=True)) * shape, _FFT, axis=1)) ** 2
    likeness = np.fft.irfft(power, axis=1)
    likeness = likeness / np.maximum(likeness[:, :1], 1e-12)
    low, high = int(_RATE / _HIGHEST_HZ), int(_RATE / _LOWEST_HZ)
    lags = np.arange(low, high + 1)
    candidates = likeness[:, low : high + 1] / own[low : high + 1]
    best = np.argmax(candidates - _OCTAVE * np.log2(lags / low), axis=1)
    rows = np.arange(len(windows))
    voiced = (candidates[rows, best] > _VOICED) & (loud > _QUIET)
    # A parabola through the peak and its neighbours: whole lags are half a semitone apart for a high voice.
    inner = np.clip(best, 1, len(lags) - 2)
    left, mid, right = (candidates[rows, inner + k] for k in (-1, 0, 1))
    bend = left - 2 * mid + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(np.abs(bend) > 1e-9, bend, 1.0), 0.0)
    hz = _RATE / (lags[inner] + np.clip(shift, -0.5, 0.5))
    return np.where(voiced, hz, 0.0), 20 * np.log10(loud + 1e-5)


@cache
def _shape() -> tuple[F64, F64]:
    """A Hann window and its own autocorrelation, by which that of the sound is divided (Boersma's equation 9)."""
    shape = np.hanning(_WINDOW)
    own = np.fft.irfft(np.abs(np.fft.rfft(shape, _FFT)) ** 2)
    return shape, own / own[0]
