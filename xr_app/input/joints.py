"""The 26 joints of a tracked hand, as XR_EXT_hand_tracking has them: -z of each points to the finger's tip, +y out of
the back of the hand.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.poses import Pose, matrix

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

COUNT: Final = 26


class Joint(IntEnum):
    """Those that gestures are read from, by their places in XrHandJointEXT."""

    PALM = 0
    WRIST = 1
    THUMB_TIP = 5
    INDEX_KNUCKLE = 7
    INDEX_TIP = 10
    MIDDLE_KNUCKLE = 12
    MIDDLE_TIP = 15
    RING_TIP = 20
    LITTLE_TIP = 25


class Joints:
    """Of one hand in one frame. What is asked of them is worked out then: matrices cost more than gestures do."""

    def __init__(self, poses: F32) -> None:
        """poses: kept, not copied."""
        self.poses = poses
        """(26, 7) quaternions x, y, z, w and positions in the world."""

    @cached_property
    def points(self) -> list[list[float]]:
        """26 positions x, y, z."""
        return self.poses[:, 4:].tolist()  # type: ignore[no-any-return]

    @cached_property
    def palm(self) -> F64:
        """(4, 4) to the world."""
        x, y, z, w, px, py, pz = self.poses[Joint.PALM].tolist()
        return matrix(Pose((x, y, z, w), (px, py, pz)))

    @cached_property
    def matrices(self) -> F64:
        """(26, 4, 4) to the world, as `xr_app.poses.matrix` makes them one by one."""
        quaternions = self.poses[:, :4].astype(np.float64)
        x, y, z, w = quaternions.T
        s = 2.0 / (quaternions * quaternions).sum(1)
        sx, sy, sz = s * x, s * y, s * z
        xx, yy, zz, xy, xz, yz, wx, wy, wz = x * sx, y * sy, z * sz, x * sy, x * sz, y * sz, w * sx, w * sy, w * sz
        matrices = np.zeros((len(quaternions), 4, 4))
        matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 0, 2] = 1.0 - (yy + zz), xy - wz, xz + wy
        matrices[:, 1, 0], matrices[:, 1, 1], matrices[:, 1, 2] = xy + wz, 1.0 - (xx + zz), yz - wx
        matrices[:, 2, 0], matrices[:, 2, 1], matrices[:, 2, 2] = xz - wy, yz + wx, 1.0 - (xx + yy)
        matrices[:, :3, 3] = self.poses[:, 4:]
        matrices[:, 3, 3] = 1.0
        return matrices
