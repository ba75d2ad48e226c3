"""What hair lies on and must not enter: head, ears, neck, shoulders and clothes as a signed distance on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

from assets.forge.anatomy.body import Body
from assets.forge.layer import Surface, vertex_normals
from assets.forge.source import F64, I32

_CELL: Final = 0.006
_SMOOTH: Final = 0.7
"""Cells; hair lies on what is smoother than skin."""
_REACH: Final = (0.30, 0.50, 0.30)
"""Metres of the grid to each side, down and to front and back of the head's joint."""
_ABOVE: Final = 0.36
_FLAT: Final = 0.008
"""Nearer than this the distance is to the nearest facet's plane, farther to its middle."""
_BAND: Final = 3
"""Cells to each side of a mesh in which its facets are looked at."""
_SHEET: Final = 0.025
"""Metres behind cloth that belong to it."""
_CLOTH: Final = 0.011
"""Room for clothes where none are given, metres."""


@dataclass(frozen=True)
class Form:
    """A signed distance field, metres, positive outside."""

    _origin: F64
    _values: F64

    def distance(self, points: F64) -> F64:
        """(N,) metres outside at points (N, 3)."""
        cells = (points - self._origin).T / _CELL
        return np.asarray(map_coordinates(self._values, cells, order=1, mode="nearest"))

    def normal(self, points: F64) -> F64:
        """(N, 3) unit gradient."""
        step = 0.8 * _CELL
        gradient = [self.distance(points + d) - self.distance(points - d) for d in step * np.eye(3)]
        normal = np.stack(gradient, axis=1)
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12))

    def pushed_out(self, points: F64, least: F64 | float, rounds: int = 2) -> F64:
        """Points (N, 3) with those nearer than `least` moved out to it."""
        least = np.broadcast_to(np.asarray(least, np.float64), len(points))
        for _ in range(rounds):
            missing = least - self.distance(points)
            low = np.flatnonzero(missing > 0)
            if not len(low):
                break
            points = points.copy()
            points[low] += missing[low, None] * self.normal(points[low])
        return points


def form_of(body: Body, clothes: Sequence[Surface] = ()) -> Form:
    """The form of a body's upper part with `clothes` over it; without any, some room is left for them."""
    head, neck = body.joint("head"), body.joint("neck_01")
    reach = np.array(_REACH)
    low, high = head - reach, head + np.array([reach[0], _ABOVE, reach[2]])
    shape = tuple(int(n) + 1 for n in (high - low) / _CELL)
    inside_mouth = body.mask("inside-mouth", body.uv["body"]).mean(axis=1) > 0.5
    values = _distance(body.vertices, body.triangles["body"][~inside_mouth], low, shape)
    if clothes:
        for garment in clothes:
            worn = _distance(garment.vertices, garment.triangles, low, shape)
            # Cloth is a sheet: behind it is the body, or the open, where its border ends.
            values = np.minimum(values, np.where(worn < -_SHEET, -worn, worn))
    else:
        height = low[1] + _CELL * np.arange(shape[1])
        values = values - _CLOTH * np.clip((neck[1] + 0.02 - height) / 0.05, 0, 1)[:, None]
    return Form(low, gaussian_filter(values, _SMOOTH))


def _distance(vertices: F64, triangles: I32, low: F64, shape: tuple[int, ...]) -> F64:
    """The grid's distances to a mesh: exact to facets nearby, to the nearest filled cell beyond."""
    corners = vertices[triangles]
    high = low + _CELL * np.array(shape)
    within = ((corners.max(axis=1) > low) & (corners.min(axis=1) < high)).all(axis=1)
    if not within.any():
        return np.full(shape, np.inf)
    corners, normals = corners[within], vertex_normals(vertices, triangles)[triangles[within]]
    # Facets are larger than the wanted precision: each gives points in even barycentric steps.
    steps = np.array([(i, j, 2 - i - j) for i in range(3) for j in range(3 - i)]) / 2
    place = np.einsum("sk,fkc->fsc", steps, corners).reshape(-1, 3)
    normal = np.einsum("sk,fkc->fsc", steps, normals).reshape(-1, 3)
    filled = np.zeros(shape, bool)
    cell = np.floor((place - low) / _CELL + 0.5).astype(np.int64)
    filled[tuple(cell[((cell >= 0) & (cell < shape)).all(axis=1)].T)] = True
    band = np.argwhere(distance_transform_edt(~filled) <= _BAND)
    points = low + _CELL * band
    nearest = cKDTree(place, balanced_tree=False).query(points)[1]
    away = points - place[nearest]
    length = np.linalg.norm(away, axis=1)
    above = (away * normal[nearest]).sum(axis=1) / np.maximum(np.linalg.norm(normal[nearest], axis=1), 1e-12)
    flat = np.clip(2 - length / _FLAT, 0, 1)
    near = np.full(shape, np.nan)
    near[tuple(band.T)] = flat * above + (1 - flat) * np.sign(above) * length
    beyond, of = distance_transform_edt(np.isnan(near), return_indices=True)
    edge = near[tuple(of)]
    return np.asarray(edge + np.sign(edge) * _CELL * beyond)
