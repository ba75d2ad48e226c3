"""Where the avatar's parts can be, known on the CPU from the poses alone: for the sort's range and its threshold.

Each joint has a box around the vertices that it moves. Skinning moves every vertex to a weighted mean of where its
joints' matrices send it, so the posed boxes' corners enclose the posed mesh, and no vertex moves farther between two
poses than the corner that moves farthest. Expressions come on top of that. What a joint hardly moves has a box apart,
whose motion counts as little as its weight: weights copied from one body to another put a thousandth of a finger of the
left hand on the right one.

A triangle that moves with one joint alone and has no expression is rigid, and so are its Gaussians, however far they
stand from it (a captured scene hangs on one triangle): they have boxes of their own, many small ones, so that what is
near a head among them is known to turn fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians, TemplateMesh, rest_places
from render.motion.pose import PoseKey

F64 = NDArray[np.float64]

_CORNERS = np.array(list(np.ndindex(2, 2, 2)))
_MOST_CELLS = 64
"""Boxes around the rigid Gaussians of one joint."""
_SMALLEST_CELL = 1024
"""Gaussians for which a box of their own is worth its time."""
_SLIGHT = 0.02
"""A weight under which a joint hardly moves a vertex."""
_FULL_CORRECTION_M = 0.5
"""Motion that brings a network's whole correction about: a hand's from the hip to the chest. Clothes of the starter
avatars move by a 16th of what the body does at most, and are allowed a sixth so."""


@dataclass(frozen=True)
class Placement:
    """The boxes' corners in one pose, avatar space."""

    corners: F64
    """(8 P, 3) metres."""
    slight: F64
    """(8 Q, 3) metres: boxes around what a joint hardly moves, put where that joint alone would have it."""
    expression: F64
    """(E,) weights."""
    stretch: float
    """Metres by which the expression moves anything at most."""
    face: F64
    """(3, 4) the rest pose to here, as the joint of most of the face has it."""

    @cached_property
    def box(self) -> F64:
        """(8, 3) corners of the axis-aligned box around them all."""
        return _box(np.concatenate([self.corners, self.slight]))

    def toward(self, other: Placement, alpha: float) -> Placement:
        """The placement at `alpha` between this (0) and `other` (1)."""
        if self is other or alpha == 0.0:
            return self
        return Placement(
            self.corners + alpha * (other.corners - self.corners),
            self.slight + alpha * (other.slight - self.slight),
            self.expression + alpha * (other.expression - self.expression),
            self.stretch + alpha * (other.stretch - self.stretch),
            self.face + alpha * (other.face - self.face),
        )


