"""Which way the surface under each Gaussian faces at rest, and which Gaussians may be dropped where it faces away."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians, TemplateMesh

F64 = NDArray[np.float64]


def facing_words(normals: F64, limits: NDArray[np.floating[Any]]) -> NDArray[np.uint32]:
    """(N,) words of unit `normals` (N, 3) and of `limits` (N,), each a byte from -1 to 1; limits above 0 count as 0, so
    that only what faces away is ever dropped, and -1 keeps a Gaussian for good."""
    parts = np.concatenate([normals, np.minimum(limits, 0.0)[:, None]], axis=1)
    return np.ascontiguousarray(np.rint(parts * 127).astype(np.int8)).view(np.uint32)[:, 0]


def rest_normals(mesh: TemplateMesh, gaussians: Gaussians) -> F64:
    """(N, 3) unit normal of each Gaussian's triangle in the rest pose, avatar space."""
    v0, v1, v2 = (mesh.vertices[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    normals = np.cross(v1 - v0, v2 - v0)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    return normals[gaussians.triangle]
