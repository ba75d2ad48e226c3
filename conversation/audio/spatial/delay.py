"""A delay that moves: fractions of a sample, without a step and without a colour of its own."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

REACH: Final = 16
"""Samples on either side that an interpolated one is made of: the shortest delay."""
_TAPS: Final = 2 * REACH
_PHASES: Final = 512
_BETA: Final = 7.5
"""Of the Kaiser window: flat up to 0.85 of half the rate."""


class MovingDelay:
    """One input, read with several delays; blocks of any length."""

    def __init__(self, longest: int) -> None:
        """`longest`: samples."""
        self._past: F32 = np.zeros(longest + REACH, np.float32)
        self.longest = len(self._past)
        """Samples that it remembers."""
        kernels = _kernels()
        self._kernels = kernels[:-1]
        self._slopes = np.diff(kernels, axis=0)

    def __call__(self, block: F32, delays: list[tuple[float, float]]) -> list[F32]:
        """The next input (n,) with each delay: samples before the block's first sample, and at its last.

        In between a delay moves evenly.
        """
        known: F32 = np.concatenate([self._past, block], dtype=np.float32)
        windows = as_strided(known, (len(known) - _TAPS + 1, _TAPS), (4, 4), writeable=False)
        count, first = len(block), len(self._past)
        steps = np.arange(1, count + 1)
        made = []
        for before, after in delays:
            # Where each output sample lies among those known, and the REACH of them before it and after.
            if before == after:
                whole = int(np.ceil(after))
                start = first - whole - REACH + 1
                kernel = self._between(np.array([(whole - after) * _PHASES]))[0]
                made.append(windows[start : start + count] @ kernel)
                continue
            places = (first - 1 - before) + steps * (1 - (after - before) / count)
            whole_ = np.floor(places)
            kernel = self._between((places - whole_) * _PHASES)
            made.append(np.einsum("ij,ij->i", windows[whole_.astype(np.intp) - REACH + 1], kernel))
        self._past = known[-len(self._past) :]
        return made

    def _between(self, phases: F64) -> F32:
        """(n, _TAPS) kernels for places between samples."""
        index = np.minimum(phases.astype(np.intp), _PHASES - 1)
        rest = (phases - index).astype(np.float32)
        kernels: F32 = self._kernels[index] + rest[:, None] * self._slopes[index]
        return kernels


def _kernels() -> F32:
    """(_PHASES + 1, _TAPS): to read a signal at every 1/_PHASES of a sample (a sinc under a Kaiser window)."""
    offsets = np.arange(-REACH + 1, REACH + 1)[None, :] - np.arange(_PHASES + 1)[:, None] / _PHASES
    inside = np.sqrt(np.maximum(1 - (offsets / REACH) ** 2, 0))
    kernels = np.sinc(offsets) * np.i0(_BETA * inside) / np.i0(_BETA)
    return np.asarray(kernels / kernels.sum(axis=1, keepdims=True), np.float32)
