"""Folds that come and go with the pose, which no template knows of: what a training has to find out from pictures.

Cloth hangs loose: where a joint turns it is dragged along, and slips. And it creases where joints bend: at the elbows,
at the shoulders, across the twisted or bent waist and over the hips. Each crease is a wave over the surface that
travels, turns and is pressed together as its joint turns, so that it is no sum of a few fixed shapes. Its valleys are
dark, and all around a bend there is less light.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, Skeleton, rest_places

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

DEPTH_M: Final = 0.016
"""Of the deepest fold."""
SWAY_M: Final = 0.03
"""By which cloth is dragged along, at the reach of a crease whose joint turns by a radian."""
DARKEST: Final = 0.75
"""Share of the light that a valley swallows."""
_SHADE: Final = 0.5
"""Share that a joint bent by a radian takes from the light around it."""
_WAVE_M: Final = 0.11
"""From ridge to ridge, while a joint is hardly bent."""
_PRESSED: Final = 0.3
"""Share of that by which cloth is pressed together when the joint turns by a radian."""
_SWING: Final = 0.8
"""How much a crease turns with its joint."""
_SLIP: Final = 0.5
"""How much of that it slips to another side."""
_TRAVEL: Final = 0.5
"""Waves that it travels while the joint turns by a radian."""


@dataclass(frozen=True)
class _Crease:
    joint: str
    along: tuple[float, float, float]
    """Across the ridges, in the rest pose."""
    reach: float
    """Metres from the joint in which it is seen."""


_CREASES: Final = (
    _Crease("lowerarm_l", (0.7, -0.7, 0.0), 0.13),
    _Crease("lowerarm_r", (-0.7, -0.7, 0.0), 0.13),
    _Crease("upperarm_l", (0.9, -0.3, 0.2), 0.15),
    _Crease("upperarm_r", (-0.9, -0.3, 0.2), 0.15),
    _Crease("spine_01", (0.35, 0.9, 0.2), 0.22),
    _Crease("spine_03", (-0.35, 0.9, 0.2), 0.2),
    _Crease("thigh_l", (0.8, 0.5, 0.3), 0.3),
    _Crease("thigh_r", (-0.8, 0.5, 0.3), 0.3),
)
_BARE: Final = ("neck_01", "head", "hand_l", "hand_r")
"""What these joints and those below them move has no folds."""


class Folds:
    """The folds of one avatar."""

    def __init__(self, avatar: Avatar) -> None:
        self._avatar = avatar
        mesh = avatar.mesh
        self._vertices = mesh.vertices.astype(np.float64)
        self._places = rest_places(mesh, avatar.gaussians)
        self._normals = _vertex_normals(self._vertices, mesh.triangles)
        bare = _below(avatar.skeleton, _BARE)
        cloth = (mesh.skin_weights * ~bare[mesh.skin_joints]).sum(axis=1).astype(np.float64)
        self._cloth = cloth
        self._cloth_of_gaussians = cloth[mesh.triangles].mean(axis=1)[avatar.gaussians.triangle]

    def folded(self, rotations: F32) -> Avatar:
        """The avatar with the folds of a pose, `rotations` (J, 4) quaternions w, x, y, z."""
        mesh, gaussians = self._avatar.mesh, self._avatar.gaussians
        height = self._height(self._vertices, rotations) * self._cloth
        dragged = self._dragged(self._vertices, rotations) * self._cloth[:, None]
        moved = self._vertices + dragged + DEPTH_M * height[:, None] * self._normals
        valley = np.maximum(-self._height(self._places, rotations), 0) * self._cloth_of_gaussians
        left = (1 - DARKEST * valley) * (1 - _SHADE * self._shade(self._places, rotations) * self._cloth_of_gaussians)
        light = np.maximum(0.5 + _Y0 * gaussians.sh[:, 0].astype(np.float64), 0) * left[:, None]
        sh = gaussians.sh * left[:, None, None].astype(np.float32)
        sh[:, 0] = (light - 0.5) / _Y0
        return replace(
            self._avatar,
            mesh=replace(mesh, vertices=moved.astype(np.float32)),
            gaussians=replace(gaussians, sh=sh.astype(np.float32)),
        )

    def _height(self, points: F64, rotations: F32) -> F64:
        """(n,) from -1 in a valley to 1 on a ridge."""
        total = np.zeros(len(points))
        for crease, spin, away, near in self._near(points, rotations):
            bent = float(np.linalg.norm(spin))
            across = np.array(crease.along) + _SWING * spin
            across /= np.linalg.norm(across) * _WAVE_M * (1 - _PRESSED * bent)
            wave = np.sin(2 * np.pi * (away @ across + _TRAVEL * spin.sum()))
            total += min(bent / 0.5, 1.0) ** 1.5 * near * wave
        return np.clip(total, -1, 1)

    def _dragged(self, points: F64, rotations: F32) -> F64:
        """(n, 3) metres."""
        total = np.zeros_like(points)
        for crease, spin, away, near in self._near(points, rotations):
            turned = np.cross(spin, away / crease.reach) + _SLIP * np.sin(2.5 * np.roll(spin, 1))
            total += SWAY_M * (near ** (1 / 1.7))[:, None] * turned
        return total

    def _shade(self, points: F64, rotations: F32) -> F64:
        """(n,) from 0 to 1 where a bend is closest."""
        total = np.zeros(len(points))
        for _, spin, _, near in self._near(points, rotations):
            total += min(float(np.linalg.norm(spin)), 1.0) * near
        return np.clip(total, 0, 1)

    def _near(self, points: F64, rotations: F32) -> Iterator[tuple[_Crease, F64, F64, F64]]:
        """The creases, with twice the sine of half their joints' turn, about its axis; (n, 3) metres away from the
        joint; and (n,) how near that is."""
        skeleton = self._avatar.skeleton
        for crease in _CREASES:
            if crease.joint in skeleton.names:
                joint = skeleton.names.index(crease.joint)
                spin = 2 * rotations[joint, 1:].astype(np.float64) * np.sign(rotations[joint, 0] or 1)
                away = points - skeleton.rest[joint, :3, 3]
                yield crease, spin, away, np.exp(-((np.linalg.norm(away, axis=1) / crease.reach) ** 2))


_Y0: Final = 0.28209479177387814


def _below(skeleton: Skeleton, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """(J,) whether a joint is one of `names` or below one."""
    found = np.array([name in names for name in skeleton.names])
    for joint, parent in enumerate(skeleton.parents.tolist()):
        found[joint] |= parent >= 0 and found[parent]
    return found


def _vertex_normals(vertices: F64, triangles: NDArray[np.int32]) -> F64:
    corners = vertices[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(total, triangles[:, k], normal)
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-20))
