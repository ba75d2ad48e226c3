"""What one cannot stand in: walls, and what stands on the floor, as lines and outlines seen from above.

Planes are what headsets tell (planes.py); a plane that reaches into the space that a body takes up is in the way. Walls
are thin, and who stands on this side of one is not moved to the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.placement.motion import Place

F64 = NDArray[np.float64]

CLEARANCE: Final = 0.3
"""Metres around someone of human size."""
_LEAST_CLEARANCE: Final = 0.08
_STEP: Final = 0.12
"""Metres above the floor that are still floor (rugs, and errors)."""
_OVERHEAD: Final = 2.0
"""Metres above the floor under which one can stand."""
_FARTHEST: Final = 3.0
"""Metres within which a free place is looked for."""
_RING_M: Final = 0.06
"""From one distance that is looked at to the next."""
_UPRIGHT: Final = 0.3
"""Of a normal's y: what is less is a wall, what is more than the cosine is level."""


class Kind(StrEnum):
    """What a plane is part of, as far as the headset knows."""

    FLOOR = "floor"
    CEILING = "ceiling"
    WALL = "wall"
    TABLE = "table"
    OTHER = "other"


@dataclass(frozen=True)
class Plane:
    """A flat piece of the room."""

    outline: F64
    """(n, 3) corners in the session's space, in turn, at least three."""
    kind: Kind = Kind.OTHER

    @property
    def normal(self) -> F64:
        """(3,) of unit length (Newell's method: any polygon, however it is cut)."""
        here, after = self.outline, np.roll(self.outline, -1, axis=0)
        normal = np.cross(here, after).sum(axis=0)
        return np.asarray(normal / max(float(np.linalg.norm(normal)), 1e-12), np.float64)

    @property
    def upright(self) -> bool:
        """Whether it stands like a wall."""
        return bool(abs(self.normal[1]) < _UPRIGHT)

    @property
    def level(self) -> bool:
        """Whether it lies like a floor, a table or a ceiling."""
        return bool(abs(self.normal[1]) > 1.0 - _UPRIGHT)


def floor_of(planes: Iterable[Plane], eyes: float) -> float | None:
    """Height of the floor under someone whose eyes are at this height: of what is said to be one, else of the lowest
    large level plane; None where nothing is known."""
    heights = []
    for plane in planes:
        height = float(plane.outline[:, 1].mean())
        if not plane.level or not 0.3 < eyes - height < 2.5:
            continue
        if plane.kind is Kind.FLOOR:
            heights.append((0, -_area(plane.outline), height))
        elif plane.kind is Kind.OTHER and _area(plane.outline) > 2.0 and eyes - height > 0.9:
            heights.append((1, height, height))
    return min(heights)[2] if heights else None


