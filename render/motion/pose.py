"""The avatar's pose at one moment, as the 20 Hz side hands it to the renderer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.errors import ViewError

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class PoseKey:
    """One state of the body and the face; two keys of one id are the same state."""

    id: int
    expression: F32
    """(E,) weights of the avatar's expressions."""
    joints: F32
    """(J, 4, 4) skinning matrices in avatar space: posed joint times inverse of its rest."""


def rest_key(avatar: Avatar, id: int = 0) -> PoseKey:
    """The avatar as it was bound: identity matrices, no expression."""
    joints = np.tile(np.eye(4, dtype=np.float32), (len(avatar.skeleton.names), 1, 1))
    return PoseKey(id, np.zeros(len(avatar.expressions), np.float32), joints)


def check_key(avatar: Avatar, key: PoseKey) -> None:
    """Raise ViewError where a key does not fit the avatar."""
    wanted = (len(avatar.expressions),), (len(avatar.skeleton.names), 4, 4)
    given = np.shape(key.expression), np.shape(key.joints)
    if given != wanted:
        raise ViewError(f"A pose of shapes {given} does not fit the avatar {avatar.name!r}, which needs {wanted}.")
    if not (np.isfinite(key.expression).all() and np.isfinite(key.joints).all()):
        raise ViewError("A pose holds a value that is not a number.")
