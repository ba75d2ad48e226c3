"""Cloth as a shell over the body: every vertex is a mix of body vertices, so it moves as the body does.

A shell is cut from the body's own triangles, made finer, lifted off the skin and drawn taut over its hollows; then it
is clipped along iso-lines, so that its borders are clean curves whatever the mesh, and hemmed with a rolled edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.sparse import csr_matrix, diags, identity, vstack

from assets.forge.anatomy.body import Body
from assets.forge.layer import Surface, vertex_normals
from assets.forge.source import F64, I32


@dataclass(frozen=True)
class Shell:
    """A mesh that remembers what it is made of."""

    vertices: F64
    """(V, 3) metres."""
    triangles: I32
    """(F, 3) counter-clockwise seen from outside."""
    mix: csr_matrix
    """(V, body vertices), rows sum to 1."""
    flat: F64 | None = None
    """(V, 3) where the vertices lay before the cloth fell: what `at` tells, and patterns are drawn on."""
    pull: F64 | None = None
    """(V, joints) how much each joint moves each vertex; the mix of the body's weights where it is None."""

    @property
    def at(self) -> F64:
        """(V, 3) places before the cloth fell; the vertices where it has not."""
        return self.vertices if self.flat is None else self.flat

    def of(self, values: NDArray[np.floating]) -> F64:
        """(V, ...) what per-vertex values (body vertices, ...) of the body are here."""
        flat = np.asarray(values, np.float64).reshape(len(values), -1)
        return np.asarray(self.mix @ flat).reshape(len(self.vertices), *values.shape[1:])

    def following(self, body: Body, even: int, instead: Mapping[str, str] | None = None) -> Shell:
        """The same with skin weights evened out by `even` rounds, since cloth bends more gently than skin; `instead`
        names joints it does not follow, and those it follows in their place."""
        pull, step = self._pull(body), averaging(self.triangles, len(self.vertices))
        for joint, other in (instead or {}).items():
            gone, kept = (body.skeleton.names.index(name) for name in (joint, other))
            pull[:, kept] += pull[:, gone]
            pull[:, gone] = 0.0
        for _ in range(even):
            pull = 0.5 * pull + 0.5 * np.asarray(step @ pull)
        return replace(self, pull=pull)

    def _pull(self, body: Body) -> F64:
        full = np.zeros((len(body.vertices), len(body.skeleton.names)))
        np.add.at(full, (np.arange(len(full))[:, None], body.skin_joints.astype(np.intp)), body.skin_weights)
        return self.of(full)

    def surface(self, body: Body) -> Surface:
        """The piece of template mesh, its skin weights the four heaviest."""
        weights = self._pull(body) if self.pull is None else self.pull
        joints = np.argsort(-weights, axis=1, kind="stable")[:, :4]
        heaviest = np.take_along_axis(weights, joints, axis=1)
        heaviest /= heaviest.sum(axis=1, keepdims=True)
        moved = self.of(body.shapes.transpose(1, 0, 2)).transpose(1, 0, 2)
        return Surface(
            self.vertices,
            self.triangles,
            joints.astype(np.uint16),
            heaviest.astype(np.float32),
            np.ascontiguousarray(moved, np.float32),
        )


def shell_of(body: Body, triangles: I32) -> Shell:
    """The skin itself under these triangles (F, 3 in the body's vertex numbers)."""
    used, inverse = np.unique(triangles, return_inverse=True)
    mix = csr_matrix((np.ones(len(used)), (np.arange(len(used)), used)), (len(used), len(body.vertices)))
    return Shell(body.vertices[used], inverse.reshape(-1, 3).astype(np.int32), mix)


