"""The teacher: a network too large for a headset, which learns the pictures first (TaoAvatar, section 3.2, after
AnimatableGaussians).

The template at rest is painted from the front and from the back with where its surface has gone in a pose. A U-Net
turns the two paintings into maps of how vertices move at rest and how Gaussians move and change colour, and each reads
them where it lies. The student then learns from what the teacher draws; nothing of the teacher is packed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d, grid_sample, interpolate, leaky_relu

from assets.avatar import TemplateMesh
from assets.forge.layer import vertex_normals
from assets.train.networks import Params
from assets.train.sampling import Strewn, strew

SIZE: Final = 64
"""Pixels of a painting, each way."""
WIDTHS: Final = (32, 64, 128)
_READ, _TOLD = 4, 9
"""Channels of one painting: where to, and whether anything is there; of one map: three vectors."""
_SCALES: Final = (0.05, 1.0, 0.3)
"""What 1 in a map means: metres, mean edges, linear light."""
_GONE_M: Final = 0.25
"""Metres that are 1 in a painting."""
_MARGIN: Final = 1.05
_POINTS: Final = 16
"""Of the surface, to a pixel, among which the nearest to the painter is looked for."""
_TURN: Final = 6.0
"""How sharply front and back part, where the surface turns away."""
_SLOPE: Final = 0.1
_FIRST: Final = 0.05
"""How loud the last layer is at first."""


@dataclass(frozen=True)
class Taught:
    """What the teacher says of a pose."""

    moved: Tensor
    """(V, 3) metres at rest."""
    shift: Tensor
    """(N, 3) of Gaussians, in mean edges in the frames of their triangles."""
    tint: Tensor
    """(N, 3) linear light."""


@dataclass(frozen=True)
class Places:
    """Where points read the maps: `grid` (n, 2), -1 to 1, and how much of the front's map is theirs, (n, 1)."""

    grid: Tensor
    front: Tensor


@dataclass(frozen=True)
class Canvas:
    """What is painted where: for each side the pixels, and the triangles that are seen there, with barycentrics."""

    pixels: tuple[Tensor, Tensor]
    corners: tuple[Tensor, Tensor]
    """(P, 3) vertices."""
    weights: tuple[Tensor, Tensor]
    """(P, 3)."""
    vertices: Places
    gaussians: Places

    def painted(self, gone: Tensor) -> Tensor:
        """(1, 8, SIZE, SIZE) of how far each vertex (V, 3) has gone, in metres."""
        sides = []
        for pixels, corners, weights in zip(self.pixels, self.corners, self.weights, strict=True):
            there = (weights[..., None] * gone[corners]).sum(1) / _GONE_M
            there = torch.cat([there, torch.ones_like(there[:, :1])], 1)
            sides.append(gone.new_zeros(SIZE * SIZE, _READ).index_copy(0, pixels, there))
        return torch.cat(sides, 1).T.reshape(1, 2 * _READ, SIZE, SIZE)


def canvas_of(mesh: TemplateMesh, strewn: Strewn, device: torch.device) -> Canvas:
    """The canvas of a template at rest and its Gaussians."""
    points = mesh.vertices.astype(np.float64)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    half = _MARGIN * float((high - low).max()) / 2
    middle = (low + high) / 2
    some = strew(mesh, _POINTS * SIZE * SIZE, 0)
    corners, weights = mesh.triangles[some.parent], _weights(some)
    there = np.einsum("nk,nkc->nc", weights, points[corners])
    column, row = np.floor(((there[:, :2] - middle) / half + 1) / 2 * SIZE).astype(np.int64).clip(0, SIZE - 1).T
    pixel = row * SIZE + column
    chosen = []
    for side in (1, -1):
        order = np.lexsort((-side * there[:, 2], pixel))
        chosen.append(order[np.unique(pixel[order], return_index=True)[1]])

    def tensor(array: np.ndarray) -> Tensor:
        kind = torch.int64 if array.dtype.kind in "iu" else torch.float32
        return torch.as_tensor(np.ascontiguousarray(array), device=device).to(kind)

    normals = vertex_normals(points, mesh.triangles)
    lies, own = mesh.triangles[strewn.parent], _weights(strewn)

    def places(where: np.ndarray, normal: np.ndarray) -> Places:
        turned = normal[:, 2] / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
        return Places(tensor((where[:, :2] - middle) / half), tensor(1 / (1 + np.exp(-_TURN * turned)))[:, None])

    return Canvas(
        (tensor(pixel[chosen[0]]), tensor(pixel[chosen[1]])),
        (tensor(corners[chosen[0]]), tensor(corners[chosen[1]])),
        (tensor(weights[chosen[0]]), tensor(weights[chosen[1]])),
        places(points, normals),
        places(np.einsum("nk,nkc->nc", own, points[lies]), np.einsum("nk,nkc->nc", own, normals[lies])),
    )


def new_teacher(seed: int) -> Params:
    """Weights of the U-Net; with them it says nearly nothing."""
    random = torch.Generator().manual_seed(seed)
    a, b, c = WIDTHS
    sizes = {
        "in": (2 * _READ, a), "down1": (a, b), "down2": (b, c), "down3": (c, c),
        "up2": (2 * c, c), "up1": (c + b, b), "up0": (b + a, a), "out": (a, 2 * _TOLD),
    }  # fmt: skip
    params: Params = {}
    for name, (reads, tells) in sizes.items():
        spread = math.sqrt(2 / (9 * reads)) * (_FIRST if name == "out" else 1)
        params[f"teacher.{name}"] = spread * torch.randn(tells, reads, 3, 3, generator=random)
        params[f"teacher.{name}_bias"] = torch.zeros(tells)
    return params


def teach(params: Mapping[str, Tensor], canvas: Canvas, gone: Tensor) -> Taught:
    """What the teacher says where the pose has taken each vertex by `gone` (V, 3) metres."""

    def layer(name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight, bias = params[f"teacher.{name}"], params[f"teacher.{name}_bias"]
        return leaky_relu(conv2d(x, weight, bias, stride, 1), _SLOPE)

    def joined(small: Tensor, large: Tensor) -> Tensor:
        return torch.cat([interpolate(small, scale_factor=2), large], 1)

    x0 = layer("in", canvas.painted(gone))
    x1 = layer("down1", x0, 2)
    x2 = layer("down2", x1, 2)
    x = layer("up2", joined(layer("down3", x2, 2), x2))
    x = layer("up0", joined(layer("up1", joined(x, x1)), x0))
    maps = conv2d(x, params["teacher.out"], params["teacher.out_bias"], 1, 1).view(2, _TOLD, SIZE, SIZE)
    at_vertices, at_gaussians = _read(maps[:, :3], canvas.vertices), _read(maps[:, 3:], canvas.gaussians)
    return Taught(_SCALES[0] * at_vertices, _SCALES[1] * at_gaussians[:, :3], _SCALES[2] * at_gaussians[:, 3:])


def _read(maps: Tensor, places: Places) -> Tensor:
    """(n, c) of the front's and the back's map, (2, c, SIZE, SIZE)."""
    grid = places.grid[None, None].expand(2, 1, -1, 2)
    front, back = grid_sample(maps, grid, padding_mode="border", align_corners=False)[:, :, 0].transpose(1, 2)
    return places.front * front + (1 - places.front) * back


def _weights(strewn: Strewn) -> np.ndarray:
    return np.concatenate([strewn.barycentric, 1 - strewn.barycentric.sum(axis=1, keepdims=True)], axis=1)
