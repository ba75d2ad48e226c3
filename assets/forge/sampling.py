"""Spreads samples over a mesh as blue noise in a progressive order: every prefix covers the surface evenly.

Rounds of maximal Poisson-disc sampling, the radius shrinking by sqrt(2) each round, earlier samples kept (after McCool
and Fiume 1992, "Hierarchical Poisson disk sampling distributions"; independent sets in parallel as in Luby 1986).
A maximal set leaves no point of the surface farther than its radius from a sample, so discs of that size leave no hole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.layer import vertex_normals
from assets.forge.source import F64, I32

_OVERSAMPLING: Final = 4
"""Candidates for each sample; fewer leave gaps, more cost time."""
_NEIGHBOURS: Final = 18
_HEXAGONAL: Final = (4 / 3) ** 0.25
"""Distance of neighbours in a hexagonal grid whose points have area 1 each."""
_FILL: Final = 0.51
"""Samples of a maximal Poisson-disc set of radius r on area A, times r^2 / A."""


@dataclass(frozen=True)
class Samples:
    """Points on a mesh, in progressive order."""

    triangle: I32
    """(N,)."""
    barycentric: F64
    """(N, 3), rows sum to 1."""
    position: F64
    """(N, 3) metres."""
    normal: F64
    """(N, 3) unit, interpolated between the vertices' normals."""
    spacing: F64
    """(N,) metres: the side of the square that is each sample's share of the surface, as its neighbours leave it."""

    def __len__(self) -> int:
        return len(self.triangle)

    def corner_values(self, values: NDArray[np.floating]) -> F64:
        """(N, ...) of per-corner values (F, 3, ...), such as texture coordinates."""
        return np.asarray(np.einsum("nk,nk...->n...", self.barycentric, values[self.triangle]))

    def keep(self, index: NDArray[np.bool_]) -> Samples:
        """The samples where `index` is true, same order."""
        return Samples(
            self.triangle[index],
            self.barycentric[index],
            self.position[index],
            self.normal[index],
            self.spacing[index],
        )


