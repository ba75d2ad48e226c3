"""From joint rotations to the matrices that skin the mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Skeleton

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def skinning_matrices(
    skeleton: Skeleton, rotations: NDArray[np.floating[Any]], root_translation: NDArray[np.floating[Any]]
) -> F32:
    """(J, 4, 4) skinning matrices, posed joint times inverse of its rest, in avatar space.

    `rotations` (J, 4) are unit quaternions w, x, y, z: each turns its joint, and all below it, about the avatar's own
    axes as they lie in the rest pose, so a rotation means the same in every rig whichever way its bones point.
    `root_translation` (3,) moves every root, metres.
    """
    joints = len(skeleton.names)
    centres = skeleton.rest[:, :3, 3].astype(np.float64)
    turns = rotation_matrices(np.asarray(rotations, np.float64))
    local = np.zeros((joints, 4, 4))
    local[:, :3, :3] = turns
    local[:, :3, 3] = centres - np.einsum("jab,jb->ja", turns, centres)
    local[:, 3, 3] = 1.0
    local[skeleton.parents < 0, :3, 3] += root_translation
    for joint, parent in enumerate(skeleton.parents.tolist()):
        if parent >= 0:
            local[joint] = local[parent] @ local[joint]
    return local.astype(np.float32)


def rotation_matrices(quaternions: F64) -> F64:
    """(N, 3, 3) rotations of (N, 4) unit quaternions w, x, y, z."""
    w, x, y, z = quaternions.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.array(rows).transpose(2, 0, 1)
