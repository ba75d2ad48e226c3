"""A body that can be posed: from `Controls` to the turns of a skeleton's joints.

Hips shift over feet that stay where they are until they step; chest and head are held against the room, so that what
lies below does not shake them, and eyes stay on what they look at; arms are put where their wrists should be, and out
of the body (`keepout.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, atan2, cos, degrees, exp, log, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.arm import Arm, Bent
from render.motion.controls import Controls, at_ease
from render.motion.gestures import HOME, SIDE
from render.motion.keepout import KeepOut
from render.motion.leg import Leg
from render.motion.quaternion import (
    IDENTITY,
    Quaternion,
    Vector,
    add,
    euler,
    inverse,
    mul,
    rotate,
    scaled,
    sub,
    turn,
)
from render.motion.rig import SPINE, Rig, find_rig
from render.motion.sight import elevation, eye_turn

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_UP: Final[Vector] = (0.0, 1.0, 0.0)
_ANKLES_M: Final = 0.085
_TOES_OUT: Final = 7.0
"""Heels 17 cm apart and 14 degrees between the feet is how people like to stand (McIlroy & Maki 1997)."""
_STRETCHED: Final = 0.9985
"""Of its length, the leg that carries: its knee is 6 degrees from straight."""
_SOFT_M: Final = 0.004
_SHIFT: Final = 0.52
"""How far the hips go over the leg that carries, in units of half their width."""
_DROP, _OPEN = 4.4, 4.0
"""Degrees by which the hips sink on the other side, and turn it forward."""
_PUSHES: Final = 5
_ROOM_MOST: Final = 0.35
_EYES_UP: Final = 0.45
"""Of the way from the head's joint to the crown, where eyes are."""
_NECK: Final = 0.45
"""Of the turn of the head against the chest, what the neck does."""


@dataclass
class _Plan:
    """What an arm is asked to do."""

    arm: Arm
    shoulder: Vector
    wrist: Vector
    pole: Vector
    hand: tuple[float, float, float]

    def bend(self) -> Bent:
        return self.arm.bend(self.shoulder, self.wrist, self.pole, *self.hand)

    def push(self, bent: Bent, wrist: Vector, elbow: Vector) -> None:
        """Move the wrist and the elbow from where they are by so much."""
        self.wrist = add(bent.wrist, wrist)
        if elbow != (0.0, 0.0, 0.0):
            self.pole = sub(add(bent.elbow, scaled(elbow, 2.0)), self.shoulder)


@dataclass(frozen=True)
class Posed:
    """For `skinning_matrices`."""

    rotations: F32
    """(J, 4) unit quaternions w, x, y, z about the avatar's axes in the rest pose."""
    root: F32
    """(3,) metres."""
    raised: float
    """Degrees by which the eyes are turned up in the head."""


