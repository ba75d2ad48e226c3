"""The colours of the clothes, drawn by the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.forge.palette import linear
from assets.forge.source import F64


@dataclass(frozen=True)
class Outfit:
    """Linear albedos (3,)."""

    pullover: F64
    trousers: F64
    shoes: F64
    soles: F64


def outfit(seed: int) -> Outfit:
    """One of a few quiet combinations."""
    random = np.random.default_rng([seed, 51])
    tops = (linear(58, 96, 104), linear(150, 84, 62), linear(176, 164, 146), linear(74, 84, 118), linear(122, 58, 66))
    legs = (linear(62, 76, 102), linear(84, 84, 90), linear(118, 106, 90))
    feet = (linear(196, 190, 182), linear(70, 58, 50), linear(52, 56, 64))
    return Outfit(
        tops[random.integers(len(tops))],
        legs[random.integers(len(legs))],
        feet[random.integers(len(feet))],
        linear(214, 210, 202),
    )