@dataclass(frozen=True)
class Room:
    """What is in the way."""

    walls: F64 = field(default_factory=lambda: np.zeros((0, 2, 2)))
    """(W, 2, 2) ends, x and z."""
    things: tuple[F64, ...] = ()
    """(n, 2) outlines, x and z."""

    @classmethod
    def of(cls, planes: Iterable[Plane], floor: float) -> Room:
        """What a body on that floor would be in the way of."""
        walls, things = [], []
        for plane in planes:
            heights = plane.outline[:, 1] - floor
            low, high = float(heights.min()), float(heights.max())
            if high < _STEP or low > _OVERHEAD or plane.kind in (Kind.FLOOR, Kind.CEILING):
                continue
            flat = plane.outline[:, [0, 2]]
            if plane.upright:
                along = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)[2][0]
                reach = flat @ along
                walls.append(np.stack([flat[reach.argmin()], flat[reach.argmax()]]))
            else:
                things.append(flat)
        return cls(np.array(walls).reshape(-1, 2, 2), tuple(things))

    @property
    def empty(self) -> bool:
        """Whether nothing is in the way anywhere."""
        return not len(self.walls) and not self.things

    @cached_property
    def _edges(self) -> F64:
        """(E, 2, 2) every line there is, the walls first."""
        sides = [np.stack([each, np.roll(each, -1, axis=0)], axis=1) for each in self.things]
        return np.concatenate([self.walls, *sides])

    def free(self, places: F64, scale: float = 1.0) -> NDArray[np.bool_]:
        """(P,) whether someone of this size can stand at each of (P, 2) places."""
        if self.empty:
            return np.ones(len(places), bool)
        well = _distances(places, self._edges).min(axis=1) >= max(CLEARANCE * scale, _LEAST_CLEARANCE)
        if self.things:
            starts = np.cumsum([0, *(len(each) for each in self.things[:-1])])
            crossed = np.add.reduceat(_crossed(places, self._edges[len(self.walls) :]), starts, axis=1)
            well &= (crossed % 2 == 0).all(axis=1)
        return np.asarray(well)

    def free_near(self, place: Place, scale: float, user: Place | None, arm: float) -> Place | None:
        """The nearest place where one can stand, seen from above and from where the user is: not behind a wall, and
        no nearer to them than an arm's length, or than `place` itself is. None where there is none."""
        if self.empty:
            return place
        nearest = min(arm, math.dist(place, user)) if user is not None else 0.0
        for around in _AROUND:
            found = np.array(place) + around
            well = self.free(found, scale) & ~self._behind(found, user)
            if user is not None:
                well &= np.hypot(*(found - user).T) >= nearest - 1e-9
            if well.any():
                x, z = found[well.argmax()].tolist()  # they stand in the order of their distance
                return x, z
        return None

    def _behind(self, places: F64, user: Place | None) -> NDArray[np.bool_]:
        """(P,) whether a wall stands between the user and each of (P, 2) places."""
        if user is None or not len(self.walls):
            return np.zeros(len(places), bool)
        a, b = self.walls[:, 0], self.walls[:, 1]
        eye = np.array(user)
        # Two segments cross where each one's ends lie on either side of the other.
        ends = _side(eye, places[:, None], a) * _side(eye, places[:, None], b) < 0
        apart = _side(a, b, eye) * _side(a, b, places[:, None]) < 0
        return np.asarray((ends & apart).any(axis=1))


EMPTY: Final = Room()


def _rings() -> list[F64]:
    """What to try, the nearest first, some rings at a time."""
    radii = np.arange(_RING_M, _FARTHEST, _RING_M)
    rings = []
    for radius in radii:
        angles = np.arange(24) * (np.pi / 12) + radius
        rings.append(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return [np.zeros((1, 2)), *(np.concatenate(rings[i : i + 5]) for i in range(0, len(rings), 5))]


_AROUND: Final = _rings()


def _side(a: F64, b: F64, point: F64) -> F64:
    ab, ap = b - a, point - a
    return np.asarray(ab[..., 0] * ap[..., 1] - ab[..., 1] * ap[..., 0])


def _distances(places: F64, segments: F64) -> F64:
    """(P, S) metres from places (P, 2) to segments (S, 2, 2)."""
    a, ab = segments[:, 0], segments[:, 1] - segments[:, 0]
    ap = places[:, None] - a
    share = np.clip((ap * ab).sum(axis=2) / np.maximum((ab * ab).sum(axis=1), 1e-12), 0, 1)
    return np.asarray(np.linalg.norm(ap - share[..., None] * ab, axis=2))


def _crossed(places: F64, segments: F64) -> NDArray[np.int_]:
    """(P, S) whether a line to the right of each place crosses each segment; who is inside crosses an odd number."""
    (x, z), (x2, z2) = segments[:, 0].T, segments[:, 1].T
    px, pz = places[:, :1], places[:, 1:]
    rise = np.where(z2 == z, 1.0, z2 - z)
    crosses = ((z > pz) != (z2 > pz)) & (px < x + (pz - z) * (x2 - x) / rise)
    return np.asarray(crosses, np.int_)


def _area(outline: F64) -> float:
    x, z = outline[:, 0], outline[:, 2]
    return 0.5 * abs(float(x @ np.roll(z, -1) - z @ np.roll(x, -1)))
