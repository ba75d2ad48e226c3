"""The measures a tailor takes: where collar, sleeves, waist and legs lie on a body, whatever its size.

Fields are in metres, positive on the side named, and are told of places in the rest pose (A-pose, arms 45 degrees
down), where cloth lies flat; pieces keep those places while they fall (`Shell.flat`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.forge.anatomy.body import Body
from assets.forge.source import F64

_ARM: Final = ("upperarm", "lowerarm", "hand", "thumb", "index", "middle", "ring", "pinky")
_LEG: Final = ("thigh", "calf", "foot", "ball")
_USUAL_HEIGHT: Final = 1.68
_USUAL_NECK: Final = 0.0455
"""Half width of the neck that a collar's numbers below are meant for, metres."""


@dataclass(frozen=True)
class Measures:
    """Taken once for each body."""

    body: Body
    size: float
    """Height over 1.68 m."""
    arm: F64
    """(V,) how much arm and hand move each body vertex."""
    limbs: F64
    """(V, 4) the same for left arm, right arm, left leg, right leg."""
    neck: F64
    """(3,) middle of the neck's root."""
    neck_size: float
    """Half width of the neck over the usual one."""

    def joint(self, name: str, sign: float = 1.0) -> F64:
        """(3,) of the left side for sign 1, of the right for -1, where the joint has sides."""
        side = "" if name.startswith(("spine", "neck", "head", "pelvis")) else "_l" if sign > 0 else "_r"
        return self.body.joint(name + side)

    def collar(self, points: F64, wide: float = 0.0, deep: float = 0.0, high: float = 0.0) -> F64:
        """(N,) about the distance from a neckline, positive away from the neck.

        A round collar is set wider, deeper in front and higher up the neck by so many metres.
        """
        away = points - self.neck
        ahead = np.clip(away[:, 2] / 0.05, 0, 1)
        down = 0.075 * self.neck_size + (deep + 0.5 * wide) * ahead
        widths = np.stack(
            [
                np.full(len(points), 0.080 * self.neck_size + wide),
                down,
                np.where(away[:, 2] > 0, 0.068 * self.neck_size + wide, 0.047 * self.neck_size + 0.4 * wide),
            ],
            axis=1,
        )
        away[:, 1] = np.minimum(away[:, 1], 0.0)
        field = (np.linalg.norm(away / widths, axis=1) - 1) * 0.07
        top = self.neck[1] + 0.035 * self.neck_size
        if high:
            # the stand of a collar goes up the neck: its edge lies across it, lower in front
            edge = top - 0.005 + high - 0.016 * ahead
            return np.asarray(np.minimum(edge - points[:, 1], 0.2))
        return np.asarray(np.where(points[:, 1] > top, -1.0, field))

    def cuff(self, points: F64, arm: F64, length: float) -> F64:
        """(N,) up the arm from where a sleeve ends, much where there is no arm.

        length: 0 at the shoulder, 1 at the elbow, 2 at the wrist.
        """
        field = np.full(len(points), 1.0)
        for sign in (1.0, -1.0):
            shoulder, elbow, wrist = (self.joint(name, sign) for name in ("upperarm", "lowerarm", "hand"))
            first, second = (shoulder, elbow) if length <= 1 else (elbow, wrist)
            end = first + (length - (length > 1)) * (second - first)
            along = (second - first) / np.linalg.norm(second - first)
            mine = (arm > (0.5 if length > 0.6 else 0.3)) & (sign * points[:, 0] > 0)
            field[mine] = ((end - points) @ along)[mine]
            if length <= 1:  # the forearm lies beyond, wherever it turns
                further = mine & ((points - elbow) @ along > 0)
                field[further] = -1.0
        return field

    def arm_axis(self, sign: float) -> F64:
        """(3,) unit, from shoulder to wrist."""
        along = self.joint("hand", sign) - self.joint("upperarm", sign)
        return np.asarray(along / np.linalg.norm(along))

    def down(self, points: F64, arm: F64) -> F64:
        """(N, 3) unit: the way cloth runs, down the trunk and legs and along the arms."""
        along = np.where(points[:, :1] > 0, self.arm_axis(1.0), self.arm_axis(-1.0))
        share = np.clip((arm[:, None] - 0.35) / 0.3, 0, 1)
        way = share * along + (1 - share) * [0.0, -1.0, 0.0]
        return np.asarray(way / np.linalg.norm(way, axis=1, keepdims=True))

    def around(self, points: F64, arm: F64) -> tuple[F64, F64]:
        """Cloth coordinates (N,) and (N,) in metres: around trunk or sleeve or leg, and down it."""
        across, along = np.empty(len(points)), np.empty(len(points))
        hip = self.joint("thigh")[1]
        for sign in (1.0, -1.0):
            mine = sign * points[:, 0] >= 0
            sleeve, leg = mine & (arm > 0.5), mine & (arm <= 0.5) & (points[:, 1] < hip - 0.08)
            shoulder, way = self.joint("upperarm", sign), self.arm_axis(sign)
            away = points[sleeve] - shoulder
            along[sleeve] = away @ way
            away -= along[sleeve][:, None] * way
            level = np.array([way[1], -way[0], 0.0])
            across[sleeve] = 0.05 * np.arctan2(away[:, 2], away @ level)
            away = points[leg] - self.leg_axis(points[leg, 1], sign)
            across[leg] = 0.075 * np.arctan2(away[:, 0], away[:, 2]) + 0.5 * sign
            along[leg] = -points[leg, 1]
        trunk = (arm <= 0.5) & (points[:, 1] >= hip - 0.08)
        middle = points[trunk] - [0.0, 0.0, float(self.joint("spine_02")[2])]
        across[trunk] = 0.15 * np.arctan2(middle[:, 0], middle[:, 2])
        along[trunk] = -points[trunk, 1]
        return across, along

    def leg_axis(self, heights: F64, sign: float) -> F64:
        """(N, 3) the middle of a leg at these heights (N,)."""
        line = np.stack([self.joint(name, sign) for name in ("foot", "calf", "thigh")])
        x, z = (np.interp(heights, line[:, 1], line[:, k]) for k in (0, 2))
        return np.stack([x, heights, z], axis=1)


def measured(body: Body) -> Measures:
    """The measures of a body in the rest pose."""
    skin = np.unique(body.triangles["body"])
    names = body.skeleton.names

    def share(prefixes: tuple[str, ...], side: str) -> F64:
        chosen = np.array([name.startswith(prefixes) and name.endswith(side) for name in names])
        return np.asarray((body.skin_weights * chosen[body.skin_joints.astype(np.intp)]).sum(axis=1), np.float64)

    limbs = np.stack([share(kind, side) for kind in (_ARM, _LEG) for side in ("_l", "_r")], axis=1)
    joint = body.joint("neck_01")
    height = float(body.vertices[skin, 1].max())
    size = height / _USUAL_HEIGHT
    level = body.vertices[skin]
    level = level[(np.abs(level[:, 1] - joint[1] - 0.035 * size) < 0.012 * size) & (np.abs(level[:, 0]) < 0.12 * size)]
    neck_size = float(np.quantile(np.abs(level[:, 0]), 0.98)) / _USUAL_NECK
    return Measures(
        body=body,
        size=size,
        arm=limbs[:, 0] + limbs[:, 1],
        limbs=limbs,
        neck=joint + np.array([0.0, -0.001, 0.021]) * neck_size,
        neck_size=neck_size,
    )