class Extent:
    """The boxes at rest, and how far expressions and Gaussians reach beyond them."""

    def __init__(
        self, mesh: TemplateMesh, gs: Gaussians, joints: int, deviations: float, corrections: float = 0.0
    ) -> None:
        """`corrections` is by how many metres the avatar's networks move anything at most."""
        self._corrections = corrections
        # (E, V) of the shapes' lengths; shapes may be halves, in which a square of millimetres is nothing.
        squares = np.einsum("evx,evx->ev", mesh.shapes, mesh.shapes, dtype=np.float32, casting="same_kind")
        shaped = (squares > 0).any(axis=0)
        leader = _leaders(mesh, shaped)[gs.triangle]
        places = rest_places(mesh, gs)
        most = np.zeros(len(mesh.vertices), np.int64)
        parts, slight, weights, expressive = [], [], [], []
        for joint in range(joints):
            weight = np.where(mesh.skin_joints == joint, mesh.skin_weights, 0.0).sum(axis=1)
            hardly = (weight > 0) & (weight < _SLIGHT)
            most += hardly
            mine = weight >= _SLIGHT
            for points in (mesh.vertices[mine], *_cells(places[leader == joint])):
                if len(points):
                    parts.append((joint, _box(points)))
                    expressive.append(bool(shaped[mine].any()))
            if hardly.any():
                slight.append((joint, _box(mesh.vertices[hardly])))
                weights.append(weight[hardly].max())
        self._parts = len(parts)
        self.expressive = np.array(expressive)
        """(P,) whether expressions move any of a part."""
        boxes = np.array([box for _, box in (*parts, *slight)], np.float64)
        self._joints = np.array([joint for joint, _ in (*parts, *slight)])
        self._corners = np.concatenate([boxes, np.ones((len(boxes), 8, 1))], axis=2)
        # A vertex that several joints hardly move is moved by all of them.
        self._weights = np.repeat(most.max() * np.array(weights, np.float64), 8)
        self._offsets = np.sqrt(squares.max(axis=1)).astype(np.float64)
        tips = np.unique(squares.argmax(axis=1))
        self.tips = mesh.shapes[:, tips].astype(np.float64)
        """(E, T, 3) how every expression moves the vertices at which one is strongest, rest pose."""
        faces = mesh.skin_joints[tips, mesh.skin_weights[tips].argmax(axis=1)] if len(tips) else np.zeros(1, np.int64)
        self._face = int(np.bincount(faces).argmax())
        self.face = _box(mesh.vertices[tips] if len(tips) else np.zeros((1, 3)))
        """(8, 3) corners of the box around those, rest pose."""
        points = mesh.vertices[mesh.triangles].astype(np.float64)
        edges = np.linalg.norm(points - np.roll(points, 1, axis=1), axis=2).mean(axis=1)
        away = np.where(leader < 0, np.linalg.norm(gs.offset, axis=1) * edges[gs.triangle], 0.0)
        self._off = float(away.max())
        self._size = float((deviations * gs.scale.max(axis=1) * edges[gs.triangle]).max())
        self.typical = float((deviations * np.median(gs.scale, axis=1) * edges[gs.triangle]).mean())
        """Metres from the middle of a Gaussian to where it ends, on the average."""

    def place(self, key: PoseKey) -> Placement:
        """Where the boxes are at `key`."""
        matrices = key.joints[self._joints, :3].astype(np.float64)
        corners = (self._corners @ matrices.transpose(0, 2, 1)).reshape(-1, 3)
        expression = key.expression.astype(np.float64)
        stretch = float(np.abs(expression) @ self._offsets)
        face = key.joints[self._face, :3].astype(np.float64)
        return Placement(corners[: 8 * self._parts], corners[8 * self._parts :], expression, stretch, face)

    def slightly(self, a: Placement, b: Placement) -> float:
        """Metres that joints move what they hardly move."""
        return float((self._weights * np.linalg.norm(b.slight - a.slight, axis=1)).max(initial=0.0))

    def corrected(self, moved: float) -> float:
        """Metres by which networks move anything where pose and expression `moved` the farthest part: corrections
        follow the pose, and are taken to be all there after half a metre."""
        return self._corrections * min(moved / _FULL_CORRECTION_M, 2.0)

    def reach(self, stretch: float, widening: float = 1.0) -> float:
        """Metres that Gaussians stand out of the boxes at most: moved by expressions, by `stretch`, and by networks,
        off their triangles, and as large as they are, `widening` times. Triangles are taken to be as large as at rest,
        half as much again for safety."""
        return 1.5 * (self._off + widening * self._size) + self._corrections + stretch

    def range_from(self, placement: Placement, point: F64) -> tuple[float, float]:
        """Distances from `point` (3,), avatar space, between which every Gaussian's centre lies."""
        box = placement.box
        low, high = box[0], box[-1]
        farthest = np.linalg.norm(np.maximum(np.abs(low - point), np.abs(high - point)))
        margin = self.reach(placement.stretch, widening=0.0)
        return max(distance_to_box(point, box) - margin, 0.0), float(farthest) + margin


def _box(points: NDArray[np.floating[Any]]) -> F64:
    """(8, 3) corners of the axis-aligned box around points (n, 3)."""
    return np.stack([points.min(axis=0), points.max(axis=0)]).astype(np.float64)[_CORNERS, (0, 1, 2)]


def _leaders(mesh: TemplateMesh, shaped: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(F,) the one joint that moves each triangle, or -1 where there are several, or expressions; those move the
    (V,) `shaped` vertices."""
    sole = mesh.skin_weights.argmax(axis=1)
    rows = np.arange(len(mesh.vertices))
    joint = mesh.skin_joints[rows, sole].astype(np.int64)
    rigid = (mesh.skin_weights[rows, sole] >= 1.0) & ~shaped
    corners = np.where(rigid, joint, -1)[mesh.triangles]
    return np.where((corners == corners[:, :1]).all(axis=1), corners[:, 0], -1)


def _cells(points: F64) -> list[F64]:
    """Points (n, 3) in groups of neighbours, halved along their longest side until they are small or many enough."""
    cells = [points]
    while len(cells) < _MOST_CELLS and len(points) >= 2 * _SMALLEST_CELL * len(cells):
        cells = [half for cell in cells for half in _halves(cell)]
    return cells


def _halves(points: F64) -> tuple[F64, F64]:
    order = np.argpartition(points[:, np.ptp(points, axis=0).argmax()], len(points) // 2)
    return points[order[: len(points) // 2]], points[order[len(points) // 2 :]]


def distance_to_box(point: F64, corners: F64) -> float:
    """Metres from `point` (3,) to the axis-aligned box around `corners` (n, 3); 0 inside."""
    return float(np.linalg.norm(point - np.clip(point, corners.min(axis=0), corners.max(axis=0))))
