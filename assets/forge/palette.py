"""The colours of one person, drawn by the seed from natural ranges; all linear light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.forge.source import F64


@dataclass(frozen=True)
class Palette:
    """Albedos, each (3,) linear."""

    skin: F64
    lips: F64
    iris: F64
    iris_edge: F64
    brow: F64
    hair: F64


def linear(*srgb: int) -> F64:
    """(3,) linear light of an sRGB colour given as 0 to 255 (IEC 61966-2-1)."""
    value = np.array(srgb) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4))


def palette(seed: int) -> Palette:
    """Skin from fair to olive, hair from black to light brown, eyes from dark brown to grey-blue."""
    random = np.random.default_rng([seed, 2])
    depth = random.beta(2.0, 3.0)
    skin = linear(232, 188, 166) * (1 - depth) + linear(186, 130, 100) * depth
    darkness = random.beta(3.0, 2.0)
    hair = linear(96, 66, 44) * (1 - darkness) + linear(34, 24, 20) * darkness
    irises = (
        (linear(112, 74, 44), linear(58, 36, 22)),
        (linear(128, 104, 64), linear(70, 58, 38)),
        (linear(112, 132, 140), linear(58, 72, 84)),
    )
    iris, edge = irises[random.choice(3, p=(0.55, 0.25, 0.20))]
    return Palette(
        skin=skin,
        lips=skin * np.array([0.74, 0.42, 0.46]),
        iris=iris,
        iris_edge=edge,
        brow=hair,
        hair=hair,
    )
