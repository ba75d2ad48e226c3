"""Edges under Gaussians: painted on a surface, or where it ends or folds, and how thin discs have to be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.model import F64, Model

SHARP: Final = 0.12
"""Step of display values from disc to disc at which an edge is as sharp as that."""
STRETCH: Final = 2.2
"""How many times a disc at an edge in the picture is thinner across and longer along it, at most. Discs hide those
behind them towards their far side, so edges are as crisp as discs are thin."""
_FOLD: Final = 0.8
"""Cosine between two triangles from which their edge is a fold."""
_REACH: Final = 0.6
"""Deviation of a disc across a hard edge, in its distance from it."""
_THINNEST: Final = 4.0

Look = Callable[[F64, F64], F64]
"""Barycentric coordinates (N, 3), footprints (N,) in metres → (N, 4) linear colour and alpha of a picture there."""


def painted_edges(points: F64, barycentric: F64, spacing: F64, look: Look) -> tuple[F64, F64]:
    """The way across the edge in the picture around each disc (N, 3), and its stretch (N,), by the structure tensor
    (Förstner 1987) of differences a spacing to either side; as `look` finds them."""
    normal, slopes = _slopes(points)
    first = unit(points[:, 1] - points[:, 0])
    ways = first, np.cross(unit(normal), first)
    steps = []
    for way in ways:
        shift = spacing[:, None] * np.einsum("nc,nkc->nk", way, slopes)
        steps.append(
            np.sqrt(look(barycentric + shift, spacing).clip(0, 1))
            - np.sqrt(look(barycentric - shift, spacing).clip(0, 1))
        )
    a, b, c = (np.einsum("nc,nc->n", one, two) for one, two in ((steps[0],) * 2, tuple(steps), (steps[1],) * 2))
    angle = 0.5 * np.arctan2(2 * b, a - c)
    spread = np.hypot(a - c, 2 * b)
    sharp = np.clip(np.sqrt((a + c + spread) / 2) / SHARP, 0, 1) * spread / np.maximum(a + c, 1e-12)
    across = np.cos(angle)[:, None] * ways[0] + np.sin(angle)[:, None] * ways[1]
    return across, 1 + (STRETCH - 1) * sharp


def hard_edges(model: Model) -> NDArray[np.bool_]:
    """(F, 3) whether the surface ends or folds at the edge opposite to each corner."""
    _, place = np.unique(model.vertices.round(6), axis=0, return_inverse=True)
    triangles = place.reshape(-1)[model.triangles]
    points = model.vertices[model.triangles]
    normal = unit(np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]))
    ends = np.sort(np.stack([np.roll(triangles, -1, axis=1), np.roll(triangles, -2, axis=1)], axis=2), axis=2)
    _, edge, count = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True, return_counts=True)
    total = np.zeros((len(count), 3))
    np.add.at(total, edge.reshape(-1), np.repeat(normal, 3, axis=0))
    # Of two unit normals at an angle the sum is 2 cos(angle / 2) long.
    folded = np.linalg.norm(total, axis=1) < 2 * np.sqrt((1 + _FOLD) / 2)
    return np.asarray(((count != 2) | folded)[edge.reshape(-1)].reshape(-1, 3))


def near_borders(hard: NDArray[np.bool_], points: F64, barycentric: F64, radius: F64) -> tuple[F64, F64]:
    """The way to the nearest hard edge of each disc's triangle (N, 3), and how much thinner it has to be that way so
    as not to reach over it (N,)."""
    _, slopes = _slopes(points)
    steep = np.linalg.norm(slopes, axis=2)
    away = np.where(hard, barycentric.clip(0, 1) / np.maximum(steep, 1e-12), np.inf)
    nearest, row = away.argmin(axis=1), np.arange(len(away))
    thin = radius / np.clip(_REACH * away[row, nearest], radius / _THINNEST, radius)
    return unit(slopes[row, nearest]), thin


def _slopes(points: F64) -> tuple[F64, F64]:
    """Normals of triangles (N, 3), and how the barycentric coordinates grow over them (N, 3, 3), a metre."""
    normal = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    slopes = np.cross(normal[:, None], np.roll(points, -2, axis=1) - np.roll(points, -1, axis=1))
    return normal, slopes / np.maximum(np.square(normal).sum(axis=1), 1e-30)[:, None, None]


def unit(vectors: F64) -> F64:
    """(N, 3) of length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-20))