def subdivided(shell: Shell) -> Shell:
    """Every triangle cut in four at the middles of its edges."""
    edges, inverse = np.unique(np.sort(_edges(shell.triangles), axis=1), axis=0, return_inverse=True)
    ab, bc, ca = (len(shell.vertices) + inverse.reshape(3, -1)).astype(np.int32)
    a, b, c = shell.triangles.T
    triangles = np.concatenate([np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    rows = np.repeat(np.arange(len(edges)), 2)
    halves = csr_matrix((np.full(2 * len(edges), 0.5), (rows, edges.ravel())), (len(edges), len(shell.vertices)))
    return _mixed(shell, vstack([identity(len(shell.vertices)), halves]).tocsr(), triangles)


def draped(shell: Shell, thickness: F64, steps: int) -> Shell:
    """Lifted off the skin by at least `thickness` (V,) metres, and drawn taut over what is hollow.

    Relaxation and pushing out take turns: between two hills the cloth spans straight, on them it touches.
    """
    outward = vertex_normals(shell.vertices, shell.triangles)
    step = averaging(shell.triangles, len(shell.vertices))
    for _ in range(4):
        outward = np.asarray(step @ outward)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    place = shell.vertices + thickness[:, None] * outward
    for _ in range(steps):
        place = 0.4 * place + 0.6 * np.asarray(step @ place)
        short = thickness - np.einsum("nc,nc->n", place - shell.vertices, outward)
        place = place + np.maximum(short, 0.0)[:, None] * outward
    for _ in range(3):
        place = 0.5 * place + 0.5 * np.asarray(step @ place)
    return replace(shell, vertices=place)


def hung(shell: Shell, axis: F64, weight: F64, slope: float) -> Shell:
    """Cloth that falls from what stands out: downwards it draws in towards `axis` (V, 3) by at most `slope`.

    The axis is vertical. `weight` (V,), 0 to 1, is how far a vertex takes part; only those above 0 hold the cloth up.
    """
    taking = weight > 0
    away = (shell.vertices - axis)[taking]
    reach, turn = np.hypot(away[:, 0], away[:, 2]), np.arctan2(away[:, 0], away[:, 2])
    height = shell.vertices[taking, 1]
    around, cell = 40, 0.012
    levels = int(np.ptp(height) / cell) + 2
    column = np.round((turn / (2 * np.pi) % 1) * around).astype(np.intp) % around
    row = ((height.max() - height) / cell).astype(np.intp)
    furthest = np.zeros((levels, around))
    np.maximum.at(furthest, (row, column), reach)
    for level in range(1, levels):
        furthest[level] = np.maximum(furthest[level], furthest[level - 1] - slope * cell)
    furthest = gaussian_filter(furthest, (1.5, 1.2), mode=("nearest", "wrap"))
    where = np.stack([(height.max() - height) / cell, (turn / (2 * np.pi) % 1) * around])
    padded = np.concatenate([furthest, furthest[:, :1]], axis=1)
    further = np.maximum(map_coordinates(padded, where, order=1, mode="nearest") - reach, 0) * weight[taking]
    place = shell.vertices.copy()
    place[taking] += (further / np.maximum(reach, 1e-6))[:, None] * away * [1.0, 0.0, 1.0]
    return replace(shell, vertices=place)


def clipped(shell: Shell, field: F64, *, snap: float = 0.0) -> Shell:
    """What of the shell has a positive `field` (V,), triangles cut where it is 0.

    Vertices nearer to the cut than `snap` of an edge are moved onto it, so that no slivers are left.
    """
    field = np.where(np.abs(field) < 1e-7, 1e-7, field)
    if snap:
        shell, field = _snapped(shell, field, snap)
    crossing = np.unique(np.sort(_edges(shell.triangles), axis=1), axis=0)
    crossing = crossing[field[crossing[:, 0]] * field[crossing[:, 1]] < 0]
    first, second = field[crossing[:, 0]], field[crossing[:, 1]]
    share = first / (first - second)
    rows = np.repeat(np.arange(len(crossing)), 2)
    count = len(field)
    between = csr_matrix(
        (np.stack([1 - share, share], axis=1).ravel(), (rows, crossing.ravel())), (len(crossing), count)
    )
    number = {(int(i), int(j)): count + k for k, (i, j) in enumerate(crossing)}

    def cut(i: int, j: int) -> int:
        return number.get((min(i, j), max(i, j)), i if field[i] == 0 else j)

    inside = field >= 0
    whole = inside[shell.triangles].all(axis=1) & (field[shell.triangles] > 0).any(axis=1)
    pieces: list[tuple[int, int, int]] = []
    for triangle in shell.triangles[(field[shell.triangles] > 0).any(axis=1) & ~whole]:
        within = inside[triangle]
        alone = int(np.argmax(within if within.sum() == 1 else ~within))
        a, b, c = (int(triangle[(alone + k) % 3]) for k in range(3))
        if within.sum() == 1:
            pieces.append((a, cut(a, b), cut(c, a)))
        else:
            pieces += [(cut(a, b), b, c), (cut(a, b), c, cut(c, a))]
    sound = [piece for piece in pieces if len(set(piece)) == 3]
    triangles = np.concatenate([shell.triangles[whole], np.array(sound, np.int32).reshape(-1, 3)])
    return parted(_mixed(shell, vstack([identity(count), between]).tocsr(), triangles), triangles)


def _snapped(shell: Shell, field: F64, snap: float) -> tuple[Shell, F64]:
    """Vertices close to the cut moved onto it along the edges that cross it; the field is 0 there."""
    edges = np.unique(np.sort(_edges(shell.triangles), axis=1), axis=0)
    both = np.concatenate([edges, edges[:, ::-1]])
    near, far = both[field[both[:, 0]] * field[both[:, 1]] < 0].T
    share = field[near] / (field[near] - field[far])
    close = share < snap
    near, far, share = near[close], far[close], share[close]
    count = len(field)
    times = np.maximum(np.bincount(near, minlength=count), 1)[near]
    step = csr_matrix((share / times, (near, far)), (count, count)) - csr_matrix(
        (share / times, (near, near)), (count, count)
    )
    moved = field.copy()
    moved[near] = 0.0
    return _mixed(shell, (identity(count) + step).tocsr(), shell.triangles), moved


@dataclass(frozen=True)
class Border:
    """The open edges of a shell, as the cloth lies on their left."""

    edges: I32
    """(E, 2) vertices."""
    vertices: I32
    """(B,) each vertex of the border once."""
    outward: F64
    """(B, 3) unit normals of the cloth."""
    onward: F64
    """(B, 3) unit vectors along the surface, away from the cloth."""


def border_of(shell: Shell, near: Callable[[F64], NDArray[np.bool_]] | None = None) -> Border:
    """All open edges, or those whose both ends are `near` (vertices (V, 3) -> mask (V,))."""
    directed = _edges(shell.triangles)
    key = np.sort(directed, axis=1)
    _, inverse, counts = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    open_ = directed[counts[inverse.reshape(-1)] == 1]
    if near is not None:
        chosen = near(shell.vertices)
        open_ = open_[chosen[open_].all(axis=1)]
    used = np.unique(open_)
    normal = vertex_normals(shell.vertices, shell.triangles)[used]
    ahead = np.zeros_like(shell.vertices)
    for end in (0, 1):
        np.add.at(ahead, open_[:, end], shell.vertices[open_[:, 1]] - shell.vertices[open_[:, 0]])
    onward = np.cross(ahead[used], normal)
    # directions of single vertices are rough where triangles are small: neighbours along the border even them out
    index = np.full(len(shell.vertices), -1)
    index[used] = np.arange(len(used))
    pairs = index[open_]
    for _ in range(3):
        for a, b in (pairs.T, pairs.T[::-1]):
            for vectors in (normal, onward):
                total = vectors.copy()
                np.add.at(total, a, 0.5 * vectors[b])
                vectors[:] = total
    for vectors in (normal, onward):
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return Border(open_, used.astype(np.int32), normal, onward)


def continued(shell: Shell, border: Border, rows: Sequence[F64]) -> Shell:
    """The shell with strips added at a border; `rows` are the new vertices' positions (B, 3), one row after another.

    They are made of the same mix as the border's own vertices.
    """
    index = np.full(len(shell.vertices), -1)
    index[border.vertices] = np.arange(len(border.vertices))
    a, b = index[border.edges].T
    triangles = [shell.triangles]
    last = border.vertices
    for k in range(len(rows)):
        fresh = len(shell.vertices) + k * len(border.vertices) + np.arange(len(border.vertices))
        triangles += [np.stack([last[b], last[a], fresh[a]], 1), np.stack([last[b], fresh[a], fresh[b]], 1)]
        last = fresh.astype(np.int32)
    return Shell(
        np.concatenate([shell.vertices, *rows]),
        np.concatenate(triangles).astype(np.int32),
        vstack([shell.mix] + [shell.mix[border.vertices]] * len(rows)).tocsr(),
        *(
            None if each is None else np.concatenate([each] + [each[border.vertices]] * len(rows))
            for each in (shell.flat, shell.pull)
        ),
    )


@dataclass(frozen=True)
class Hemmed:
    """A finished piece of cloth."""

    shell: Shell
    facing: F64
    """(V, 3) the normals of the cloth, not of its rolled edge: what lies at the edge lies flat."""
    onward: F64
    """(V, 3) at the edge the unit vectors along the cloth and away from it, 0 elsewhere."""
    edge: F64
    """(P, 3) points along the edge, about a millimetre apart."""
    border: Border
    """Where the cloth ends and its rolled edge begins."""
    lining: I32
    """(L,) the border's vertex that each of the rolled edge's vertices, which stand last, continues."""

    def lining_among(self, used: I32) -> I32:
        """`lining` where only the vertices `used` (ascending) are left; those without their border's vertex go on from
        the first."""
        inner = len(self.shell.vertices) - len(self.lining)
        kept = self.lining[used[used >= inner] - inner]
        number = np.searchsorted(used, kept).clip(0, len(used) - 1)
        return np.where(used[number] == kept, number, 0).astype(np.int32)


def hemmed(shell: Shell, border: Border, *, thickness: float, turn: float) -> Hemmed:
    """The border rolled over by `thickness` metres and the lining turned in by `turn`."""
    start, out, on = shell.vertices[border.vertices], border.outward, border.onward
    rows = [
        start + 0.35 * thickness * on - 0.15 * thickness * out,
        start + 0.35 * thickness * on - 0.85 * thickness * out,
        start - thickness * out,
        start - turn * on - 1.4 * thickness * out,
    ]
    facing = np.concatenate([vertex_normals(shell.vertices, shell.triangles)] + [out] * len(rows))
    onward = np.zeros_like(shell.vertices)
    onward[border.vertices] = on
    onward = np.concatenate([onward] + [on] * len(rows))
    a, b = shell.vertices[border.edges[:, 0]], shell.vertices[border.edges[:, 1]]
    edge = np.concatenate([a + (b - a) * share for share in np.arange(8) / 8])
    return Hemmed(continued(shell, border, rows), facing, onward, edge, border, np.tile(border.vertices, len(rows)))


def _edges(triangles: I32) -> I32:
    return np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


def averaging(triangles: I32, count: int) -> csr_matrix:
    """Each vertex's mean over its neighbours; the rim's vertices see the rim alone, so that it does not draw back."""
    edges, uses = np.unique(np.sort(_edges(triangles), axis=1), axis=0, return_counts=True)
    rim = np.zeros(count, bool)
    rim[edges[uses == 1]] = True
    inner = (uses > 1)[:, None] & rim[edges]
    edges = np.concatenate([edges, edges[:, ::-1]])
    edges = edges[~np.concatenate([inner[:, 0], inner[:, 1]])]
    joined = csr_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (count, count))
    return (diags(1 / np.maximum(np.asarray(joined.sum(axis=1)).ravel(), 1)) @ joined).tocsr()


def _mixed(shell: Shell, how: csr_matrix, triangles: I32) -> Shell:
    flat, pull = (None if each is None else np.asarray(how @ each) for each in (shell.flat, shell.pull))
    return Shell(np.asarray(how @ shell.vertices), triangles.astype(np.int32), (how @ shell.mix).tocsr(), flat, pull)


def parted(shell: Shell, triangles: I32) -> Shell:
    """Those triangles alone, numbered afresh."""
    used, inverse = np.unique(triangles, return_inverse=True)
    flat, pull = (None if each is None else each[used] for each in (shell.flat, shell.pull))
    return Shell(shell.vertices[used], inverse.reshape(-1, 3).astype(np.int32), shell.mix[used].tocsr(), flat, pull)
