"""How an avatar was seen when it was sorted: by how much no distance from there can have changed since, and how far the
view of it turned.

The order is that of distances from the head. What moves and keeps its distance, as a hand that passes before the body
or a jaw that falls, stays where it was in the order; so what counts of a motion is how far it goes towards the head or
away from it. Of a part whose corners move by d, seen along u from a distance r, that is at most |u d| + d d / 2 r: the
second term is what is lost of a straight line that passes by. Both are convex in d: between two poses it is no more
than between what it is in each of them.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.stages.extent import Extent, Placement

F64 = NDArray[np.float64]

_NEARER: Final = 0.8
"""Of its distance, as near as a part is taken to come before it is sorted again."""
_LEAST_M: Final = 0.05


class Sight:
    """Of an avatar at `placement`, from `head` (3,), avatar space."""

    def __init__(self, extent: Extent, placement: Placement, head: F64) -> None:
        self._extent, self._placement = extent, placement
        self._corners = placement.corners.reshape(-1, 8, 3)
        self._from = self._corners - head
        self._squares = np.einsum("pcx,pcx->pc", self._from, self._from)
        self.nearest = math.sqrt(float(self._squares.min(initial=math.inf)))
        """Metres to the nearest corner of a part."""
        self._ways, self._away = _seen(self._from)
        joint = placement.face
        ways, away = _seen((extent.face @ joint[:, :3].T + joint[:, 3] - head)[None])
        # In the axes of the rest pose, in which expressions move.
        self._face_ways, self._face_away = ways[0] @ joint[:, :3], float(away[0])

    def turned(self, head: F64, cosine: float) -> bool:
        """Whether from `head` (3,) any corner is seen in a direction that turned by more than the angle of this cosine,
        had it stayed where it was."""
        now = self._corners - head
        lengths = np.sqrt(self._squares * np.einsum("pcx,pcx->pc", now, now))
        return bool((np.einsum("pcx,pcx->pc", self._from, now) < cosine * lengths).any())

    def shifted(self, placement: Placement) -> tuple[float, float]:
        """Metres by which the distance of any part has changed at most, networks not counted, and metres that pose and
        expression have moved the farthest one."""
        moved = placement.corners.reshape(-1, 8, 3) - self._corners
        squares = np.einsum("pcx,pcx->pc", moved, moved).max(axis=1)
        # Inside of a box any corner's way may meet any corner's motion.
        along = np.abs(self._ways @ moved.transpose(0, 2, 1)).max(axis=(1, 2))
        then, extent = self._placement, self._extent
        parts = along + squares / (2 * self._away)
        face, tips = self._face(placement.expression - then.expression)
        parts[extent.expressive] += face
        return float(parts.max()) + extent.slightly(then, placement), float(np.sqrt(squares.max())) + tips

    def _face(self, changed: F64) -> tuple[float, float]:
        tips = np.tensordot(changed, self._extent.tips, 1)
        along, squares = np.abs(tips @ self._face_ways.T).max(axis=1), np.einsum("tx,tx->t", tips, tips)
        shifted = (along + squares / (2 * self._face_away)).max(initial=0.0)
        return float(shifted), float(np.sqrt(squares.max(initial=0.0)))


def _seen(ways: F64) -> tuple[F64, F64]:
    """(P, 8, 3) unit ways to the corners of boxes, and (P,) metres from which what is in them is seen at least."""
    away = np.maximum(np.linalg.norm(ways, axis=2), _LEAST_M)
    return ways / away[..., None], np.maximum(_NEARER * away.min(axis=1), _LEAST_M)
