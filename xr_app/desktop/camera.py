"""Someone's eye that a mouse and a keyboard move: around a point, through the room, nearer and farther."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.placement import DISTANCE
from xr_app.runtime.head_path import EYE_HEIGHT

F64 = NDArray[np.float64]

STEEPEST: Final = math.radians(80)
LOWEST: Final = 0.1
"""Metres over the floor that the eye keeps."""
NEAREST: Final = 0.35
FARTHEST: Final = 8.0
"""Metres from the middle that zooming stops at."""
LOOKED_AT: Final = 1.34
"""Metres over the floor: what lies in the middle at first, so that a standing person is seen from the hips up."""


class Camera:
    """Axes are OpenXR's. At first it stands at the origin and looks along -z at the place where an avatar will stand,
    which is the `middle` of its orbits."""

    def __init__(self) -> None:
        self.eye: F64 = np.array([0.0, EYE_HEIGHT, 0.0])
        self.yaw = 0.0
        """Radians to the left of -z."""
        self.pitch = math.atan2(LOOKED_AT - EYE_HEIGHT, DISTANCE)
        """Radians upwards."""
        self.middle: F64 = np.zeros(3)
        self.aim()

    def aim(self) -> None:
        """Let the middle of orbits be where an avatar that is placed now will stand: straight ahead, at a talker's
        distance."""
        ahead = np.array([-math.sin(self.yaw), 0.0, -math.cos(self.yaw)])
        self.middle = self.eye + DISTANCE * ahead
        self.middle[1] = LOOKED_AT

    @property
    def pose(self) -> F64:
        """(4, 4) eye to world."""
        pose = np.eye(4)
        pose[:3, :3] = _turn(self.yaw, self.pitch)
        pose[:3, 3] = self.eye
        return pose

    def orbit(self, left: float, up: float) -> None:
        """Go around the middle by radians, the view turning along: what is in the middle stays there."""
        before = _turn(self.yaw, self.pitch)
        self.look(left, up)
        self.eye = self.middle + _turn(self.yaw, self.pitch) @ before.T @ (self.eye - self.middle)
        self._stay_above_floor()

    def look(self, left: float, up: float) -> None:
        """Turn on the spot by radians."""
        self.yaw = math.remainder(self.yaw + left, 2 * math.pi)
        self.pitch = min(max(self.pitch + up, -STEEPEST), STEEPEST)

    def walk(self, right: float, up: float, ahead: float) -> None:
        """Move by metres, level with the floor wherever one looks."""
        step = np.array([right, up, -ahead])
        self.eye = self.eye + _turn(self.yaw, 0.0) @ step
        self._stay_above_floor()

    def zoom(self, factor: float) -> None:
        """Go nearer to the middle or away from it: at `factor` times the distance."""
        away = self.eye - self.middle
        distance = float(np.linalg.norm(away))
        if distance > 1e-6:
            self.eye = self.middle + away * (min(max(distance * factor, NEAREST), FARTHEST) / distance)
            self._stay_above_floor()

    def _stay_above_floor(self) -> None:
        self.eye[1] = max(self.eye[1], LOWEST)


def _turn(yaw: float, pitch: float) -> F64:
    """(3, 3): pitch about x, then yaw about y."""
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    return np.array([[cy, sy * sp, sy * cp], [0.0, cp, -sp], [-sy, cy * sp, cy * cp]])
