"""The part of the echo that a linear filter predicts: without it, the microphone is listened to and transcribed.

AEC3 gives the cleanest silence, but where both talk it takes much of the user with the echo; a VAD then finds little,
and a recogniser misses words. A filter alone leaves the user whole, and the echo so soft that neither minds. This is a
frequency-domain Kalman filter in partitioned blocks (Enzner and Vary 2006; Kuech, Mabande and Enzner 2014), which
needs no detector of double talk: it knows how far it may trust itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.reference import FRAME

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

PARTITIONS: Final = 24
"""Frames of 10 ms that the filter reaches back."""
_STAYS: Final = 0.9998
"""How far the room is the same a frame later."""
_MOVED: Final = 0.99
"""The same where echo is left that should not be: somebody moved, and the filter has to follow."""
_SMOOTH: Final = 0.8
_FLOOR: Final = 1e-9


class LinearEcho:
    """Frame by frame; one thread."""

    def __init__(self) -> None:
        bins = FRAME + 1
        self._far = np.zeros(2 * FRAME)
        self._past = np.zeros((PARTITIONS, bins), np.complex128)
        self._filter = np.zeros((PARTITIONS, bins), np.complex128)
        self._unsure = np.ones((PARTITIONS, bins))
        self._left = np.zeros(bins)
        self._silent = PARTITIONS + 1  # frames since anything was played
        self.doubt = 0.0
        """Mean square of what may be left of the last frame's echo, as far as the filter doubts itself."""

    def __call__(self, near: F32, far: F32, *, moved: bool = False) -> F32:
        """(FRAME,) of the microphone without the echo of (FRAME,) that was played, and of what was played before.

        `moved`: much of what the last frames left was echo.
        """
        self._silent = 0 if far.any() else self._silent + 1
        if self._silent > PARTITIONS:  # its past, of which each part sees two frames, is silence
            self.doubt = 0.0
            return near
        self._far = np.concatenate([self._far[FRAME:], far])
        self._past = np.roll(self._past, 1, axis=0)
        self._past[0] = np.fft.rfft(self._far)
        power = self._past.real**2 + self._past.imag**2
        echo = np.fft.irfft(np.sum(self._filter * self._past, axis=0))[FRAME:]
        left = near - echo
        spectrum = np.fft.rfft(np.concatenate([np.zeros(FRAME), left]))
        self._learn(spectrum, power, _MOVED if moved else _STAYS)
        return left.astype(np.float32)

    def _learn(self, spectrum: npt.NDArray[np.complex128], power: F64, stays: float) -> None:
        now = spectrum.real**2 + spectrum.imag**2
        self._left = _SMOOTH * self._left + (1 - _SMOOTH) * now
        doubt = 0.5 * np.sum(power * self._unsure, axis=0)
        self.doubt = float(np.sum(doubt)) / (FRAME * FRAME)  # half of a real spectrum, of half a frame of zeros
        gain = self._unsure / (doubt + np.maximum(self._left, now) + _FLOOR)
        step = np.fft.irfft(gain * self._past.conj() * spectrum, axis=1)
        step[:, FRAME:] = 0.0  # a partition answers for its own frame alone
        self._filter += np.fft.rfft(step, axis=1)
        energy = self._filter.real**2 + self._filter.imag**2
        self._unsure = stays**2 * (1 - 0.5 * gain * power) * self._unsure + (1 - stays**2) * energy
