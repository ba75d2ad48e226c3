"""The 1€ filter: smooths a hand that is held still, follows one that moves.

G. Casiez, N. Roussel, D. Vogel: "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
Systems", CHI 2012.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_SPEED_CUTOFF_HZ: Final = 1.0
"""Of the speed itself, as in the paper."""


class OneEuro:
    """For one vector of a few numbers; times must not run backwards."""

    def __init__(self, cutoff_hz: float, per_speed: float) -> None:
        """cutoff_hz: of a vector at rest; per_speed: that rises by so many hertz for each unit of speed a second."""
        self._cutoff_hz, self._per_speed = cutoff_hz, per_speed
        self._time_s = 0.0
        self._value: Sequence[float] | None = None
        self._speed: Sequence[float] = ()

    def update(self, value: Sequence[float], time_s: float) -> Sequence[float]:
        """The vector, smoothed; the first one as it is."""
        if self._value is None:
            self._value, self._speed = value, [0.0] * len(value)
        elif (step := time_s - self._time_s) > 0.0:
            share = _share(_SPEED_CUTOFF_HZ, step)
            self._speed = [
                speed + share * ((new - old) / step - speed)
                for speed, new, old in zip(self._speed, value, self._value, strict=True)
            ]
            share = _share(self._cutoff_hz + self._per_speed * math.hypot(*self._speed), step)
            self._value = [old + share * (new - old) for new, old in zip(value, self._value, strict=True)]
        self._time_s = time_s
        return self._value

    def reset(self) -> None:
        """Forget where it was."""
        self._value = None


def _share(cutoff_hz: float, step_s: float) -> float:
    turned = 2.0 * math.pi * cutoff_hz * step_s
    return turned / (turned + 1.0)
