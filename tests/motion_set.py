"""Poses to try clothes and hair in: what the body does in a talk, as keys and as skinned vertices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.pose import PoseKey
from render.motion.rehearsal import motion_set

__all__ = ["motion_set", "skinned"]


def skinned(avatar: Avatar, key: PoseKey) -> NDArray[np.float64]:
    """(V, 3) vertices of the avatar's mesh in a key, by linear blend skinning, metres."""
    mesh = avatar.mesh
    shaped = mesh.vertices + np.einsum("e,evc->vc", key.expression.astype(np.float64), mesh.shapes.astype(np.float64))
    moved = np.einsum("vk,vkab->vab", mesh.skin_weights, key.joints[mesh.skin_joints].astype(np.float64))
    return np.asarray(np.einsum("vab,vb->va", moved[:, :3, :3], shaped) + moved[:, :3, 3])
