"""The part of an eye's image that the avatar can touch, in whole tiles: nothing is binned or drawn outside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from render.view import View

F64 = NDArray[np.float64]

TILE = 8
"""Pixels; side of a tile."""
_BLUR_PX = 2.0
"""How far the low-pass of 0.3 square pixels carries, rounded up."""


class Window(NamedTuple):
    """A rectangle of tiles, counted from the bottom left."""

    x: int
    y: int
    columns: int
    rows: int

    @property
    def tiles(self) -> int:
        """How many there are."""
        return self.columns * self.rows

    def pixels(self, view: View) -> tuple[int, int, int, int]:
        """Left, bottom, width and height of the part that lies on the image."""
        left, bottom = self.x * TILE, self.y * TILE
        return left, bottom, min(self.columns * TILE, view.width - left), min(self.rows * TILE, view.height - bottom)


def whole(view: View) -> Window:
    """Every tile of the view."""
    return Window(0, 0, math.ceil(view.width / TILE), math.ceil(view.height / TILE))


def window_of(view: View, corners: F64, reach: float, nearest: float) -> Window:
    """The tiles that a box can touch whose `corners` (n, 3) stand in the world, with things as large as `reach` metres
    around its inside; no tiles where it is out of sight. What is nearer than `nearest` metres is not drawn."""
    # Of so few numbers Python's own are the faster.
    (a, b, c, x), (d, e, f, y), (g, h, i, z) = view.eye_rows
    seen = [
        (a * p + b * q + c * r + x, d * p + e * q + f * r + y, -(g * p + h * q + i * r + z))
        for p, q, r in corners.tolist()
    ]
    depths = [depth for _, _, depth in seen]
    if max(depths) + reach < nearest:
        return Window(0, 0, 0, 0)
    everything = whole(view)
    if min(depths) - reach < nearest:
        return everything
    fx, fy, cx, cy = view.intrinsics
    # A thing of size r beside a corner at depth d is seen within r (1 + slope) / (d - r) of it.
    spreads = [reach / (depth - reach) for depth in depths]
    first_x, columns = _span([x / d for x, _, d in seen], spreads, fx, cx, everything.columns)
    first_y, rows = _span([y / d for _, y, d in seen], spreads, fy, cy, everything.rows)
    return Window(first_x, first_y, columns, rows) if columns and rows else Window(0, 0, 0, 0)


def _span(
    slopes: Sequence[float], spreads: Sequence[float], scale: float, centre: float, tiles: int
) -> tuple[int, int]:
    """The first tile, and how many, of `tiles` beside each other."""
    low = min(slope - spread * (1 + abs(slope)) for slope, spread in zip(slopes, spreads, strict=True))
    high = max(slope + spread * (1 + abs(slope)) for slope, spread in zip(slopes, spreads, strict=True))
    first = max(math.floor((low * scale + centre - _BLUR_PX) / TILE), 0)
    last = min(math.ceil((high * scale + centre + _BLUR_PX) / TILE), tiles)
    return first, max(last - first, 0)
