"""Where the middle joint of a limb of two bones goes, so that its end is where it should be."""

from __future__ import annotations

from math import sqrt
from typing import Final

from render.motion.quaternion import Vector, across, add, norm, scaled, sub, unit

STRAIGHT: Final = 0.9995
"""Of the limb's length: as far as it is stretched, so that which way it bends stays known."""


def reach(root: Vector, end: Vector, pole: Vector, upper: float, lower: float) -> tuple[Vector, Vector]:
    """(middle, end) of a limb whose bones are `upper` and `lower` metres long, and whose middle joint stands toward
    `pole` (a direction). What is too far, or too near, is approached as far as the limb can."""
    way = sub(end, root)
    wanted = norm(way)
    nearest = abs(upper - lower) + 0.02 * (upper + lower)
    length = min(max(wanted, nearest), STRAIGHT * (upper + lower))
    axis = unit(way) if wanted > 1e-9 else (0.0, -1.0, 0.0)
    along = (upper * upper - lower * lower + length * length) / (2 * length)
    aside = sqrt(max(upper * upper - along * along, 0.0))
    middle = add(root, add(scaled(axis, along), scaled(across(pole, axis), aside)))
    return middle, add(root, scaled(axis, length))
