"""The opening between the lids: where the eyeball shows, and the skin at its edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.ndimage import label

from assets.errors import ForgeError
from assets.forge.source import F64, I32

_CELL: Final = 0.00025
_BULGE: Final = 0.009
"""Metres from its axis that an eyeball comes near closed lids."""
_HALF: Final = (0.024, 0.016)
"""Metres of the grid to each side of the eye's centre, across and upwards."""


@dataclass(frozen=True)
class Aperture:
    """Columns from the outer or inner corner on, as seen from the front."""

    x: F64
    """(C,) metres, rising."""
    upper: F64
    """(C,) height of the upper lid's edge."""
    lower: F64
    """(C,) height of the lower lid's edge."""
    lids: tuple[tuple[I32, F64], tuple[I32, F64]]
    """Of the upper and the lower lid's edge: triangles (C,) of the skin and places (C, 3) on them."""

    @property
    def width(self) -> float:
        """Metres from corner to corner."""
        return float(self.x[-1] - self.x[0])


def aperture(vertices: F64, triangles: I32, centre: F64, radius: float) -> Aperture:
    """The opening that the skin (vertices (V, 3), triangles (F, 3)) leaves before an eyeball. Raises ForgeError where
    there is none."""
    depth, owner = _front(vertices[triangles], centre)
    columns, rows = depth.shape
    x = centre[0] + (np.arange(columns) - columns // 2) * _CELL
    y = centre[1] + (np.arange(rows) - rows // 2) * _CELL
    across, up = np.meshgrid(x - centre[0], y - centre[1], indexing="ij")
    front = centre[2] + np.sqrt(np.maximum(radius**2 - across**2 - up**2, 0))
    regions, _ = label(front > depth)
    opening = regions == regions[columns // 2, rows // 2]
    if not regions[columns // 2, rows // 2]:
        raise ForgeError("The eyes of this body are shut; choose other features for it.")
    used = np.flatnonzero(opening.any(axis=1))
    low = np.argmax(opening[used], axis=1)
    high = rows - 1 - np.argmax(opening[used, ::-1], axis=1)
    edges = []
    for row in (high + 2, low - 2):
        row = np.clip(row, 0, rows - 1)
        edges.append((owner[used, row], np.column_stack([x[used], y[row], depth[used, row]])))
    return Aperture(x[used], y[high] + _CELL / 2, y[low] - _CELL / 2, (edges[0], edges[1]))


def room(vertices: F64, triangles: I32, centre: F64, radius: float) -> float:
    """Metres between the front of an eyeball and closed lids before it, the least of all places; negative where the
    ball looks through."""
    depth, _ = _front(vertices[triangles], centre)
    across, up = (np.arange(n) - n // 2 for n in depth.shape)
    aside = _CELL * np.hypot(across[:, None], up)
    front = centre[2] + np.sqrt(np.maximum(radius**2 - aside**2, 0))
    return float((depth - front)[aside < _BULGE].min())


def _front(corners: F64, centre: F64) -> tuple[F64, I32]:
    """Depth z (X, Y) of the foremost of triangles (F, 3, 3) on a grid around `centre`, and which it is; -1: none."""
    half = [int(reach / _CELL) for reach in _HALF]
    size = 2 * np.array(half) + 1
    depth, owner = np.full(size, -np.inf), np.full(size, -1, np.int32)
    flat = (corners[..., :2] - centre[:2]) / _CELL + half
    low, high = flat.min(axis=1), flat.max(axis=1)
    near = (low < size - 1).all(axis=1) & (high > 0).all(axis=1) & (corners[..., 2].max(axis=1) > centre[2])
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    for one in np.flatnonzero(near & (normal[:, 2] > 0)):
        first = np.clip(np.ceil(low[one]).astype(int), 0, size)
        last = np.clip(np.floor(high[one]).astype(int) + 1, 0, size)
        if (last <= first).any():
            continue
        px, py = np.meshgrid(*(np.arange(a, b) for a, b in zip(first, last, strict=True)), indexing="ij")
        (ax, ay), (bx, by), (cx, cy) = flat[one]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        v = ((px - ax) * (cy - ay) - (py - ay) * (cx - ax)) / area
        w = ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) / area
        z = (1 - v - w) * corners[one, 0, 2] + v * corners[one, 1, 2] + w * corners[one, 2, 2]
        patch = slice(first[0], last[0]), slice(first[1], last[1])
        over = (v >= -1e-9) & (w >= -1e-9) & (v + w <= 1 + 1e-9) & (z > depth[patch])
        depth[patch] = np.where(over, z, depth[patch])
        owner[patch] = np.where(over, one, owner[patch])
    return depth, owner
