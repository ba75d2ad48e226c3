"""The avatar's pose at one moment, as the 20 Hz side hands it to the renderer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.errors import ViewError

F32 = NDArray[np.float32]
Made = TypeVar("Made")


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


class OfKey(Generic[Made]):
    """What is made of a key once, though many frames lie between two keys: those of the last two are remembered."""

    def __init__(self, make: Callable[[PoseKey], Made]) -> None:
        self._make = make
        self._last: tuple[tuple[PoseKey, Made], ...] = ()

    def __call__(self, key: PoseKey) -> Made:
        """Of this very key."""
        for known, made in self._last:
            if known is key:
                return made
        made = self._make(key)
        self._last = (*self._last[-1:], (key, made))
        return made
