"""What head and mouth do to the colour of a voice, as short filters: made once, looked up while the voice moves.

Filters have minimum phase, so that neighbours may be blended, and the time that sound takes round the head is left to
`delay`. All are measured against a voice straight ahead at one metre that speaks to the listener: that one passes as it
was made, for headphones are built to make up for a head as it hears what is in front.
"""

from __future__ import annotations

from math import pi
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.spatial.sphere import pressure

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

NEAREST: Final = 4.5
"""1/m: nearer than 22 cm a head sounds as it does there."""
_NEARNESS: Final = np.linspace(0.0, NEAREST, 10)
_ANGLES: Final = np.linspace(0.0, pi, 61)
_AHEAD: Final = (2, 30)
"""Where in both of these an ear is that hears a voice at 1 m straight ahead."""
_EAR_S: Final = 0.002
_MOUTH_S: Final = 0.00125
_SPECTRUM: Final = 512
_LEAST: Final = 10 ** (-40 / 20)


class HeadFilters:
    """Of one sample rate."""

    def __init__(self, rate: int) -> None:
        frequencies = np.linspace(0, rate / 2, _SPECTRUM // 2 + 1)
        gains = np.abs(pressure(frequencies, _NEARNESS, _ANGLES))
        ahead = gains[_AHEAD]
        self._ears = _minimum_phase(gains / ahead, round(_EAR_S * rate))
        # Behind a sphere all paths meet in one bright spot; behind a head, which is no sphere and has a body, they do
        # not. So the voice never grows brighter again on its way round.
        radiated = np.minimum.accumulate(gains[0] / gains[0, 0], axis=0)
        self._mouth = _minimum_phase(radiated, round(_MOUTH_S * rate))

    @property
    def taps(self) -> int:
        """Length of what `ear` gives."""
        return int(self._ears.shape[-1] + self._mouth.shape[-1]) - 1

    def ear(self, angle: float, nearness: float, mouth: float) -> F32:
        """(taps,) filter of one ear, of gain 1 for a voice ahead at one metre; what distance takes is not in it.

        angle: radians between the ear and the voice, seen from the head's centre. nearness: one over the voice's
        distance, 1/m. mouth: radians between where the mouth points and the listener.
        """
        near, nearer = _between(min(nearness, NEAREST), _NEARNESS)
        round_, rounder = _between(angle, _ANGLES)
        ears = self._ears[near : near + 2, round_ : round_ + 2]
        heard = (1 - nearer) * ((1 - rounder) * ears[0, 0] + rounder * ears[0, 1])
        heard += nearer * ((1 - rounder) * ears[1, 0] + rounder * ears[1, 1])
        away, further = _between(mouth, _ANGLES)
        said = (1 - further) * self._mouth[away] + further * self._mouth[away + 1]
        return np.convolve(heard, said).astype(np.float32)


def _between(value: float, grid: F64) -> tuple[int, float]:
    """The interval of an even grid from 0 that holds a value, and where in it."""
    place = value / grid[1]
    index = min(max(int(place), 0), len(grid) - 2)
    return index, min(max(place - index, 0.0), 1.0)


def _minimum_phase(gains: F64, taps: int) -> F64:
    """(..., taps) filters with these gains (..., f) from 0 to half the rate (Oppenheim and Schafer: by the cepstrum).

    The last quarter fades out.
    """
    cepstrum = np.fft.irfft(np.log(np.maximum(gains, _LEAST)))
    half = cepstrum.shape[-1] // 2
    cepstrum[..., 1:half] *= 2
    cepstrum[..., half + 1 :] = 0
    response: F64 = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))[..., :taps].copy()
    fade = taps // 4
    response[..., -fade:] *= np.cos(np.linspace(0, pi / 2, fade + 2)[1:-1]) ** 2
    return response
