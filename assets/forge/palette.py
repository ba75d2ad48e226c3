"""The colours of one person, asked for or drawn by the seed from natural ranges; all linear light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from assets.errors import ForgeError
from assets.forge.source import F64


@dataclass(frozen=True)
class Palette:
    """Albedos, each (3,) linear."""

    skin: F64
    lips: F64
    palm: F64
    iris: F64
    iris_edge: F64
    iris_collar: F64
    brow: F64
    hair: F64
    depth: float = 0.3
    """Of the skin, 0 fair to 1 deep."""


def linear(*srgb: int) -> F64:
    """(3,) linear light of an sRGB colour given as 0 to 255 (IEC 61966-2-1)."""
    value = np.array(srgb) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4))


EYE_COLOURS: Final[Mapping[str, tuple[F64, F64, F64]]] = MappingProxyType(
    {
        "brown": (linear(104, 66, 38), linear(52, 32, 20), linear(134, 88, 48)),
        "dark-brown": (linear(70, 44, 27), linear(38, 25, 18), linear(90, 58, 34)),
        "hazel": (linear(112, 100, 62), linear(58, 54, 38), linear(140, 94, 48)),
        "green": (linear(98, 112, 78), linear(50, 64, 50), linear(136, 112, 62)),
        "blue": (linear(104, 122, 136), linear(46, 60, 76), linear(142, 142, 128)),
        "grey": (linear(112, 126, 132), linear(56, 68, 78), linear(140, 134, 116)),
    }
)
"""Iris, its edge, and the ring around the pupil."""
_SKINS: Final = np.array([linear(232, 188, 166), linear(186, 130, 100), linear(88, 56, 42)])
_LIPS: Final = np.array([linear(190, 112, 104), linear(156, 90, 80), linear(98, 58, 52)])
_PALMS: Final = np.array([linear(232, 178, 158), linear(206, 152, 124), linear(158, 112, 90)])
"""From fair to deep."""


def palette(seed: int, *, skin: float | None = None, eyes: str | None = None) -> Palette:
    """Skin from 0 (fair) to 1 (deep), hair from black to light brown, and one of EYE_COLOURS; the seed draws what is
    None, skin between fair and olive. Raises ForgeError."""
    random = np.random.default_rng([seed, 2])
    drawn = random.beta(2.0, 3.0) / 2
    darkness = random.beta(3.0, 2.0)
    hair = linear(96, 66, 44) * (1 - darkness) + linear(34, 24, 20) * darkness
    usual = ("brown", "hazel", "grey")[random.choice(3, p=(0.55, 0.25, 0.20))]
    if eyes is not None and eyes not in EYE_COLOURS:
        raise ForgeError(f"There are no {eyes!r} eyes; choose one of {', '.join(EYE_COLOURS)}.")
    iris, edge, collar = EYE_COLOURS[eyes or usual]
    depth = 2 * (drawn if skin is None else skin)
    tone = np.array([np.interp(depth, (0, 1, 2), _SKINS[:, channel]) for channel in range(3)])
    return Palette(
        skin=tone,
        lips=np.array([np.interp(depth, (0, 1, 2), _LIPS[:, channel]) for channel in range(3)]),
        palm=np.array([np.interp(depth, (0, 1, 2), _PALMS[:, channel]) for channel in range(3)]),
        iris=iris,
        iris_edge=edge,
        iris_collar=collar,
        brow=hair,
        hair=hair,
        depth=depth / 2,
    )
