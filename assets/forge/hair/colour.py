"""Colours of hair: natural albedos by name, and grey that comes with age."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from assets.errors import ForgeError
from assets.forge.hair.scalp import Scalp
from assets.forge.hair.strands import Strands
from assets.forge.palette import linear
from assets.forge.source import F64

if TYPE_CHECKING:
    from collections.abc import Mapping

HAIR_COLOURS: Final[Mapping[str, tuple[int, int, int]]] = MappingProxyType(
    {
        "black": (30, 24, 22),
        "dark-brown": (48, 34, 26),
        "brown": (72, 48, 34),
        "chestnut": (92, 54, 36),
        "light-brown": (116, 84, 58),
        "dark-blond": (146, 114, 78),
        "blond": (192, 156, 108),
        "platinum": (222, 200, 166),
        "auburn": (110, 48, 28),
        "red": (128, 62, 36),
        "ginger": (184, 100, 50),
        "grey": (150, 148, 146),
        "white": (216, 214, 210),
    }
)
"""sRGB, 0 to 255."""
WHITE: Final = linear(176, 174, 172)
"""Albedo of a hair without pigment among others."""
_HALF_GREY: Final = 57.0
"""Years at which half of the hair is grey, in the mean (Panhard et al. 2012, British Journal of Dermatology 167)."""
_SPREAD: Final = 7.0


def hair_colour(name: str) -> F64:
    """(3,) linear albedo of one of HAIR_COLOURS; raises ForgeError with their names where there is no such one."""
    if name not in HAIR_COLOURS:
        raise ForgeError(f"There is no hair colour {name!r}; choose one of {', '.join(HAIR_COLOURS)}.")
    return linear(*HAIR_COLOURS[name])


def grey_share(age: float, seed: int) -> float:
    """Share of grey hair, 0 to 1, at an age in years; some people grey sooner than others."""
    half = _HALF_GREY + float(np.random.default_rng([seed, 37]).normal(0, 6.0))
    return float(1 / (1 + np.exp((half - age) / _SPREAD))) if age > 25 else 0.0


def strand_colours(colour: F64, grey: float, scalp: Scalp, strands: Strands, seed: int) -> F64:
    """(S, 3) linear albedo of each strand before shade: warmer and cooler ones, and white ones, most at the temples."""
    random = np.random.default_rng([seed, 43])
    warmth = random.normal(0, 0.05, len(strands.length))[:, None]
    tone = colour * (1 + warmth * np.array([1.0, 0.0, -1.0]))
    root = strands.points[:, 0]
    temple = np.exp(-(((np.abs(scalp.azimuth(root)) - np.radians(70)) / 0.5) ** 2)) * (scalp.level(root) < 0.6)
    odds = grey ** (1 / (1 + 1.2 * temple)) if grey > 0 else np.zeros(len(root))
    white = random.random(len(root)) < odds
    return np.asarray(np.where(white[:, None], WHITE * (1 + 0.4 * warmth), tone))
