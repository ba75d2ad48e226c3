"""The avatar's geometry once more in torch: template, frames of triangles, Gaussians, their colour and projection.

What assets/avatar.py defines and the renderer's stages deform, align, harmonics and project compute, differentiable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from assets.train.cameras import Camera
from assets.train.template import Template

LOW_PASS: Final = 0.3
"""Square pixels added to every splat."""
SIDE: Final = 0.15
"""Share of the picture by which the derivative's place may leave it."""
NEAREST: Final = 0.05
"""Metres; what is nearer is not drawn."""


@dataclass(frozen=True)
class Rig:
    """A template on a device."""

    rest: Tensor
    """(V, 3)."""
    triangles: Tensor
    """(F, 3) int64."""
    skin_joints: Tensor
    """(V, 4) int64."""
    skin_weights: Tensor
    """(V, 4)."""
    shapes: Tensor
    """(E, V, 3)."""

    def posed(self, rest: Tensor, joints: Tensor, expression: Tensor) -> Tensor:
        """(V, 3) vertices of `rest` (V, 3) with `joints` (J, 4, 4) and `expression` (E,)."""
        moved = rest
        if bool(expression.any()):
            moved = moved + torch.tensordot(expression, self.shapes, 1)
        rows = joints[:, :3].reshape(-1, 12)
        blended = (rows[self.skin_joints] * self.skin_weights[..., None]).sum(1).view(-1, 3, 4)
        return (blended[:, :, :3] @ moved[:, :, None])[..., 0] + blended[:, :, 3]

    def carried(self, joints: Sequence[int]) -> Tensor:
        """(V, n) by how much each of the n `joints` carries a vertex."""
        named = torch.as_tensor(list(joints), dtype=torch.int64, device=self.rest.device)
        return ((self.skin_joints[..., None] == named) * self.skin_weights[..., None]).sum(1)


def rig_of(template: Template, device: torch.device) -> Rig:
    """The template as tensors."""
    mesh = template.mesh

    def tensor(array: np.ndarray, kind: torch.dtype) -> Tensor:
        return torch.as_tensor(np.ascontiguousarray(array)).to(device=device, dtype=kind)

    return Rig(
        tensor(mesh.vertices, torch.float32),
        tensor(mesh.triangles, torch.int64),
        tensor(mesh.skin_joints.astype(np.int64), torch.int64),
        tensor(mesh.skin_weights, torch.float32),
        tensor(mesh.shapes.astype(np.float32), torch.float32),
    )


def frames(vertices: Tensor, triangles: Tensor) -> tuple[Tensor, Tensor]:
    """Each triangle's rotation (F, 3, 3), columns n, q, n x q, and mean edge (F,)."""
    v0, v1, v2 = (vertices[triangles[:, k]] for k in range(3))
    normal = _unit(torch.linalg.cross(v1 - v0, v2 - v0))
    toward = _unit((v1 + v2) / 2 - v0)
    edge = ((v1 - v0).norm(dim=1) + (v2 - v1).norm(dim=1) + (v0 - v2).norm(dim=1)) / 3
    return torch.stack([normal, toward, torch.linalg.cross(normal, toward)], 2), edge


@dataclass(frozen=True)
class Placed:
    """Gaussians in avatar space: positions (N, 3), rotations of their triangles (N, 3, 3), axes (N, 3, 3) whose columns
    are as long as the deviations."""

    positions: Tensor
    turned: Tensor
    axes: Tensor


def place(
    vertices: Tensor, triangles: Tensor, parent: Tensor, barycentric: Tensor, offset: Tensor, rotation: Tensor,
    scale: Tensor,
) -> Placed:  # fmt: skip
    """Gaussians on their triangles: `parent` (N,), `barycentric` (N, 2), `offset` and `scale` (N, 3) in mean edges,
    `rotation` (N, 4) quaternions w, x, y, z of any length."""
    turned, edge = frames(vertices, triangles)
    turned, edge = turned[parent], edge[parent, None]
    corners = vertices[triangles[parent]]
    weights = torch.cat([barycentric, 1 - barycentric.sum(1, keepdim=True)], 1)
    on_triangle = (weights[..., None] * corners).sum(1)
    positions = on_triangle + edge * (turned @ offset[..., None])[..., 0]
    axes = turned @ rotations(rotation) * (edge * scale)[:, None, :]
    return Placed(positions, turned, axes)


