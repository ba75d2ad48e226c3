"""Which way the surface under each Gaussian faces at rest, and from which sides it is never seen.

An avatar may tell, in the tensor FACING_LIMITS, for each Gaussian the smallest facing at which it was ever seen: the
cosine between the normal of its triangle and the way to the eye, -1 where it is seen even from straight behind.
measure/witness.py finds out. Avatars that do not tell are drawn whole.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians, TemplateMesh
from render.errors import StageError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

FACING_LIMITS: Final = "facing_limits"
"""Tensor (N,)."""


def facing_words(mesh: TemplateMesh, gaussians: Gaussians, limits: NDArray[np.floating]) -> NDArray[np.uint32]:
    """(N,) words of four bytes from -1 to 1: the rest normal of each Gaussian's triangle, avatar space, and its limit.
    Limits above 0 count as 0: only what faces away is ever dropped. Raises StageError where `limits` is not (N,)."""
    if limits.shape != (len(gaussians),):
        raise StageError(f"The avatar has {limits.shape} limits for {len(gaussians)} Gaussians; pack it again.")
    v0, v1, v2 = (mesh.vertices[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    normals = unit_normals(v0, v1, v2)[gaussians.triangle]
    # Down to the next step, so that rounding never drops more.
    steps = np.floor(np.clip(limits.astype(np.float64), -1.0, 0.0) * 127)
    words = np.concatenate([np.rint(normals * 127), steps[:, None]], axis=1).astype(np.int8)
    return np.ascontiguousarray(words).view(np.uint32)[:, 0]


def unit_normals(v0: F64, v1: F64, v2: F64) -> F64:
    """(F, 3) normals of triangles with these corners (F, 3), to the side where the corners run counter-clockwise."""
    normals = np.cross(v1 - v0, v2 - v0)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30))
