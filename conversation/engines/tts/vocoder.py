"""What stands before and behind a vocoder that thinks in short spectra (iSTFTNet, arXiv 2203.02395; its harmonic
source is that of the neural source-filter model, arXiv 1810.11946).

Before: the pitch becomes harmonics, mixed to one wave, as magnitudes and phases. Behind: magnitudes and phases become
sound. One spectrum of 20 samples every 5, under a Hann window.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal.windows import hann

from conversation.engines.base import F32

LENGTH: Final = 20
HOP: Final = 5
BINS: Final = LENGTH // 2 + 1
_WINDOW: Final = hann(LENGTH, sym=False)
_LOUDNESS: Final = 0.1
_VOICED: Final = 10.0
"""Hz; below it there is no voice."""


def harmonic_source(pitch: F32, weights: NDArray[Any], bias: float, *, rate: int, samples_a_frame: int) -> F32:
    """A wave of len(pitch) · samples_a_frame samples in (-1, 1): `pitch` (frames,) in Hz, `weights` (harmonics,)."""
    harmonics = np.arange(1, len(weights) + 1)
    turns = np.cumsum((pitch[:, None].astype(np.float64) * harmonics / rate) % 1.0, axis=0) * samples_a_frame
    frames = len(pitch)
    # A frame's phase is reached in its middle; before the first middle and after the last one it stands.
    at = np.clip((np.arange(frames * samples_a_frame) + 0.5) / samples_a_frame - 0.5, 0, frames - 1)
    left = np.minimum(at.astype(np.int64), max(0, frames - 2))
    right = np.minimum(left + 1, frames - 1)
    part = (at - left)[:, None]
    phase = (turns[left] * (1 - part) + turns[right] * part) % 1.0
    voiced = np.repeat(pitch > _VOICED, samples_a_frame)[:, None]
    waves = _LOUDNESS * np.sin(2 * np.pi * phase) * voiced
    source: F32 = np.tanh(waves @ np.asarray(weights, np.float64) + bias).astype(np.float32)
    return source


def spectrum(wave: F32) -> F32:
    """(2 · BINS, len(wave) / HOP + 1): magnitudes, then phases in [-π, π], of a wave mirrored at both ends."""
    padded = np.pad(wave.astype(np.float64), LENGTH // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, LENGTH)[::HOP] * _WINDOW
    bins = np.fft.rfft(windows, axis=1)
    # The lowest and highest are real numbers: where negative, their phase is π, never -π.
    bins.imag[:, 0] = bins.imag[:, -1] = 0.0
    return np.concatenate([np.abs(bins), np.angle(bins)], axis=1).T.astype(np.float32)


def sound(magnitudes: F32, phases: F32) -> F32:
    """The wave whose spectra have these magnitudes and phases (BINS, n): (n - 1) · HOP samples."""
    pieces = np.fft.irfft(magnitudes * np.exp(1j * phases), n=LENGTH, axis=0).T * _WINDOW
    count = len(pieces)
    steps = LENGTH // HOP
    summed = np.zeros((count + steps - 1, HOP))
    weights = np.zeros((count + steps - 1, HOP))
    for step in range(steps):
        part = slice(step * HOP, (step + 1) * HOP)
        summed[step : step + count] += pieces[:, part]
        weights[step : step + count] += _WINDOW[part] ** 2
    inner = slice(LENGTH // 2, LENGTH // 2 + (count - 1) * HOP)
    return (summed.ravel()[inner] / weights.ravel()[inner]).astype(np.float32)
