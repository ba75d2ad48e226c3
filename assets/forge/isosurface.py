"""Meshes the zero level of a sampled field: naive surface nets (Gibson 1998, "Constrained elastic surface nets")."""

from __future__ import annotations

import numpy as np

from assets.forge.source import F64, I32

_CORNERS = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
_EDGES = [(a, b) for a in range(8) for b in range(a + 1, 8) if int(np.abs(_CORNERS[a] - _CORNERS[b]).sum()) == 1]


def isosurface(field: F64, origin: F64, cell: float) -> tuple[F64, I32]:
    """Vertices (V, 3) and triangles (F, 3), outward, of the surface around the region where `field` (X, Y, Z) > 0.

    Sample (0, 0, 0) lies at `origin`; samples are `cell` apart. The region must not touch the grid's border.
    """
    shape = np.array(field.shape) - 1
    corner = np.stack([field[i : i + shape[0], j : j + shape[1], k : k + shape[2]] for i, j, k in _CORNERS], axis=-1)
    inside = corner > 0
    active = inside.any(axis=-1) & ~inside.all(axis=-1)
    number = np.full(tuple(shape), -1)
    number[active] = np.arange(int(active.sum()))
    values = corner[active]
    total, crossings = np.zeros((len(values), 3)), np.zeros((len(values), 1))
    for a, b in _EDGES:
        crossed = (values[:, a] > 0) != (values[:, b] > 0)
        share = np.where(crossed, values[:, a] / np.where(crossed, values[:, a] - values[:, b], 1.0), 0.0)[:, None]
        total += crossed[:, None] * (_CORNERS[a] * (1 - share) + _CORNERS[b] * share)
        crossings += crossed[:, None]
    vertices = origin + cell * (np.argwhere(active) + total / crossings)
    quads = [_quads(field, number, axis) for axis in range(3)]
    a, b, c, d = np.concatenate(quads).T
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return vertices, triangles.astype(np.int32)


def _quads(field: F64, number: I32, axis: int) -> I32:
    """(Q, 4) the four cells round every grid edge along `axis` whose ends differ in sign, outward."""
    u, v = (axis + 1) % 3, (axis + 2) % 3
    first = np.moveaxis(field, axis, 0)[:-1]
    second = np.moveaxis(field, axis, 0)[1:]
    flips = np.moveaxis((first > 0) != (second > 0), 0, axis)
    places = np.argwhere(flips)
    places = places[(places[:, u] > 0) & (places[:, v] > 0)]
    leaving = field[tuple(places.T)] > 0
    step_u, step_v = np.eye(3, dtype=np.intp)[u], np.eye(3, dtype=np.intp)[v]
    ring = [number[tuple((places - s).T)] for s in (0 * step_u, step_u, step_u + step_v, step_v)]
    quads = np.stack(ring, axis=1)
    return np.where(leaving[:, None], quads, quads[:, ::-1])
