"""Log-mel features at 100 Hz: what the A2BS network hears, the same in training and at run time."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

SAMPLE_RATE: Final = 16_000
HOP: Final = 160
"""Samples between frames: 10 ms."""
BANDS: Final = 40
SILENCE: Final = np.float32(0.0)
"""Every band of a frame at or below the floor, -90 dB: what digital silence gives and edges are padded with."""

_WINDOW = 400
WINDOW_S: Final = _WINDOW / SAMPLE_RATE
"""Sound that one frame hears."""
_FFT = 512
_LOW_HZ, _HIGH_HZ = 60.0, 7_600.0
_FLOOR = 1e-9
_CHUNK = 4096


def log_mel(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Log-mel energies: (n,) samples at 16 kHz in [-1, 1] -> (ceil(n / 160), 40), 0 at -90 dB and 1 at about 0 dB.

    Frame i is centred on sample 160 i; the signal is taken as silent outside. The Hann window is normalised so that
    a full-scale sine has power 1/4 in its band. Bands are the triangles of Slaney's Auditory Toolbox on O'Shaughnessy's
    mel scale, 2595 log10(1 + f / 700).
    """
    frames = -(-len(samples) // HOP)
    padded = np.zeros((frames - 1) * HOP + _WINDOW if frames else 0, np.float32)
    kept = min(len(samples), len(padded) - _WINDOW // 2) if frames else 0
    padded[_WINDOW // 2 : _WINDOW // 2 + kept] = samples[:kept]
    window, bank = _window(), _mel_bank()
    out = np.empty((frames, BANDS), np.float32)
    for first in range(0, frames, _CHUNK):  # bounds the memory that long recordings take
        last = min(first + _CHUNK, frames)
        part = padded[first * HOP : (last - 1) * HOP + _WINDOW]
        windows = np.lib.stride_tricks.sliding_window_view(part, _WINDOW)[::HOP]
        spectrum = np.fft.rfft(windows * window, _FFT, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        out[first:last] = (np.log10(np.maximum(power @ bank, _FLOOR)) + 9.0) / 9.0
    return out


@cache
def _window() -> npt.NDArray[np.float32]:
    hann: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    hann /= hann.sum()
    return hann.astype(np.float32)


@cache
def _mel_bank() -> npt.NDArray[np.float32]:
    """Triangular filters with peak 1, (257, 40)."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOW_HZ, _HIGH_HZ))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - left) / (centre - left)
    falling = (right - bins[:, None]) / (right - centre)
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
