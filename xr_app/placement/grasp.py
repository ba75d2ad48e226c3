"""The avatar in someone's hands: one hand slides it over the floor, two turn it and change its size.

A grasp remembers how everything was when it began, and says where the avatar is to be for how it is now: holding
still changes nothing, and feet never leave the floor. Whoever takes it from nearby moves it as their hand moves, and
turns it with the wrist. Whoever points at it from afar swings it: as far as the pointer turns, so far its feet go round
and out, and it keeps its face as it was to the user.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.input.inputs import Hand
from xr_app.placement.body import Body
from xr_app.placement.spot import Spot, heading, known, turned

F64 = NDArray[np.float64]

REACH: Final = 0.25
"""Metres from its skin within which a hand takes it."""
MARGIN: Final = 0.12
"""Metres by which a pointer may miss it."""
SMALLEST: Final = 0.1
LARGEST: Final = 1.5
DETENT_IN: Final = 0.04
DETENT_OUT: Final = 0.08
"""Shares of human size within which that catches, and beyond which it lets go."""
_STEEPEST: Final = math.radians(80)
_FLATTEST: Final = math.radians(8)
_LOWEST: Final = 0.3
"""Metres above the floor that a pointer is taken to be at least."""
_FARTHEST: Final = 6.0
"""Metres from the user beyond which nobody puts it."""
_CLOSEST: Final = 0.02
"""Metres that two hands are apart at least."""


def grip_of(hand: Hand) -> F64 | None:
    """(4, 4) the hand, as far as it is known."""
    grip = known(hand.grip)
    return known(hand.aim) if grip is None else grip


def takes(hand: Hand, body: Body) -> bool:
    """Whether a hand that closes now takes the avatar: it is at it, or points at it."""
    grip = known(hand.grip)
    if grip is not None and body.distance(grip[:3, 3]) <= REACH:
        return True
    aim = known(hand.aim)
    return aim is not None and pointed_at(aim, body) is not None


def pointed_at(aim: F64, body: Body) -> float | None:
    """Metres along a pointer to the avatar; None where it misses it, or it is too far away to be taken."""
    far = body.hit_by(aim, MARGIN)
    return None if far is None or far > _FARTHEST else far


@dataclass(frozen=True)
class NearHold:
    """One hand that has it."""

    start: Spot
    grip: F64

    def spot(self, hand: Hand, head: F64) -> Spot | None:
        """Where it is to be; None while the hand is not seen."""
        grip = known(hand.grip)
        if grip is None:
            return None
        moved = grip[:3, 3] - self.grip[:3, 3]
        turn = _wrist(self.grip, grip)
        return within(replace(self.start, x=self.start.x + moved[0], z=self.start.z + moved[2]), head, turn)


@dataclass(frozen=True)
class FarHold:
    """One pointer that has it."""

    start: Spot
    bearing: float
    """Of the feet, less that of the pointer."""
    pitch: float
    """Below the horizon, of the feet, less that of the pointer."""
    facing: float
    """Its yaw, less the direction to the user."""
    flattest: float
    steepest: float
    """Radians below the horizon between which it follows the pointer out and in."""
    floor: float

    def spot(self, hand: Hand, head: F64) -> Spot | None:
        """Where it is to be; None while the hand is not seen."""
        aim = known(hand.aim)
        if aim is None:
            return None
        bearing, pitch = _direction(aim)
        bearing += self.bearing
        pitch = min(max(pitch + self.pitch, self.flattest), self.steepest)
        far = min(_above(aim, self.floor) / math.tan(pitch), _FARTHEST)
        x, z = float(aim[0, 3]) + far * math.sin(bearing), float(aim[2, 3]) + far * math.cos(bearing)
        there = within(replace(self.start, x=x, z=z), head)
        yaw = _toward(there, head) + self.facing
        return replace(there, yaw=yaw)


Hold = NearHold | FarHold


def hold(start: Spot, hand: Hand, head: F64, body: Body) -> Hold | None:
    """The grasp that a hand has now; None where it is not seen."""
    grip, aim = known(hand.grip), known(hand.aim)
    if grip is not None and (aim is None or body.distance(grip[:3, 3]) <= REACH):
        return NearHold(start, grip.copy())
    if aim is None:
        return None
    bearing, pitch = _direction(aim)
    feet_x, feet_z = start.x - float(aim[0, 3]), start.z - float(aim[2, 3])
    far = max(math.hypot(feet_x, feet_z), 1e-6)
    feet = math.atan2(feet_x, feet_z) if far > 1e-3 else bearing
    below = math.atan2(_above(aim, body.floor), far)
    return FarHold(
        start,
        bearing=turned(feet - bearing),
        pitch=below - pitch,
        facing=turned(start.yaw - _toward(start, head)),
        flattest=min(_FLATTEST, below),
        steepest=max(_STEEPEST, below),
        floor=body.floor,
    )


@dataclass(frozen=True)
class Stretch:
    """Both hands that have it."""

    start: Spot
    middle: F64
    apart: float
    angle: float

    def spot(self, left: Hand, right: Hand, head: F64) -> Spot | None:
        """Where and how large it is to be, before the detent; None while a hand is not seen."""
        between = _between(left, right)
        if between is None:
            return None
        middle, apart, angle = between
        moved = middle - self.middle
        scale = min(max(self.start.scale * apart / self.apart, SMALLEST), LARGEST)
        there = Spot(self.start.x + float(moved[0]), self.start.z + float(moved[2]), self.start.yaw, scale)
        return within(there, head, turned(angle - self.angle))


def stretch(start: Spot, left: Hand, right: Hand) -> Stretch | None:
    """The grasp of both hands now; None where one is not seen."""
    between = _between(left, right)
    return None if between is None else Stretch(start, *between)


class Detent:
    """Human size catches whoever comes near it, and lets them go a little farther out; on: whether it does at all."""

    def __init__(self, scale: float, *, on: bool = True) -> None:
        self._on = on
        self.caught = abs(scale - 1.0) <= DETENT_IN

    def at(self, scale: float) -> tuple[float, bool]:
        """The size to have, and whether it has just been caught."""
        if not self._on:
            return scale, False
        before = self.caught
        self.caught = abs(scale - 1.0) <= (DETENT_OUT if before else DETENT_IN)
        return (1.0 if self.caught else scale), self.caught and not before


def within(spot: Spot, head: F64, turn: float = 0.0) -> Spot:
    """The spot, no farther from the head than it may be, and turned."""
    dx, dz = spot.x - float(head[0, 3]), spot.z - float(head[2, 3])
    k = min(1.0, _FARTHEST / max(math.hypot(dx, dz), 1e-9))
    return replace(spot, x=float(head[0, 3]) + k * dx, z=float(head[2, 3]) + k * dz, yaw=turned(spot.yaw + turn))


def _between(left: Hand, right: Hand) -> tuple[F64, float, float] | None:
    a, b = grip_of(left), grip_of(right)
    if a is None or b is None:
        return None
    way = b[:3, 3] - a[:3, 3]
    apart = max(float(np.linalg.norm(way)), _CLOSEST)
    return (a[:3, 3] + b[:3, 3]) / 2, apart, math.atan2(float(way[0]), float(way[2]))


def _direction(aim: F64) -> tuple[float, float]:
    """Bearing and angle below the horizon."""
    x, z = heading(aim)
    forward = -aim[:3, 2] / np.linalg.norm(aim[:3, 2])
    return math.atan2(x, z), math.asin(min(max(-float(forward[1]), -1.0), 1.0))


def _above(aim: F64, floor: float) -> float:
    return max(float(aim[1, 3]) - floor, _LOWEST)


def _toward(spot: Spot, head: F64) -> float:
    dx, dz = float(head[0, 3]) - spot.x, float(head[2, 3]) - spot.z
    return math.atan2(dx, dz) if math.hypot(dx, dz) > 1e-6 else spot.yaw


def _wrist(before: F64, after: F64) -> float:
    """Radians about the upright that a hand turned by (the twist of the turn from one pose to the other)."""
    turn = after[:3, :3] @ before[:3, :3].T
    # The twist of a rotation about y: of its quaternion's y and w alone.
    w, y = 1.0 + float(np.trace(turn)), float(turn[0, 2] - turn[2, 0])
    return 2.0 * math.atan2(y, w) if abs(w) + abs(y) > 1e-9 else 0.0
