"""The pose in which clothes are let fall: standing, arms hanging. Cloth goes there from the rest pose and comes back.

Both ways are the skinning that the renderer will do, so what falls well here lies well when the person stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from assets.forge.anatomy.body import U16, Body
from assets.forge.source import F32, F64

STANDING: Final[dict[str, tuple[tuple[float, float, float], float]]] = {
    "upperarm": ((0.0, 0.0, -1.0), 29.0),
    "lowerarm": ((1.0, 0.8, 0.0), 26.0),
}
"""Joint of the left side -> axis in the rest pose, degrees; mirrored for the right."""


@dataclass(frozen=True)
class Stance:
    """Skinning matrices (J, 4, 4) of one pose."""

    matrices: F64

    def moved(self, points: F64, joints: U16, weights: F32) -> F64:
        """(V, 3) rest-pose points in this pose; joints and weights (V, 4)."""
        blend = self._blend(joints, weights)
        return np.asarray(np.einsum("vij,vj->vi", blend[:, :3, :3], points) + blend[:, :3, 3])

    def returned(self, points: F64, joints: U16, weights: F32) -> F64:
        """(V, 3) the rest pose of points in this pose: the inverse of `moved`."""
        blend = self._blend(joints, weights)
        away = (points - blend[:, :3, 3])[..., None]
        return np.asarray(np.linalg.solve(blend[:, :3, :3], away)[..., 0])

    def _blend(self, joints: U16, weights: F32) -> F64:
        return np.asarray(np.einsum("vk,vkij->vij", weights.astype(np.float64), self.matrices[joints.astype(np.intp)]))


def stance(body: Body, turns: dict[str, tuple[tuple[float, float, float], float]] | None = None) -> Stance:
    """The pose with these joints turned (STANDING by default); names without a side are turned on both, mirrored."""
    names, parents = body.skeleton.names, body.skeleton.parents.tolist()
    centres = body.skeleton.rest[:, :3, 3].astype(np.float64)
    local = np.tile(np.eye(4), (len(names), 1, 1))
    for name, (axis, degrees) in (STANDING if turns is None else turns).items():
        mirrored = (axis[0], -axis[1], -axis[2])
        sides = ((name, axis),) if name in names else ((f"{name}_l", axis), (f"{name}_r", mirrored))
        for joint, about in sides:
            index = names.index(joint)
            unit = np.array(about) / np.sqrt(sum(x * x for x in about))
            local[index, :3, :3] = Rotation.from_rotvec(unit * np.radians(degrees)).as_matrix()
    local[:, :3, 3] = centres - np.einsum("jab,jb->ja", local[:, :3, :3], centres)
    for index, parent in enumerate(parents):
        if parent >= 0:
            local[index] = local[parent] @ local[index]
    return Stance(local)