class Figure:
    """The body of one avatar."""

    def __init__(self, avatar: Avatar) -> None:
        skeleton = avatar.skeleton
        self.rig: Rig = find_rig(skeleton)
        self._count = len(skeleton.names)
        self._parents: list[int] = skeleton.parents.tolist()
        places: list[Vector] = [(x, y, z) for x, y, z in skeleton.rest[:, :3, 3].astype(np.float64).tolist()]
        self._rest = places
        by_role = {role: places[joint] for role, joint in self.rig.joints.items()}
        self.legs = [Leg(self.rig, by_role, s) for s in "lr" if self.rig.has(f"foot_{s}", f"upper_leg_{s}")]
        self.arms = {s: Arm(self.rig, by_role, s) for s in "lr" if self.rig.has(f"hand_{s}", f"upper_arm_{s}")}
        self._spine = [self.rig.joints[role] for role in SPINE if self.rig.has(role)]
        self._trunk = self._ancestors()
        self._turned: dict[int, Quaternion] = {}
        self._placed: dict[int, Vector] = {}
        self._keepout = KeepOut(avatar, self.rig)
        hips = self.rig.joints.get("hips")
        self._hips: int | None = hips if hips is not None and len(self.legs) == 2 else None
        self._eyes = [self.rig.joints[role] for role in ("eye_l", "eye_r") if self.rig.has(role)]
        self.sees = len(self._eyes) == 2
        """Whether there are eyes to turn."""
        self.middle: Vector = (0.0, self._eye_height(avatar), 0.0)
        """On the body's axis, as high as the eyes."""
        self._stand()
        self._beside = self._before = self._apart = 0.0
        self._find_room()

    def pose(self, controls: Controls) -> Posed:
        """The turns of every joint."""
        local: dict[int, Quaternion] = {}
        for leg, (turned, lift) in zip(self.legs, controls.feet.tolist(), strict=False):
            leg.step(turned, lift / 100)
        root = self._lower_body(controls, local)
        self._upper_body(controls, local, root)
        for leg in self.legs:
            self._leg(leg, local)
        rotations = np.zeros((self._count, 4))
        rotations[:, 0] = 1.0
        for side, bent in self._arms(controls).items():
            arm = self.arms[side]
            self._set(local, arm, bent)
            if len(arm.fingers.joints):
                rotations[arm.fingers.joints] = arm.fingers.turns(controls.arms["lr".index(side)][7:])
        for joint, q in local.items():
            rotations[joint] = q
        eyes = [local[joint] for joint in self._eyes if joint in local]
        raised = sum(elevation(q) for q in eyes) / max(len(eyes), 1)
        return Posed(rotations.astype(np.float32), np.array(root, np.float32), raised)

    def _ancestors(self) -> list[tuple[int, int, Vector]]:
        """(joint, parent, offset) of all that carries an end of the trunk, parents first."""
        ends = ["hips", "head", "eye_l", "eye_r", *(f"{p}_{s}" for p in ("upper_arm", "upper_leg") for s in "lr")]
        wanted = set(self._spine)
        for role in ends:
            at = self.rig.joints.get(role, -1)
            while at >= 0:
                wanted.add(at)
                at = self._parents[at]
        chain = []
        for joint in sorted(wanted):
            parent = self._parents[joint]
            offset = sub(self._rest[joint], self._rest[parent]) if parent >= 0 else self._rest[joint]
            chain.append((joint, parent, offset))
        return chain

    def _stand(self) -> None:
        """Put the feet down at the width of the hips."""
        for leg in self.legs:
            hip = abs(self._rest[leg.joints[0]][0])
            leg.put_down(max(_ANKLES_M * leg.length / 0.8, 0.95 * hip), 0.012 * leg.side * leg.length, _TOES_OUT)

    def _eye_height(self, avatar: Avatar) -> float:
        """Metres; that of the rest where eyes and head are not known."""
        if self.sees:
            return sum(self._rest[eye][1] for eye in self._eyes) / 2
        crown = float(avatar.mesh.vertices[:, 1].max())
        head = self.rig.joints.get("head")
        low = self._rest[head][1] if head is not None else crown
        return low + _EYES_UP * (crown - low)

    def _find_room(self) -> None:
        """How far outward hanging arms have to be to clear these hips, and how far ahead and apart hands have to be to
        meet before this belly; in lengths of the arm."""
        self.pose(at_ease(SIDE))
        upright = turn(_UP, 0.0)
        for side in self.arms:
            while self._beside < _ROOM_MOST and self._keepout.touches(side, self._plan(side, SIDE, upright).bend()):
                self._beside += 0.005
            while self._before < _ROOM_MOST and self._keepout.touches(side, self._plan(side, HOME, upright).bend()):
                self._before += 0.005
        while len(self.arms) == 2 and self._apart < _ROOM_MOST:
            left, right = (self._plan(side, HOME, upright).bend() for side in "lr")
            if not self._keepout.meet(left, right):
                break
            self._apart += 0.005

    def _lower_body(self, controls: Controls, local: dict[int, Quaternion]) -> Vector:
        """Turn the hips; how far the root moves."""
        if self._hips is None:
            return (0.0, 0.0, 0.0)
        side, ahead, twist = controls.stance.tolist()
        heading = turn(_UP, controls.heading)
        left, right = self.legs
        half = abs(self._rest[left.joints[0]][0] - self._rest[right.joints[0]][0]) / 2
        hips = mul(heading, euler(0.0, twist - _OPEN * side, _DROP * side))
        local[self._hips] = hips
        middle = self._rest[self._hips]
        moved = sub(rotate(heading, add(middle, (_SHIFT * half * side, 0.0, 0.01 * ahead * left.length))), middle)
        heights = []
        for leg in (left, right):
            hip = add(add(middle, moved), rotate(hips, sub(self._rest[leg.joints[0]], middle)))
            heights.append(leg.highest(hip, _STRETCHED))
        lowest = min(heights)
        # Softly the lower of both: a knee does not snap when the weight passes over.
        up = lowest - _SOFT_M * log(sum(exp((lowest - h) / _SOFT_M) for h in heights))
        return moved[0], up, moved[2]

    def _upper_body(self, controls: Controls, local: dict[int, Quaternion], root: Vector) -> None:
        """Turn spine, neck, head, eyes and shoulders, and place the trunk's joints."""
        chest = euler(*controls.chest.tolist())
        head = euler(*controls.head.tolist())
        below = local.get(self._hips, IDENTITY) if self._hips is not None else IDENTITY
        share = _part(mul(inverse(below), chest), 1 / max(len(self._spine), 1))
        for joint in self._spine:
            local[joint] = share
        top = chest if self._spine else below
        joints = self.rig.joints
        nod = mul(inverse(top), head)
        if "neck" in joints and "head" in joints:
            local[joints["neck"]] = _part(nod, _NECK)
            local[joints["head"]] = mul(inverse(local[joints["neck"]]), nod)
        elif "head" in joints:
            local[joints["head"]] = nod
        for side, raised in zip("lr", controls.shoulders.tolist(), strict=True):
            if f"shoulder_{side}" in joints:
                local[joints[f"shoulder_{side}"]] = turn((0.0, 0.0, 1.0 if side == "l" else -1.0), raised)
        for joint, parent, offset in self._trunk:
            q = local.get(joint)
            if parent < 0:
                self._placed[joint] = add(offset, root)
                self._turned[joint] = q or IDENTITY
            else:
                above = self._turned[parent]
                self._placed[joint] = add(self._placed[parent], rotate(above, offset))
                self._turned[joint] = mul(above, q) if q else above
        if controls.look is not None:
            for eye in self._eyes:
                local[eye] = eye_turn(self._placed[eye], controls.look, head)
                self._turned[eye] = mul(head, local[eye])

    def _leg(self, leg: Leg, local: dict[int, Quaternion]) -> None:
        if self._hips is None:
            return
        hip, knee, foot = leg.joints
        above = self._turned[self._parents[hip]]
        thigh, shin = leg.bend(self._placed[hip])
        self._turned[hip], self._turned[knee] = thigh, shin
        local[hip] = mul(inverse(above), thigh)
        local[knee] = mul(inverse(thigh), shin)
        local[foot] = mul(inverse(shin), leg.foot)

    def _arms(self, controls: Controls) -> dict[str, Bent]:
        """Both arms as they are wanted, then moved to where there is room for them."""
        if not self.arms:
            return {}
        self._keepout.stand(self._turned, self._placed)
        ahead = rotate(self._turned[self._spine[-1]], (0.0, 0.0, 1.0)) if self._spine else (0.0, 0.0, 1.0)
        heading = turn(_UP, degrees(atan2(ahead[0], ahead[2])))
        plans = {side: self._plan(side, controls.arms["lr".index(side)], heading) for side in self.arms}
        bent = {side: plan.bend() for side, plan in plans.items()}
        for _ in range(_PUSHES):
            pushes = self._keepout.pushes(bent)
            for side, push in pushes.items():
                plans[side].push(bent[side], *push)
                bent[side] = plans[side].bend()
            if not pushes:
                break
        return bent

    def _plan(self, side: str, numbers: F64, heading: Quaternion) -> _Plan:
        arm = self.arms[side]
        outward, up, ahead, elbow, palm, flexed, aside = numbers[:7].tolist()
        # The lower a hand, the more the hips are in its way; the nearer the middle, belly and the other hand.
        outward += self._beside * _ramp((-up - 0.66) / 0.3) + self._apart * _ramp(outward / HOME[0])
        ahead += self._before * _ramp(ahead / HOME[2])
        shoulder = self._placed[arm.joints[0]]
        wrist = add(shoulder, rotate(heading, scaled((arm.side * outward, up, ahead), arm.length)))
        pole = rotate(heading, (arm.side * (0.3 + elbow), -0.35, -0.8))
        return _Plan(arm, shoulder, wrist, pole, (palm, flexed, aside))

    def _set(self, local: dict[int, Quaternion], arm: Arm, bent: Bent) -> None:
        shoulder, elbow, hand = arm.joints
        above = self._turned[self._parents[shoulder]]
        local[shoulder] = mul(inverse(above), bent.upper)
        local[elbow] = mul(inverse(bent.upper), bent.lower)
        local[hand] = mul(inverse(bent.lower), bent.hand)


def _part(q: Quaternion, share: float) -> Quaternion:
    """This share of a turn."""
    w = min(max(abs(q[0]), -1.0), 1.0)
    sign = 1.0 if q[0] >= 0 else -1.0
    half = acos(w)
    if half < 1e-9:
        return IDENTITY
    scale = sign * sin(half * share) / sin(half)
    return cos(half * share), q[1] * scale, q[2] * scale, q[3] * scale


def _ramp(x: float) -> float:
    """0 below 0, 1 above 1, smooth between."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)
