"""Lines on a mesh: where a field is zero, points along them at even steps, and the place of any point on the mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.layer import vertex_normals
from assets.forge.source import F64, I32


@dataclass(frozen=True)
class Places:
    """Points on a mesh."""

    triangle: I32
    """(N,)."""
    barycentric: F64
    """(N, 3)."""
    position: F64
    """(N, 3)."""
    normal: F64
    """(N, 3) unit."""

    def at(self, which: NDArray[np.bool_]) -> Places:
        """Those where `which` (N,) is true."""
        return Places(self.triangle[which], self.barycentric[which], self.position[which], self.normal[which])


def isolines(vertices: F64, triangles: I32, field: F64) -> list[F64]:
    """Polylines (P, 3), longest first, where `field` (V,) goes through zero; closed ones end where they begin."""
    field = np.where(field == 0, 1e-12, field)
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]], axis=2)
    crossed = (field[edges[..., 0]] > 0) != (field[edges[..., 1]] > 0)
    hit = np.flatnonzero(crossed.any(axis=1))
    pairs = edges[hit][crossed[hit]].reshape(-1, 2, 2)
    unique, inverse = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
    if not len(unique):
        return []
    a, b = unique.T
    share = (field[a] / (field[a] - field[b]))[:, None]
    points = vertices[a] * (1 - share) + vertices[b] * share
    return chained(points, inverse.reshape(-1, 2).astype(np.int32))


def stepped(line: F64, pitch: float) -> tuple[F64, F64]:
    """Points (N, 3) about `pitch` apart along a polyline, and the unit directions (N, 3) of the line there."""
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    total = np.concatenate([[0.0], np.cumsum(lengths)])
    count = max(round(float(total[-1]) / pitch), 1)
    at = (np.arange(count) + 0.5) * total[-1] / count
    points = np.stack([np.interp(at, total, line[:, k]) for k in range(3)], axis=1)
    ahead = np.stack([np.interp(at + 0.4 * pitch, total, line[:, k]) for k in range(3)], axis=1)
    behind = np.stack([np.interp(at - 0.4 * pitch, total, line[:, k]) for k in range(3)], axis=1)
    way = ahead - behind
    return points, np.asarray(way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-12))


def smoothed(line: F64, rounds: int) -> F64:
    """A polyline with its zigzag taken out; its ends stay, a closed one stays closed."""
    closed = len(line) > 3 and bool(np.all(line[0] == line[-1]))
    place = line.copy()
    for _ in range(rounds):
        if closed:
            ring = place[:-1]
            ring = 0.5 * ring + 0.25 * (np.roll(ring, 1, axis=0) + np.roll(ring, -1, axis=0))
            place = np.concatenate([ring, ring[:1]])
        else:
            place[1:-1] = 0.5 * place[1:-1] + 0.25 * (place[:-2] + place[2:])
    return place


def onto(vertices: F64, triangles: I32, points: F64, normals: F64 | None = None) -> Places:
    """The nearest places on the mesh to points (N, 3), among the triangles whose middles are nearest."""
    normals = vertex_normals(vertices, triangles) if normals is None else normals
    corners = vertices[triangles]
    near = min(10, len(triangles))
    _, candidates = cKDTree(corners.mean(axis=1), balanced_tree=False).query(points, k=near)
    candidates = candidates.reshape(len(points), near)
    best = np.full(len(points), np.inf)
    triangle = np.zeros(len(points), np.int32)
    barycentric = np.zeros((len(points), 3))
    for k in range(near):
        mine = candidates[:, k]
        share = _nearest(corners[mine], points)
        away = np.linalg.norm(np.einsum("nk,nkc->nc", share, corners[mine]) - points, axis=1)
        better = away < best
        best[better], triangle[better], barycentric[better] = away[better], mine[better], share[better]
    normal = np.einsum("nk,nkc->nc", barycentric, normals[triangles[triangle]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
    position = np.einsum("nk,nkc->nc", barycentric, corners[triangle])
    return Places(triangle, barycentric, position, normal)


def _nearest(corners: F64, points: F64) -> F64:
    """(N, 3) barycentric coordinates of the point of each triangle (N, 3, 3) that is about nearest to points (N, 3).

    Outside, the coordinates are clipped and scaled: exact on edges up to the triangle's own skew, enough for trims.
    """
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac, ap = b - a, c - a, points - a
    d00, d01, d11 = (ab * ab).sum(1), (ab * ac).sum(1), (ac * ac).sum(1)
    d20, d21 = (ap * ab).sum(1), (ap * ac).sum(1)
    area = np.maximum(d00 * d11 - d01 * d01, 1e-24)
    v, w = (d11 * d20 - d01 * d21) / area, (d00 * d21 - d01 * d20) / area
    share = np.maximum(np.stack([1 - v - w, v, w], axis=1), 0.0)
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def chained(points: F64, segments: I32) -> list[F64]:
    """Segments (S, 2) of point numbers joined end to end."""
    beside: dict[int, list[int]] = {}
    for a, b in segments.tolist():
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    lines = []
    starts = sorted(beside, key=lambda point: (len(beside[point]) != 1, point))
    for start in starts:
        line = [start]
        while beside[line[-1]]:
            following = beside[line[-1]].pop(0)
            beside[following].remove(line[-1])
            line.append(following)
        if len(line) > 2:
            lines.append(points[line])
    return sorted(lines, key=lambda line: -float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()))