def scatter(
    vertices: F64, triangles: I32, count: int, seed: int, *, detail: F64 | float = 1.0, normals: F64 | None = None
) -> Samples:
    """About `count` samples (within a few) on a mesh.

    detail: (F,) or one number, how much closer samples stand there than where it is 1 (0 leaves a triangle bare).
    normals: (V, 3) vertex normals where the mesh's own are not wanted.
    """
    random = np.random.default_rng([seed, count])
    detail = np.broadcast_to(np.asarray(detail, np.float64), len(triangles))
    weight = _areas(vertices, triangles) * detail**2
    total = float(weight.sum())
    triangle, barycentric = candidates(weight, max(_OVERSAMPLING * count, 64), random)
    corners = vertices[triangles[triangle]]
    position = np.einsum("nk,nkc->nc", barycentric, corners)
    shading = vertex_normals(vertices, triangles) if normals is None else normals
    normal = np.einsum("nk,nkc->nc", barycentric, shading[triangles[triangle]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    local = 1.0 / detail[triangle]
    order = _progressive(position, facing, local, total, count)
    spacing = _measured(position[order], facing[order], np.sqrt(total / max(len(order), 1)) * local[order])
    return Samples(triangle[order], barycentric[order], position[order], normal[order], spacing)


def uniform(vertices: F64, triangles: I32, count: int, seed: int) -> tuple[I32, F64]:
    """Triangles (count,) and barycentrics (count, 3) of points spread by area; cheap, but some lie close together."""
    return candidates(_areas(vertices, triangles), count, np.random.default_rng([seed, count]))


def uniform_points(vertices: F64, triangles: I32, spacing: float, seed: int) -> F64:
    """Points on a mesh without further properties, about three for every square of side `spacing`: (N, 3)."""
    if not len(triangles):
        return np.zeros((0, 3))
    count = int(3 * _areas(vertices, triangles).sum() / spacing**2) + 1
    triangle, barycentric = uniform(vertices, triangles, count, seed)
    return np.asarray(np.einsum("nk,nkc->nc", barycentric, vertices[triangles[triangle]]))


def candidates(weight: F64, count: int, random: np.random.Generator) -> tuple[I32, F64]:
    """Systematic picks of triangles by weight, R2-sequence points in them (Roberts 2018), then shuffled."""
    edges = np.cumsum(weight)
    places = (np.arange(count) + random.random()) / count * edges[-1]
    triangle = np.minimum(np.searchsorted(edges, places, side="right"), len(weight) - 1)
    plastic = 1.32471795724474602596
    steps = np.arange(1, count + 1)[:, None] * np.array([1 / plastic, 1 / plastic**2])
    u, v = ((steps + random.random(2)) % 1.0).T
    folded = u + v > 1
    u, v = np.where(folded, 1 - u, u), np.where(folded, 1 - v, v)
    shuffle = random.permutation(count)
    return triangle[shuffle].astype(np.int32), np.stack([1 - u - v, u, v], axis=1)[shuffle]


def _progressive(position: F64, facing: F64, local: F64, total: float, count: int) -> NDArray[np.intp]:
    accepted = np.empty(0, np.intp)
    for halvings in range(int(np.ceil(np.log2(max(count / 32, 1)))), -1, -1):
        wanted = int(np.ceil(1.02 * count / 2**halvings))
        pool = np.union1d(accepted, np.arange(min(_OVERSAMPLING * wanted, len(position))))
        first = np.zeros(len(pool), bool)
        first[np.searchsorted(pool, accepted)] = True
        radius = np.sqrt(_FILL * total / wanted) * local[pool]
        fresh = pool[_independent(position[pool], facing[pool], radius, first)]
        accepted = np.concatenate([accepted, np.setdiff1d(fresh, accepted)])
    return accepted[:count]


def _independent(position: F64, facing: F64, radius: F64, first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A maximal set of points no two of which are nearer than the mean of their radii; `first` are in it already.

    Points on opposite sides of a thin sheet (an ear, a lid) do not see each other.
    """
    near = min(_NEIGHBOURS, len(position))
    # not balanced: where a graphics library has set the processor to flush denormals, building that kind never ends
    distance, other = cKDTree(position, balanced_tree=False).query(position, k=near)
    one = np.repeat(np.arange(len(position)), near).reshape(-1, near)
    close = (other != one) & (distance < (radius[one] + radius[other]) / 2)
    a, b = one[close], other[close]
    same_side = np.einsum("nc,nc->n", facing[a], facing[b]) > 0
    a, b = a[same_side], b[same_side]
    chosen = first.copy()
    undecided = ~first
    undecided[b[chosen[a]]] = False
    undecided[a[chosen[b]]] = False
    rank = np.arange(len(position))
    while undecided.any():
        live = undecided[a] & undecided[b]
        a, b = a[live], b[live]
        best = np.full(len(position), len(position))
        np.minimum.at(best, a, rank[b])
        np.minimum.at(best, b, rank[a])
        winners = undecided & (rank < best)
        chosen |= winners
        undecided &= ~winners
        undecided[b[winners[a]]] = False
        undecided[a[winners[b]]] = False
    return chosen


def _measured(position: F64, facing: F64, nominal: F64) -> F64:
    """Spacing from the six nearest samples on the same side, where that is wider than planned: beside gaps."""
    near = min(16, len(position))
    distance, other = cKDTree(position, balanced_tree=False).query(position, k=near)
    distance, other = distance.reshape(-1, near), other.reshape(-1, near)
    same_side = np.einsum("nc,nkc->nk", facing, facing[other]) > 0
    distance = np.sort(np.where(same_side, distance, np.inf), axis=1)[:, 1:7]
    six = np.where(np.isfinite(distance).all(axis=1), distance.mean(axis=1), nominal)
    return np.asarray(np.clip(six / _HEXAGONAL, nominal, 1.6 * nominal))


def _areas(vertices: F64, triangles: I32) -> F64:
    corners = vertices[triangles]
    return np.asarray(
        np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    )
