"""The end of a small room's echo: noise that fades, from everywhere, as loud wherever the voice stands.

Both ears hear the same of long waves and each its own of short ones, as in a diffuse field (Cook et al. 1955). It
begins 10 ms after the voice, later than most floors' echo, so that the blocks of a convolution by parts cost no time.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.spatial.sphere import SPEED

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
C64 = npt.NDArray[np.complex64]

_PART_S: Final = 0.01
_LONG_S: Final = 0.35
_BANDS: Final = ((0.0, 0.30), (1000.0, 0.25), (4000.0, 0.15))
"""From so many Hz on: seconds to a millionth of the energy, of a furnished room of some 40 cubic metres."""
_LEVEL: Final = 10 ** (-9 / 20)
"""Against a voice at one metre. A real room of that size would be 9 dB louder: a hint is enough to hear a voice outside
of one's head (Begault et al. 2001), and the room that one sees through a headset answers with nothing of this."""
_APART: Final = 0.175
"""Metres between the ears."""
_SEED: Final = 7


class Tail:
    """One voice; blocks of any length, one thread."""

    def __init__(self, rate: int) -> None:
        self._size = round(_PART_S * rate)
        response = impulse_response(rate)
        parts = -(-len(response) // self._size)
        padded = np.zeros((parts * self._size, 2))
        padded[: len(response)] = response
        pieces = padded.reshape(parts, self._size, 2).transpose(0, 2, 1)
        self._parts: C64 = np.fft.rfft(pieces, 2 * self._size).astype(np.complex64)
        self.longest = (parts + 3) * self._size
        """Samples that it remembers, and those that wait for the rest of a part."""
        self._past: C64 = np.zeros((parts, self._size + 1), np.complex64)
        self._frame: F32 = np.zeros(self._size, np.float32)
        self._waiting: F32 = np.zeros(0, np.float32)
        self._ready: F32 = np.zeros((self._size, 2), np.float32)

    def __call__(self, block: F32) -> F32:
        """(n, 2) of the next (n,)."""
        self._waiting = np.concatenate([self._waiting, block])
        while len(self._waiting) >= self._size:
            frame, self._waiting = np.split(self._waiting, [self._size])
            self._ready = np.concatenate([self._ready, self._answer(frame)])
        out, self._ready = np.split(self._ready, [len(block)])
        return out

    def _answer(self, frame: F32) -> F32:
        spectrum = np.fft.rfft(np.concatenate([self._frame, frame])) if frame.any() or self._frame.any() else 0.0
        self._frame = frame
        self._past[1:] = self._past[:-1]
        self._past[0] = spectrum
        if not self._past.any():
            return np.zeros((self._size, 2), np.float32)
        heard = np.sum(self._past[:, None] * self._parts, axis=0)
        return np.asarray(np.fft.irfft(heard)[:, self._size :].T, np.float32)


def impulse_response(rate: int) -> F64:
    """(n, 2): the tail of one click at the left and the right ear."""
    count = round(_LONG_S * rate)
    frequencies = np.fft.rfftfreq(count, 1 / rate)
    noise = np.fft.rfft(np.random.default_rng(_SEED).normal(size=(2, count)))
    alike = np.sinc(2 * frequencies * _APART / SPEED)
    noise[1] = alike * noise[0] + np.sqrt(1 - alike**2) * noise[1]
    time = np.arange(count) / rate
    made = np.zeros((count, 2))
    ends = [*(first for first, _ in _BANDS[1:]), np.inf]
    for (first, seconds), end in zip(_BANDS, ends, strict=True):
        band = np.where((frequencies >= first) & (frequencies < end), noise, 0)
        made += (np.fft.irfft(band, count) * 10 ** (-3 * time / seconds)).T
    made *= _LEVEL / np.sqrt(np.mean(np.sum(made**2, axis=0)))
    return made
