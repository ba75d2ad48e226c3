"""What shades what when a body moves: arms against the trunk, thighs when one sits, a chin on the neck.

How much of an even sky reaches some of the Gaussians, in drawn poses and at rest, by the maps of the light (light.py).
What changes is learned as a few shapes whose weights are linear in the turns of the joints: a reduced-rank ridge
regression (Izenman 1975). The other Gaussians take the shade of those around them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.avatar import Gaussians
from assets.forge.layer import Surface, frames, positions
from assets.forge.light import visibility
from assets.forge.sampling import uniform
from assets.forge.shine import around
from assets.forge.source import F32, F64

SHAPES: Final = 6
POSES: Final = 72
PROBES: Final = 9000
"""Gaussians that are looked at."""
_DIRECTIONS: Final = 48
_CELL: Final = 0.011
_CLOSE: Final = 3.0
"""Points in each cell's square that stand for what casts shade."""
_LIFT: Final = 2.5
"""Cells off the surface: what is nearer moves along."""
_DARKEST, _BRIGHTEST = -0.75, 0.5
"""Change of light, against that at rest."""
_DIM: Final = 0.35
"""Share of the sky under which a place counts as no darker."""
_RIDGE: Final = 0.5
_NEAREST: Final = 6
_LEAST: Final = 0.015
"""A change of light that is left out."""


class Probes:
    """Some Gaussians of an avatar, and all that may stand in their light: the triangles `solid` of its mesh; `normals`
    (N, 3) are the Gaussians' at rest."""

    def __init__(
        self, surface: Surface, gaussians: Gaussians, normals: F32, solid: NDArray[np.intp], seed: int
    ) -> None:
        self._surface, self._gaussians, self._normals = surface, gaussians, normals.astype(np.float64)
        own, self._number = np.unique(gaussians.triangle, return_inverse=True)
        self._own = surface.triangles[own]
        self._rest, _ = frames(surface.vertices, self._own)
        corners = surface.vertices[surface.triangles[solid]]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        count = int(_CLOSE * np.linalg.norm(across, axis=1).sum() / 2 / _CELL**2) + 1
        casting, self._bary = uniform(surface.vertices, surface.triangles[solid], count, seed)
        self._casting = surface.triangles[solid[casting]]
        self._sphere = around(_DIRECTIONS)
        self._open = self.open(surface.vertices)

    def open(self, vertices: F64) -> F64:
        """(N,) share of an even sky that each sees, with the mesh's vertices (V, 3) there."""
        place = positions(
            Surface(vertices, self._own, self._surface.skin_joints, self._surface.skin_weights, self._surface.shapes),
            replace(self._gaussians, triangle=self._number.astype(np.int32)),
        )
        turn = np.matmul(frames(vertices, self._own)[0], self._rest.swapaxes(1, 2))[self._number]
        normal = np.einsum("nij,nj->ni", turn, self._normals)
        corners = vertices[self._casting]
        casting = np.concatenate([place, np.einsum("nk,nkc->nc", self._bary, corners)])
        seen = visibility(casting, place + _LIFT * _CELL * normal, self._sphere, _CELL)
        lobe = np.maximum(normal @ self._sphere.T, 0)
        return np.asarray(np.einsum("nd,dn->n", lobe, seen) / np.maximum(lobe.sum(axis=1), 1e-6))

    def change(self, vertices: F64) -> F64:
        """(N,) how much more of it than at rest: -1 is all dark."""
        gained = (self.open(vertices) - self._open) / np.maximum(self._open, _DIM)
        return np.clip(gained, _DARKEST, _BRIGHTEST)


@dataclass(frozen=True)
class Shade:
    """change = shapes^T weights x, of the features x of a pose."""

    weights: F64
    """(SHAPES, 9 D)."""
    shapes: F64
    """(SHAPES, N) on the probes."""


def learn_shade(x: F64, changes: F64) -> Shade:
    """From features (P, 9 D) and changes (P, N) of some poses."""
    ridge = _RIDGE * len(x) * np.mean(x**2) * np.eye(x.shape[1])
    linear = np.linalg.solve(x.T @ x + ridge, x.T @ changes)
    fitted = x @ linear
    _, directions = np.linalg.eigh(fitted @ fitted.T)
    right = np.linalg.qr((directions[:, ::-1][:, :SHAPES].T @ fitted).T)[0].T
    right *= np.sign(right.sum(axis=1, keepdims=True))
    size = np.sqrt(changes.shape[1])
    return Shade(np.asarray((linear @ right.T).T / size), np.asarray(right * size))


def spread(shapes: F64, from_: tuple[F64, F64], to: tuple[F64, F64]) -> F64:
    """(SHAPES, M) shapes (SHAPES, N), known at the places and normals `from_`, each (N, 3), at those of `to`."""
    away, near = cKDTree(from_[0], balanced_tree=False).query(to[0], k=_NEAREST)
    weight = np.clip(np.einsum("nc,nkc->nk", to[1], from_[1][near]), 0.02, 1) / (away**2 + 1e-5)
    weight /= weight.sum(axis=1, keepdims=True)
    share = np.stack([(weight * shape[near]).sum(axis=1) for shape in shapes])
    return np.where(np.abs(share) < _LEAST, 0.0, share)


def skinned(surface: Surface, joints: F64, offsets: F64) -> F64:
    """(V, 3) vertices by linear blend skinning with matrices (J, 4, 4) and offsets (V, 3) at rest."""
    flat = joints[:, :3].reshape(len(joints), 12)
    blended = np.zeros((len(surface.vertices), 12))
    for k in range(surface.skin_joints.shape[1]):
        blended += surface.skin_weights[:, k : k + 1] * flat[surface.skin_joints[:, k]]
    matrices = blended.reshape(-1, 3, 4)
    return np.asarray(np.einsum("vab,vb->va", matrices[:, :, :3], surface.vertices + offsets) + matrices[:, :, 3])
