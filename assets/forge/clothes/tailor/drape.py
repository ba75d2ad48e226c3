"""Lets cloth fall: position-based dynamics over the standing body, until it hangs as cloth does.

Edges keep their length, bends resist a little, gravity pulls, the body and what is worn beneath hold (Müller et al.
2007, "Position based dynamics"; many small steps of one sweep each, Macklin et al. 2019). Only sums, products and roots
are used, in a fixed order, so the same input falls in the same folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.layer import vertex_normals
from assets.forge.source import F64, I32

_STEP_S: Final = 1 / 400
_GRAVITY: Final = 2.0
_DAMPING: Final = 0.99
_FRICTION: Final = 0.35
_REFRESH: Final = 8
"""Steps between two searches for what lies nearest."""
_APART: Final = 0.12
"""Metres that count between one limb and another, so that a sleeve lies on its arm and not on the ribs beside it."""


@dataclass(frozen=True)
class Obstacle:
    """What cloth cannot pass: points (P, 3) with outward unit normals (P, 3), and the limb (P, L) each belongs to."""

    points: F64
    normals: F64
    limbs: F64

    def __add__(self, other: Obstacle) -> Obstacle:
        return Obstacle(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.normals, other.normals]),
            np.concatenate([self.limbs, other.limbs]),
        )

    def cleared(self, place: F64, limbs: F64, clearance: F64 | float) -> F64:
        """Places (V, 3) moved out to at least `clearance` metres from what is nearest."""
        for _ in range(2):
            near = self.tree().query(np.concatenate([place, _APART * limbs], axis=1))[1]
            normal = self.normals[near]
            short = clearance - ((place - self.points[near]) * normal).sum(axis=1)
            place = place + np.maximum(short, 0.0)[:, None] * normal
        return place

    def tree(self) -> cKDTree:
        """Of places and limbs in one space."""
        return cKDTree(np.concatenate([self.points, _APART * self.limbs], axis=1), balanced_tree=False)


@dataclass(frozen=True)
class Cloth:
    """What is to fall."""

    triangles: I32
    """(F, 3)."""
    lengths: F64
    """(E,) wanted lengths of `edges_of(triangles)`, metres."""
    clearance: F64
    """(V,) least distance from the obstacle, metres."""
    limbs: F64
    """(V, L) as in Obstacle."""
    held: F64
    """(V,) 0 where it falls freely, 1 where it stays in place, between where it is drawn back a little each step."""
    bend: float = 0.06
    """0 soft to 1 stiff: how much of a bend each sweep takes back."""


def _dot(a: F64, b: F64) -> F64:
    """(N,) of vectors (N, 3)."""
    return np.asarray(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2])


def edges_of(triangles: I32) -> I32:
    """(E, 2) every edge once, smaller vertex first, sorted."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int32)


def fallen(cloth: Cloth, start: F64, obstacle: Obstacle, steps: int) -> F64:
    """(V, 3) where vertices come to lie that begin at `start` (V, 3) at rest."""
    stretch = _batches(edges_of(cloth.triangles), cloth.lengths, 1.0)
    across, width = _bends(cloth.triangles, start)
    bends = _batches(across, width, cloth.bend)
    tree = obstacle.tree()
    free = 1.0 - cloth.held
    place, velocity = start.copy(), np.zeros_like(start)
    near = np.zeros(len(start), np.intp)
    for step in range(steps):
        before = place.copy()
        velocity *= _DAMPING
        velocity[:, 1] -= _GRAVITY * _STEP_S
        place += (_STEP_S * free)[:, None] * velocity
        for batch in bends:
            batch.relax(place)
        for batch in stretch:
            batch.relax(place)
        if step % _REFRESH == 0:
            near = tree.query(np.concatenate([place, _APART * cloth.limbs], axis=1))[1]
        normal = obstacle.normals.take(near, axis=0)
        away = place - obstacle.points.take(near, axis=0)
        short = cloth.clearance - _dot(away, normal)
        touching = short > 0
        push = np.where(touching, short, 0.0)[:, None] * normal
        slid = place - before
        slid -= _dot(slid, normal)[:, None] * normal
        place += push - _FRICTION * touching[:, None] * slid
        place += cloth.held[:, None] * (start - place)
        velocity = (place - before) / _STEP_S
    return place


@dataclass(frozen=True)
class _Batch:
    """Distance constraints no two of which share a vertex."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    length: F64
    share: float

    def relax(self, place: F64) -> None:
        a, b = place.take(self.first, axis=0), place.take(self.second, axis=0)
        apart = b - a
        now = np.sqrt(_dot(apart, apart))
        apart *= (0.5 * self.share * (1 - self.length / np.maximum(now, 1e-9)))[:, None]
        place[self.first] = a + apart
        place[self.second] = b - apart


def _batches(pairs: I32, lengths: F64, share: float) -> list[_Batch]:
    """Constraints coloured greedily, so that each colour can be relaxed at once."""
    taken = [0] * (int(pairs.max()) + 1)
    colours: list[list[int]] = []
    for index, (a, b) in enumerate(pairs.tolist()):
        used = taken[a] | taken[b]
        colour = (~used & (used + 1)).bit_length() - 1
        taken[a] |= 1 << colour
        taken[b] |= 1 << colour
        if colour == len(colours):
            colours.append([])
        colours[colour].append(index)
    return [
        _Batch(pairs[chosen, 0].astype(np.intp), pairs[chosen, 1].astype(np.intp), lengths[chosen], share)
        for chosen in map(np.array, colours)
    ]


def _bends(triangles: I32, place: F64) -> tuple[I32, F64]:
    """The two vertices across every inner edge, and how far they are apart."""
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    opposite = np.concatenate([triangles[:, 2], triangles[:, 0], triangles[:, 1]])
    key = np.sort(directed, axis=1)
    order = np.lexsort((key[:, 1], key[:, 0]))
    key, opposite = key[order], opposite[order]
    same = np.flatnonzero((key[1:] == key[:-1]).all(axis=1))
    across = np.stack([opposite[same], opposite[same + 1]], axis=1).astype(np.int32)
    return across, np.linalg.norm(place[across[:, 0]] - place[across[:, 1]], axis=1)


def obstacle_of(vertices: F64, triangles: I32, limbs: F64) -> Obstacle:
    """The surface as an obstacle: its vertices and the middles of its triangles; limbs (V, L)."""
    normals = vertex_normals(vertices, triangles)
    corners = vertices[triangles]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-20)
    used = np.unique(triangles)
    return Obstacle(
        np.concatenate([vertices[used], corners.mean(axis=1)]),
        np.concatenate([normals[used], facing]),
        np.concatenate([limbs[used], limbs[triangles].mean(axis=1)]),
    )
