"""A user whose head and hands are put where a test wants them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.placement.placing import Placement
from xr_app.placement.spot import Spot
from xr_app.placement.standing import Standing
from xr_app.poses import looking, matrix

F64 = NDArray[np.float64]
Point = tuple[float, float, float]

STEP_S = 1 / 72
EYES: Point = (0.0, 1.6, 0.0)


def pose(eye: Point, target: Point) -> F64:
    """(4, 4) at `eye`, its -z to `target`."""
    return matrix(looking(eye, target))


def head(eye: Point = EYES, target: Point | None = None) -> F64:
    """Looking at a place, straight ahead without one."""
    return pose(eye, target or (eye[0], eye[1], eye[2] - 1.0))


def pointer(target: Point, eye: Point = (0.2, 1.2, 0.0), *, select: bool = False, grab: bool = False) -> Hand:
    """A controller that points at a place."""
    aim = pose(eye, target)
    return Hand(Source.CONTROLLER, aim=aim, grip=aim, select=select, grab=grab)


def palm(at: Point, yaw: float = 0.0, *, grab: bool = False) -> Hand:
    """A tracked hand at a place, which points nowhere near."""
    grip = np.eye(4)
    grip[:3, :3] = [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    grip[:3, 3] = at
    return Hand(Source.HAND, grip=grip, grab=grab)


class User:
    """Runs a placement frame by frame."""

    def __init__(self, placement: Placement) -> None:
        self.placement = placement
        self.time_s = 100.0
        self.head = head()
        self.shown: list[Standing] = []

    def see(self, seconds: float, inputs: Inputs | Callable[[float], Inputs] | None = None) -> Standing:
        """So much time with these inputs, which may depend on the share of it that has passed."""
        frames = max(1, round(seconds / STEP_S))
        for i in range(1, frames + 1):
            given = inputs(i / frames) if callable(inputs) else inputs or Inputs()
            self.time_s += STEP_S
            self.shown.append(self.placement.update(self.time_s, self.head, given))
        return self.shown[-1]

    def put_down(self, x: float, z: float) -> Standing:
        """Have it stand there."""
        at = (x, 0.0, z)
        self.see(1.5, Inputs(right=pointer(at)))
        self.see(0.05, Inputs(right=pointer(at, select=True)))
        return self.see(0.5)


def place_of(standing: Standing) -> tuple[float, float]:
    """x and z of the feet."""
    return float(standing.model[0, 3]), float(standing.model[2, 3])


def size_of(standing: Standing) -> float:
    """1 for human size."""
    return float(np.cbrt(np.linalg.det(standing.model[:3, :3])))


def off_face(standing: Standing, head: F64) -> float:
    """Radians between where it faces and where the head is, over the floor."""
    x, z = head[0, 3] - standing.model[0, 3], head[2, 3] - standing.model[2, 3]
    facing = standing.model[:3, 2]
    return abs(math.remainder(math.atan2(facing[0], facing[2]) - math.atan2(x, z), math.tau))


def pulses(shown: list[Standing]) -> list[str]:
    """The hands that were buzzed, in order."""
    return [pulse.hand for standing in shown for pulse in standing.pulses]


def moved_origin(yaw: float, x: float, z: float) -> F64:
    """(4, 4) of a new origin in what it was before: turned about the upright, and elsewhere on the floor."""
    return Spot(x, z, yaw).model()
