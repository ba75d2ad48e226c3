"""Whether clothes stay over the skin while the body moves: every skin vertex left under a border, over the motion set.

Where cloth lies within 5 cm above a skin vertex in the rest pose, it has to in every key of the motion set. A vertex
counts as showing where cloth is no longer above it but right beneath: then skin has come through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.layer import Surface, vertex_normals

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

ABOVE_M: Final = 0.05
"""How far above skin cloth may lie and still be over it."""
BENEATH_M: Final = 0.02
"""How far beneath skin cloth lies that skin has come through."""
_NEAREST: Final = 48
"""Triangles that are tried for each ray."""


@dataclass(frozen=True)
class Through:
    """What was found."""

    under: int
    """Skin vertices under cloth in the rest pose, those left under borders."""
    showing: tuple[int, ...]
    """How many of them have come through cloth, in each key."""


def come_through(skin: Surface, cloth: Surface, joints: Sequence[NDArray[np.float32]]) -> Through:
    """How much skin comes through cloth in these poses, each (J, 4, 4) skinning matrices."""
    above, _ = _struck(skin.vertices, vertex_normals(skin.vertices, skin.triangles), cloth.vertices, cloth.triangles)
    showing = []
    for matrices in joints:
        place = skinned(skin, matrices)
        normals = vertex_normals(place, skin.triangles)
        over, beneath = _struck(place[above], normals[above], skinned(cloth, matrices), cloth.triangles)
        showing.append(int((~over & beneath).sum()))
    return Through(int(above.sum()), tuple(showing))


def skinned(surface: Surface, joints: NDArray[np.float32]) -> F64:
    """(V, 3) metres, by linear blend skinning."""
    matrices = joints.astype(np.float64)
    blend = np.einsum("vk,vkij->vij", surface.skin_weights, matrices[surface.skin_joints.astype(np.intp)])
    return np.asarray(np.einsum("vij,vj->vi", blend[:, :3, :3], surface.vertices) + blend[:, :3, 3])


def _struck(origins: F64, ways: F64, vertices: F64, triangles: NDArray[np.int32]) -> tuple[Mask, Mask]:
    """Whether a line from each origin (N, 3) strikes a triangle within ABOVE_M ahead, and within BENEATH_M behind
    (Moeller and Trumbore 1997)."""
    corners = vertices[triangles]
    near = min(_NEAREST, len(corners))
    tree = cKDTree(corners.mean(axis=1), balanced_tree=False)
    tried = corners[tree.query(origins + 0.25 * ABOVE_M * ways, k=near)[1].reshape(len(origins), near)]
    a, ab, ac = tried[:, :, 0], tried[:, :, 1] - tried[:, :, 0], tried[:, :, 2] - tried[:, :, 0]
    across = np.cross(ways[:, None], ac)
    area = (ab * across).sum(axis=2)
    area = np.where(np.abs(area) < 1e-14, 1e-14, area)
    away = origins[:, None] - a
    turned = np.cross(away, ab)
    u, v = (away * across).sum(axis=2) / area, (ways[:, None] * turned).sum(axis=2) / area
    far = (ac * turned).sum(axis=2) / area
    hit = (u >= -1e-3) & (v >= -1e-3) & (u + v <= 1.002)
    ahead, behind = (far > 0) & (far < ABOVE_M), (far <= 0) & (far > -BENEATH_M)
    return (hit & ahead).any(axis=1), (hit & behind).any(axis=1)