def rotations(quaternions: Tensor) -> Tensor:
    """(N, 3, 3) of (N, 4) quaternions w, x, y, z of any length."""
    w, x, y, z = torch.nn.functional.normalize(quaternions, dim=1).unbind(1)
    entries = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return torch.stack(entries, 1).view(-1, 3, 3)


def colours(sh: Tensor, placed: Placed, rest_turned: Tensor, eye: Tensor) -> Tensor:
    """(N, 3) linear light, unclipped, of harmonics `sh` (N, K, 3) seen from `eye` (3,); `rest_turned` (N, 3, 3) are the
    triangles' rotations at rest."""
    light = 0.5 + _Y0 * sh[:, 0]
    if sh.shape[1] > 1:
        away = _unit(placed.positions - eye)
        seen = rest_turned @ (placed.turned.transpose(1, 2) @ away[..., None])
        x, y, z = seen[..., 0].unbind(1)
        basis = [-_Y1 * y, _Y1 * z, -_Y1 * x]
        if sh.shape[1] > 4:
            basis += [
                _Y2[0] * x * y, -_Y2[0] * y * z, _Y2[1] * (2 * z * z - x * x - y * y), -_Y2[0] * x * z,
                _Y2[0] / 2 * (x * x - y * y),
            ]  # fmt: skip
        light = light + (torch.stack(basis, 1)[..., None] * sh[:, 1 : 1 + len(basis)]).sum(1)
    return light


@dataclass(frozen=True)
class Splats:
    """In the order in which they are blended, nearest first; `index` says which Gaussian each is."""

    centres: Tensor
    covariances: Tensor
    index: Tensor


@dataclass(frozen=True)
class Eye:
    """A camera on a device."""

    turn: Tensor
    """(3, 3) world to camera."""
    place: Tensor
    """(3,)."""
    camera: Camera


def eye_of(camera: Camera, device: torch.device) -> Eye:
    """The camera as tensors."""
    pose = torch.as_tensor(camera.pose, dtype=torch.float32, device=device)
    return Eye(pose[:3, :3].T.contiguous(), pose[:3, 3].contiguous(), camera)


def project(eye: Eye, placed: Placed) -> Splats:
    """Splats in pixels from the top left (Zwicker et al. 2001), by distance from the camera."""
    away = placed.positions - eye.place
    local = away @ eye.turn.T
    depth = -local[:, 2]
    with torch.no_grad():
        index = torch.argsort((away * away).sum(1), stable=True)
        index = index[depth[index] >= NEAREST]
    local, depth, axes = local[index], depth[index], placed.axes[index]
    c = eye.camera
    x, y = local[:, 0] / depth, local[:, 1] / depth
    centres = torch.stack([c.cx + c.fx * x, c.cy - c.fy * y], 1)
    wide, high = SIDE * c.width / c.fx, SIDE * c.height / c.fy
    x = x.clamp(-c.cx / c.fx - wide, (c.width - c.cx) / c.fx + wide)
    y = y.clamp((c.cy - c.height) / c.fy - high, c.cy / c.fy + high)
    # Rows of the picture count downward.
    to_column = (c.fx / depth)[:, None] * (eye.turn[0] + x[:, None] * eye.turn[2])
    to_row = (-c.fy / depth)[:, None] * (eye.turn[1] + y[:, None] * eye.turn[2])
    flat = torch.stack([to_column, to_row], 1) @ axes
    spread = flat @ flat.transpose(1, 2)
    covariances = torch.stack([spread[:, 0, 0] + LOW_PASS, spread[:, 0, 1], spread[:, 1, 1] + LOW_PASS], 1)
    return Splats(centres, covariances, index)


def _unit(vectors: Tensor) -> Tensor:
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp(min=1e-12)


_Y0: Final = 0.28209479177387814
_Y1: Final = 0.4886025119029199
_Y2: Final = (1.0925484305920792, 0.31539156525252005)
