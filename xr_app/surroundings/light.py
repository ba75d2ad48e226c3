"""The light of the wearer's room on the avatar: one factor for each primary of linear light, set or estimated.

The avatar's light is baked; a room that is dimmer or warmer than the studio dims or warms all of it alike. Where light
comes from stays as it was baked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.stages.compose import PLAIN, Light

F64 = NDArray[np.float64]

NEUTRAL_K: Final = 6500.0
"""Colour temperature that changes nothing: the white of sRGB's primaries, nearly."""
COLDEST_K: Final = 15000.0
WARMEST_K: Final = 1500.0

_TO_SRGB: Final = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
"""Linear sRGB from CIE XYZ (IEC 61966-2-1)."""
_LUMINANCE: Final = np.array((0.2126, 0.7152, 0.0722))


@dataclass(frozen=True)
class RoomLight:
    """As the user sets it."""

    brightness: float = 1.0
    """By the studio's that the avatar was lit in."""
    temperature: float = NEUTRAL_K
    """Kelvin, WARMEST_K to COLDEST_K."""

    @property
    def gain(self) -> Light:
        """What the avatar's light is multiplied by: as bright at every temperature."""
        if self.temperature == NEUTRAL_K:
            return (self.brightness,) * 3
        white = black_body(self.temperature) / black_body(NEUTRAL_K)
        white *= self.brightness / float(_LUMINANCE @ white)
        red, green, blue = white.tolist()
        return red, green, blue


AS_BAKED: Final = RoomLight()
"""Changes nothing."""


def chromaticity(kelvin: float) -> tuple[float, float]:
    """CIE 1931 x and y of a black body of 1000 to 15000 K (Krystek 1985, "An algorithm to calculate correlated colour
    temperature": within 0.0001 of Planck's law in CIE 1960's u and v).
    """
    t, t2 = kelvin, kelvin**2
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t2) / (1 + 8.42420235e-4 * t + 7.08145163e-7 * t2)
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t2) / (1 - 2.89741816e-5 * t + 1.61456053e-7 * t2)
    return 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)


def black_body(kelvin: float) -> F64:
    """(3,) linear sRGB of its light, of luminance 1; a primary that it has not is a thousandth."""
    x, y = chromaticity(kelvin)
    return np.asarray(np.maximum(_TO_SRGB @ (x / y, 1.0, (1 - x - y) / y), 1e-3))


class Easing:
    """A light that follows another without a jump."""

    def __init__(self, half_life_s: float = 0.35) -> None:
        self._half_life_s = half_life_s
        self._light = PLAIN

    def toward(self, goal: Light, seconds: float) -> Light:
        """A step of that long; `goal` itself once nobody can tell them apart."""
        if self._light != goal:
            share = 0.5 ** (max(seconds, 0.0) / self._half_life_s)
            red, green, blue = (share * a + (1 - share) * b for a, b in zip(self._light, goal, strict=True))
            near = max(abs(a - b) for a, b in zip((red, green, blue), goal, strict=True)) < 1e-3
            self._light = goal if near else (red, green, blue)
        return self._light
