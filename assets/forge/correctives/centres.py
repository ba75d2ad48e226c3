"""How a body bends without losing its volume: optimized centres of rotation (Le and Hodgins 2016, "Real-time skeletal
skinning with optimized centers of rotation").

Every vertex turns by the blend of its joints' quaternions about a centre of its own: the middle of all that the same
joints share in the same way, which in a limb is a point on its axis. So a bent elbow keeps its width without bulging,
and a turned wrist does not narrow, as blended matrices make them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.forge.source import F32, F64, I32

_SIGMA: Final = 0.1
"""How alike weights have to be, as in the paper."""
_CHUNK: Final = 512


@dataclass(frozen=True)
class Centres:
    """Some vertices, made ready for any pose."""

    weights: F64
    """(n, J)."""
    centres: F64
    """(n, 3) metres, at rest."""

    def motions(self, joints: F64) -> tuple[F64, F64]:
        """Rotation (n, 3, 3) and translation (n, 3) of each vertex under skinning matrices (J, 4, 4)."""
        quaternions = Rotation.from_matrix(joints[:, :3, :3]).as_quat()
        alike = quaternions @ quaternions.T
        sign = np.where(alike < 0, -1.0, 1.0)[self.weights.argmax(axis=1)]
        turn = Rotation.from_quat((self.weights * sign) @ quaternions).as_matrix()
        blended = (self.weights @ joints[:, :3].reshape(-1, 12)).reshape(-1, 3, 4)
        middle = np.einsum("nab,nb->na", blended[:, :, :3], self.centres) + blended[:, :, 3]
        return turn, np.asarray(middle - np.einsum("nab,nb->na", turn, self.centres))


def make_centres(vertices: F64, triangles: I32, weights: F32, wanted: NDArray[np.intp]) -> Centres:
    """Those of the vertices `wanted` of a surface (V, 3), (F, 3) skinned by `weights` (V, J)."""
    area = np.zeros(len(vertices))
    corners = vertices[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    np.add.at(area, triangles.ravel(), np.repeat(np.linalg.norm(across, axis=1), 3))
    own = weights[wanted].astype(np.float64)
    total, size = np.zeros((len(wanted), 3)), np.zeros(len(wanted))
    used = np.flatnonzero((weights > 0).any(axis=0)).tolist()
    for j, k in combinations(used, 2):
        here = np.flatnonzero((own[:, j] > 0) & (own[:, k] > 0))
        others = np.flatnonzero((weights[:, j] > 0) & (weights[:, k] > 0))
        a, b = weights[others, j].astype(np.float64), weights[others, k].astype(np.float64)
        for first in range(0, len(here), _CHUNK):
            rows = here[first : first + _CHUNK]
            p, q = own[rows, j, None], own[rows, k, None]
            alike = p * q * a * b * np.exp(-(((p * b - q * a) / _SIGMA) ** 2)) * area[others]
            total[rows] += alike @ vertices[others]
            size[rows] += alike.sum(axis=1)
    # What a single joint moves turns about any point alike.
    centres = np.where(size[:, None] > 0, total / np.maximum(size, 1e-30)[:, None], vertices[wanted])
    return Centres(own, centres)
