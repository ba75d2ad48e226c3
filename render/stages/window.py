"""The part of an eye's image that the avatar can touch, in whole tiles: nothing is binned or drawn outside it."""

from __future__ import annotations

import math
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
    turn = view.pose[:3, :3]
    eye = (corners - view.pose[:3, 3]) @ turn
    depth = -eye[:, 2]
    if depth.max() + reach < nearest:
        return Window(0, 0, 0, 0)
    everything = whole(view)
    if depth.min() - reach < nearest:
        return everything
    fx, fy, cx, cy = view.intrinsics
    # A thing of size r beside a corner at depth d is seen within r (1 + slope) / (d - r) of it.
    slope = eye[:, :2] / depth[:, None]
    spread = reach * (1 + np.abs(slope)) / (depth - reach)[:, None]
    scale, centre = np.array((fx, fy)), np.array((cx, cy))
    low = ((slope - spread).min(axis=0) * scale + centre - _BLUR_PX) / TILE
    high = ((slope + spread).max(axis=0) * scale + centre + _BLUR_PX) / TILE
    first = np.maximum(np.floor(low), 0).astype(int)
    last = np.minimum(np.ceil(high), (everything.columns, everything.rows)).astype(int)
    columns, rows = np.maximum(last - first, 0).tolist()
    if not columns or not rows:
        return Window(0, 0, 0, 0)
    return Window(int(first[0]), int(first[1]), columns, rows)
