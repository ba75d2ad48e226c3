"""One arm: from where the wrist should be and how the palm is turned to the turns of its joints.

The elbow is a hinge, so both bones lie in one plane whose normal h it turns about. With the forearm neither pronated
nor supinated the palm faces along h (against it on the right); half of the turn of the palm is the forearm's, half the
wrist's, as skin follows best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, degrees
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.motion.quaternion import (
    Quaternion,
    Vector,
    across,
    add,
    cross,
    dot,
    frame,
    inverse,
    mul,
    norm,
    rotate,
    scaled,
    sub,
    turn,
    unit,
)
from render.motion.reach import reach
from render.motion.rig import FINGERS, Rig

F64 = NDArray[np.float64]

_CURL: Final = ((75.0, 100.0, 60.0), (10.0, 30.0, 40.0))
"""Degrees of the three joints of a finger curled to 1, and of the thumb's."""
_THUMB_IN: Final = 24.0
_THUMB_OFF: Final = 6.0
"""Degrees by which a thumb turns to the hand, and the spread at which it does not."""


@dataclass
class Bent:
    """An arm in a pose: places in the room, and turns against the room."""

    shoulder: Vector
    elbow: Vector
    wrist: Vector
    upper: Quaternion
    lower: Quaternion
    hand: Quaternion


class Arm:
    """The arm of one side; `places` are the joints' rest places by role."""

    def __init__(self, rig: Rig, places: Mapping[str, Vector], side: str) -> None:
        self.side = 1.0 if side == "l" else -1.0
        shoulder, elbow, wrist = (places[f"{part}_{side}"] for part in ("upper_arm", "lower_arm", "hand"))
        self.joints = [rig.joints[f"{part}_{side}"] for part in ("upper_arm", "lower_arm", "hand")]
        self._upper, self._lower = norm(sub(elbow, shoulder)), norm(sub(wrist, elbow))
        self.length = self._upper + self._lower
        u, f = unit(sub(elbow, shoulder)), unit(sub(wrist, elbow))
        hinge = cross(u, f)
        # A straight arm does not show its hinge: an elbow bends forward.
        hinge = unit(hinge) if norm(hinge) > 0.15 else unit(cross((0.0, 0.0, -1.0), u))
        self._rest_upper, self._rest_lower = inverse(frame(u, hinge)), inverse(frame(f, hinge))
        neutral = across(scaled(hinge, self.side), f)
        d, palm = _rest_hand(places, side, self.side, f, neutral)
        self.rest_hand = (d, palm)
        self._rest_hand = inverse(frame(d, palm))
        flat = across(palm, f)
        self._rest_palm = self.side * degrees(atan2(dot(cross(neutral, flat), f), dot(neutral, flat)))
        self.fingers = Fingers(rig, places, side, d, palm)

    def bend(self, shoulder: Vector, wrist: Vector, pole: Vector, palm: float, flexed: float, aside: float) -> Bent:
        """The arm from `shoulder` to `wrist` (places in the room), its elbow toward `pole` (a direction)."""
        elbow, wrist = reach(shoulder, wrist, pole, self._upper, self._lower)
        u, f, k = unit(sub(elbow, shoulder)), unit(sub(wrist, elbow)), unit(sub(wrist, shoulder))
        h = cross(across(pole, k), k)
        half = turn(f, self.side * (palm - self._rest_palm) / 2)
        n = rotate(turn(f, self.side * palm), scaled(h, self.side))
        d = rotate(turn(n, self.side * aside), rotate(turn(cross(f, n), flexed), f))
        n = rotate(turn(cross(f, n), flexed), n)
        return Bent(
            shoulder,
            elbow,
            wrist,
            mul(frame(u, h), self._rest_upper),
            mul(frame(f, rotate(half, h)), self._rest_lower),
            mul(frame(d, n), self._rest_hand),
        )


def _rest_hand(
    places: Mapping[str, Vector], side: str, sign: float, forearm: Vector, neutral: Vector
) -> tuple[Vector, Vector]:
    """Where fingers and palm point in the rest pose; along the forearm and neutral where a hand has no fingers."""
    hand, index, little = (places.get(f"{part}_{side}") for part in ("hand", "index_1", "pinky_1"))
    if hand is None or index is None or little is None:
        return forearm, neutral
    middle = places.get(f"middle_1_{side}", scaled(add(index, little), 0.5))
    d = unit(sub(middle, hand))
    return d, scaled(cross(d, across(sub(index, little), d)), sign)


class Fingers:
    """Turns of a hand's finger joints from six numbers: five curls and the spread."""

    def __init__(self, rig: Rig, places: Mapping[str, Vector], side: str, d: Vector, palm: Vector) -> None:
        sign = 1.0 if side == "l" else -1.0
        thumbward = scaled(cross(palm, d), sign)
        joints, gains, offsets = [], [], []
        for column, finger in enumerate(FINGERS):
            roles = [f"{finger}_{k}_{side}" for k in (1, 2, 3)]
            there = [role for role in roles if role in places]
            before = d
            bend = 0.0
            for number, role in enumerate(there):
                after = there[number + 1] if number + 1 < len(there) else None
                way = unit(sub(places[after], places[role])) if after else before
                toward = palm if column else unit(sub(scaled(palm, 0.5), thumbward))
                axis = unit(cross(way, toward))
                if column and after:
                    # What a finger is curled at rest counts as curled.
                    bend = degrees(atan2(dot(cross(before, way), axis), dot(before, way)))
                gain, offset = np.zeros((3, 6)), -np.radians(bend) * np.array(axis)
                gain[:, column] = np.radians(_CURL[0 if column else 1][roles.index(role)]) * np.array(axis)
                if number == 0 and not column:
                    # At rest a thumb stands off; at ease it lies along the hand, and goes off as fingers spread.
                    along = np.radians(_THUMB_IN) * np.array(unit(cross(way, d)))
                    gain[:, 5] = -along / _THUMB_OFF
                    offset = along
                if number == 0 and column:
                    gain[:, 5] = np.radians((0.6, 0.0, -0.6, -1.2)[column - 1]) * sign * np.array(palm)
                joints.append(rig.joints[role])
                gains.append(gain)
                offsets.append(offset)
                before = way
        self.joints = np.array(joints, np.intp)
        self._gains = np.array(gains).reshape(-1, 6)
        self._offsets = np.array(offsets).reshape(-1)

    def turns(self, curls: F64) -> F64:
        """(n, 4) quaternions of `joints`, for (6,) curls of thumb to little finger, 0 to 1, and spread in degrees."""
        vectors = (self._gains @ curls + self._offsets).reshape(-1, 3)
        half = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True)) / 2
        return np.concatenate([np.cos(half), vectors * (np.sinc(half / np.pi) / 2)], axis=1)
