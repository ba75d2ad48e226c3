"""The 1€ filter: smooths a hand that is held still, follows one that moves.

G. Casiez, N. Roussel, D. Vogel: "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
Systems", CHI 2012.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_SPEED_CUTOFF_HZ: Final = 1.0
"""Of the speed itself, as in the paper."""


class OneEuro:
    """For one vector; times must not run backwards."""

    def __init__(self, cutoff_hz: float, per_speed: float) -> None:
        """cutoff_hz: of a vector at rest; per_speed: that rises by so many hertz for each unit of speed a second."""
        self._cutoff_hz, self._per_speed = cutoff_hz, per_speed
        self._time_s = 0.0
        self._value: F64 | None = None
        self._speed: F64 = np.zeros(0)

    def update(self, value: F64, time_s: float) -> F64:
        """The vector, smoothed; the first one as it is."""
        if self._value is None:
            self._value, self._speed = value, np.zeros_like(value)
        elif (step := time_s - self._time_s) > 0.0:
            self._speed = self._speed + _share(_SPEED_CUTOFF_HZ, step) * ((value - self._value) / step - self._speed)
            cutoff = self._cutoff_hz + self._per_speed * math.hypot(*self._speed.tolist())
            self._value = self._value + _share(cutoff, step) * (value - self._value)
        self._time_s = time_s
        return self._value

    def reset(self) -> None:
        """Forget where it was."""
        self._value = None


def _share(cutoff_hz: float, step_s: float) -> float:
    turned = 2.0 * math.pi * cutoff_hz * step_s
    return turned / (turned + 1.0)
