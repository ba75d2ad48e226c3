"""Where the avatar's mouth is, for the ears of whoever wears the headset."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from conversation.link.mouth_place import Mouth
from render.motion.pose import OfKey, PoseKey
from render.motion.rig import find_rig

F64 = NDArray[np.float64]

EARS: Final = np.array([0.0, 0.0, 0.09])
"""The middle between the ears as the head's pose has it, whose origin lies between the eyes; metres."""
_PLACES: Final = np.array([[1.0], [0.0], [1.0]])
"""Which of a place, a way and a place are places."""
_EARS: Final = np.outer(_PLACES, (*EARS, 0.0))
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
        self._posed = OfKey(self._at)
        if moved.any():
            moved /= moved.sum()
            self._place = moved @ mesh.vertices.astype(np.float64)
            shares = np.zeros(joints)
            np.add.at(shares, mesh.skin_joints.ravel(), (moved[:, None] * mesh.skin_weights).ravel())
            self._moving = np.flatnonzero(shares)
            self._shares = shares[self._moving] / shares.sum()
            return
        head = find_rig(avatar.skeleton).joints.get("head")
        if head is not None:
            self._place = avatar.skeleton.rest[head, :3, 3] + _BEFORE_HEAD
        else:
            self._place = np.array([0.0, mesh.vertices[:, 1].max() - _UNDER_TOP, 0.0])
        self._moving, self._shares = np.array([head or 0]), np.ones(1)

    def prepare(self, *keys: PoseKey) -> None:
        """Know where it is in these."""
        for key in keys:
            self._posed(key)

    def heard_by(self, head: F64, model: F64, before: PoseKey, after: PoseKey, alpha: float) -> Mouth:
        """As a listener hears it: (4, 4) head and avatar to world, and the avatar's pose between two keys."""
        one, two = self._posed(before), self._posed(after)
        seen = (one + alpha * (two - one)) @ model.T
        seen -= _PLACES * head[:, 3]
        heard = seen @ head
        (x, y, z, _), (u, v, w, _), (i, j, k, _) = (heard - _EARS).tolist()
        return Mouth((x, y, z), (u, v, w), (i, j, k))

    def _at(self, key: PoseKey) -> F64:
        """(3, 4) in the avatar's space: the mouth's place, its way, and its image in the floor, where the feet are."""
        posed = np.tensordot(self._shares, key.joints[self._moving].astype(np.float64), 1)
        x, y, z = (posed[:3, :3] @ self._place + posed[:3, 3]).tolist()
        return np.array(((x, y, z, 1.0), (*(posed[:3, :3] @ _FACING).tolist(), 0.0), (x, -y, z, 1.0)))
