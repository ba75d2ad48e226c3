"""Where an avatar is in the world between two keys, and whether its order of depth is too old for that.

Asked in every frame, while keys change 20 to 30 times a second and a place hardly ever: what can be known of a key or
of a place is found when it is new, and a frame blends it. What is blended encloses the truth: the box around a blend
of two poses lies in the blend of their boxes, and no part moves farther between two poses than the blend of how far it
does to each of them. Only where that does not tell is the pose itself blended and looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from render.errors import ViewError
from render.stages.extent import Extent, Placement
from render.stages.sight import Sight

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Between:
    """A pose between two others."""

    before: Placement
    after: Placement
    alpha: float
    """0 is before, 1 after."""

    @cached_property
    def placement(self) -> Placement:
        """The boxes of this very pose."""
        return self.before.toward(self.after, self.alpha)

    @property
    def stretch(self) -> float:
        """As a placement has it."""
        return self.before.stretch + self.alpha * (self.after.stretch - self.before.stretch)


class Place:
    """Where the avatar stands; one that does not move is looked at once."""

    def __init__(self, model: F64) -> None:
        """model: (4, 4) avatar to world. Raises ViewError where it is no rotation, size and translation."""
        fits = np.shape(model) == (4, 4) and bool(np.isfinite(model).all())
        determinant = float(np.linalg.det(model[:3, :3])) if fits else 0.0
        if not determinant > 0:
            raise ViewError("The avatar cannot stand there: its place must be a rotation, a size and a translation.")
        self.model = np.array(model, np.float64)
        self.bytes = self.model.tobytes()
        """What it is known by."""
        self.size = float(np.cbrt(determinant))
        """Metres in the world for one of the avatar's."""
        inverse = np.linalg.inv(self.model)
        self._back, self._origin = inverse[:3, :3], inverse[:3, 3]
        self._turn, self._feet = self.model[:3, :3].T, self.model[:3, 3]
        self._boxes: tuple[Placement, Placement, F64, F64] | None = None

    def to_avatar(self, point: F64) -> F64:
        """A (3,) point of the world in the avatar's space."""
        return np.asarray(self._back @ point + self._origin)

    def to_world(self, points: F64) -> F64:
        """Points (n, 3) of the avatar's space in the world."""
        return np.asarray(points @ self._turn + self._feet)

    def box(self, pose: Between) -> F64:
        """(8, 3) corners in the world of a box around the parts."""
        known = self._boxes
        if known is None or known[0] is not pose.before or known[1] is not pose.after:
            first = self.to_world(pose.before.box)
            known = self._boxes = pose.before, pose.after, first, self.to_world(pose.after.box) - first
        return np.asarray(known[2] + pose.alpha * known[3])


class SortTrigger:
    """Says when the order is too old: by how far anyone's view of any part turned, and by how much any part's distance
    changed."""

    def __init__(self, extent: Extent, *, turn: float, move: float) -> None:
        """turn: radians; move: metres."""
        self._extent = extent
        self._cosine, self._sine, self._move = math.cos(turn), math.sin(turn), move
        self._sorted: _Sorted | None = None

    def due(self, pose: Between, head: F64) -> bool:
        """Whether to sort now, with the parts at `pose` and the head at `head` (3,), avatar space; if so, this is the
        state that later ones are compared with."""
        if self._sorted is not None and not self._stale(pose, head, self._sorted):
            return False
        self._sorted = _Sorted(self._extent, pose.placement, head)
        return True

    def expect(self, placement: Placement) -> None:
        """Find out by now how far everything is from there, for poses to come."""
        if self._sorted is not None:
            self._sorted.moved_to(placement)

    def forget(self) -> None:
        """Have the next state sorted, whatever it is."""
        self._sorted = None

    def _stale(self, pose: Between, head: F64, then: _Sorted) -> bool:
        if self._too_far(*then.at_most(pose)) and self._too_far(*then.sight.shifted(pose.placement)):
            return True
        # No corner turned by more than this step does at the nearest of them (law of sines).
        if math.dist(head.tolist(), then.head) <= self._sine * then.sight.nearest:
            return False
        return then.sight.turned(head, self._cosine)

    def _too_far(self, shifted: float, moved: float) -> bool:
        return shifted + self._extent.corrected(moved) > self._move


class _Sorted:
    """How everything was at the last sort."""

    def __init__(self, extent: Extent, placement: Placement, head: F64) -> None:
        self._extent, self._placement, self._head = extent, placement, head
        self.head: list[float] = head.tolist()
        self._shifted: tuple[tuple[Placement, float, float], ...] = ()

    @cached_property
    def sight(self) -> Sight:
        """What was seen then; found once the frame that sorted is done."""
        return Sight(self._extent, self._placement, self._head)

    def at_most(self, pose: Between) -> tuple[float, float]:
        """As `Sight.shifted` has it, or more."""
        shifted, moved = self.moved_to(pose.before)
        if pose.alpha == 0.0:
            return shifted, moved
        a, b = self.moved_to(pose.after)
        return shifted + pose.alpha * (a - shifted), moved + pose.alpha * (b - moved)

    def moved_to(self, placement: Placement) -> tuple[float, float]:
        """The same of a key's placement; those of the last two are remembered."""
        for known, *found in self._shifted:
            if known is placement:
                return found[0], found[1]
        shifted, moved = self.sight.shifted(placement)
        self._shifted = (*self._shifted[-1:], (placement, shifted, moved))
        return shifted, moved
