"""Where the avatar's mouth is, for the ears of whoever wears the headset."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from conversation.link.mouth_place import Mouth
from render.motion.pose import PoseKey
from render.motion.rig import find_rig

F64 = NDArray[np.float64]

EARS: Final = np.array([0.0, 0.0, 0.09])
"""The middle between the ears as the head's pose has it, whose origin lies between the eyes; metres."""
_SHAPES: Final = ("mouthPucker", "mouthFunnel", "jawOpen")
"""Those that move the lips most, the best one first."""
_BEFORE_HEAD: Final = np.array([0.0, 0.05, 0.1])
"""From a head's joint to the mouth, where no shape tells."""
_UNDER_TOP: Final = 0.2
_FACING: Final = np.array([0.0, 0.0, 1.0])
"""Avatars face +z."""


class AvatarMouth:
    """Of one avatar; follows its joints."""

    def __init__(self, avatar: Avatar) -> None:
        mesh, joints = avatar.mesh, len(avatar.skeleton.names)
        shape = next((name for name in _SHAPES if name in avatar.expressions), None)
        moved = np.zeros(len(mesh.vertices))
        if shape is not None:
            moved = np.sum(mesh.shapes[avatar.expressions.index(shape)].astype(np.float64) ** 2, axis=1)
        self._joints = np.zeros(joints)
        if moved.any():
            moved /= moved.sum()
            self._place = moved @ mesh.vertices.astype(np.float64)
            np.add.at(self._joints, mesh.skin_joints.ravel(), (moved[:, None] * mesh.skin_weights).ravel())
            self._joints /= self._joints.sum()
            return
        head = find_rig(avatar.skeleton).joints.get("head")
        if head is not None:
            self._place = avatar.skeleton.rest[head, :3, 3] + _BEFORE_HEAD
        else:
            self._place = np.array([0.0, mesh.vertices[:, 1].max() - _UNDER_TOP, 0.0])
        self._joints[head or 0] = 1.0

    def heard_by(self, head: F64, model: F64, before: PoseKey, after: PoseKey, alpha: float) -> Mouth:
        """As a listener hears it: (4, 4) head and avatar to world, and the avatar's pose between two keys."""
        posed = np.tensordot(self._joints, (1 - alpha) * before.joints + alpha * after.joints, 1)
        to_world = model @ posed
        place = to_world[:3, :3] @ self._place + to_world[:3, 3]
        turned = head[:3, :3].T
        x, y, z = (turned @ (place - head[:3, 3]) - EARS).tolist()
        u, v, w = (turned @ to_world[:3, :3] @ _FACING).tolist()
        # The floor is where the avatar's feet are.
        under = place - (0.0, 2 * (place[1] - model[1, 3]), 0.0)
        i, j, k = (turned @ (under - head[:3, 3]) - EARS).tolist()
        return Mouth((x, y, z), (u, v, w), (i, j, k))
