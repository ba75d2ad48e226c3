"""The student's networks in torch: mesh offsets of the pose, weights of the blend shapes (TaoAvatar, section 3).

A pose is what each moving joint's rotation has over its parent's: the axis times the sine of the angle, three numbers.
The network S of mesh offsets sees a vertex by its positional encoding, which never changes, so that its share of the
first layer is a table, and the pose's share is one row that all vertices add.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assets.train.template import Template

WIDTH: Final = 64
LAYERS: Final = 5
MAP_WIDTH: Final = 32
SLOPE: Final = 0.01
"""Of the activations below zero."""
MOVING: Final = 0.02
"""Of the sine of a joint's angle, at least, for the joint to count as moving."""
_FIRST: Final = 0.1
"""Metres at most, roughly, that the network of mesh offsets can speak of at first: the size of its last layer."""

Params = dict[str, Tensor]


@dataclass(frozen=True)
class Driver:
    """What the networks are told of a frame."""

    joints: tuple[int, ...]
    parents: tuple[int, ...]
    """Of those joints; none is a root."""
    expressions: tuple[int, ...]

    @property
    def pose_size(self) -> int:
        """Numbers of a pose."""
        return 3 * len(self.joints)

    def pose(self, joints: Tensor) -> Tensor:
        """(pose_size,) of skinning matrices (J, 4, 4)."""
        turns = joints[:, :3, :3]
        local = turns[list(self.parents)].transpose(1, 2) @ turns[list(self.joints)]
        spin = [local[:, 2, 1] - local[:, 1, 2], local[:, 0, 2] - local[:, 2, 0], local[:, 1, 0] - local[:, 0, 1]]
        return torch.stack(spin, 1).reshape(-1) / 2

    def face(self, expression: Tensor) -> Tensor:
        """The expressions that change."""
        return expression[list(self.expressions)]


def driver_of(template: Template, joints: NDArray[np.float32], expression: NDArray[np.float32]) -> Driver:
    """Which joints and expressions change in the frames to train on, `joints` (T, J, 4, 4), `expression` (T, E)."""
    parents = template.skeleton.parents
    below = np.flatnonzero(parents >= 0)
    turns = joints[..., :3, :3].astype(np.float64)
    local = np.einsum("tjba,tjbc->tjac", turns[:, parents[below]], turns[:, below])
    spin = np.stack(
        [local[..., 2, 1] - local[..., 1, 2], local[..., 0, 2] - local[..., 2, 0], local[..., 1, 0] - local[..., 0, 1]],
        axis=2,
    )
    moving = below[(np.ptp(spin, axis=0) / 2).max(axis=1) > MOVING]
    faces = np.flatnonzero(np.ptp(expression, axis=0) > MOVING) if expression.size else np.zeros(0, np.int64)
    return Driver(tuple(moving.tolist()), tuple(parents[moving].tolist()), tuple(faces.tolist()))


def encode(rest: Tensor, octaves: int) -> Tensor:
    """(V, 3 + 6 octaves) of vertices at rest: their places in their own box, -1 to 1, with sines and cosines."""
    low, high = rest.min(0).values, rest.max(0).values
    unit = (2 * rest - low - high) / (high - low).max()
    waves = [f(unit * (math.pi / 2 * 2**k)) for k in range(octaves) for f in (torch.sin, torch.cos)]
    return torch.cat([unit, *waves], 1)


def new_mesh_network(code_size: int, pose_size: int, seed: int) -> Params:
    """Weights of S; with them it says nearly nothing."""
    random = torch.Generator().manual_seed(seed)
    params = {
        "mesh.code": _weights(WIDTH, code_size, random),
        "mesh.pose": _weights(WIDTH, pose_size, random),
        "mesh.bias0": torch.zeros(WIDTH),
    }
    for k in range(1, LAYERS - 1):
        params |= {f"mesh.weight{k}": _weights(WIDTH, WIDTH, random), f"mesh.bias{k}": torch.zeros(WIDTH)}
    last = LAYERS - 1
    params |= {f"mesh.weight{last}": 0.1 * _FIRST * _weights(3, WIDTH, random), f"mesh.bias{last}": torch.zeros(3)}
    return params


def mesh_offsets(params: Mapping[str, Tensor], code: Tensor, pose: Tensor) -> Tensor:
    """(V, 3) metres at rest, of encoded vertices and a pose."""
    x = code @ params["mesh.code"].T + (params["mesh.pose"] @ pose + params["mesh.bias0"])
    for k in range(1, LAYERS):
        x = torch.nn.functional.leaky_relu(x, SLOPE) @ params[f"mesh.weight{k}"].T + params[f"mesh.bias{k}"]
    return x


def new_mapping(name: str, inputs: int, outputs: int, seed: int) -> Params:
    """Weights of a mapping network of two layers, B of the pose or H of the expression."""
    random = torch.Generator().manual_seed(seed)
    return {
        f"{name}.weight0": _weights(MAP_WIDTH, inputs, random),
        f"{name}.bias0": torch.zeros(MAP_WIDTH),
        f"{name}.weight1": _weights(outputs, MAP_WIDTH, random),
        f"{name}.bias1": torch.zeros(outputs),
    }


def mapped(params: Mapping[str, Tensor], name: str, given: Tensor) -> Tensor:
    """(outputs,) weights of blend shapes."""
    hidden = torch.tanh(params[f"{name}.weight0"] @ given + params[f"{name}.bias0"])
    return params[f"{name}.weight1"] @ hidden + params[f"{name}.bias1"]


def _weights(rows: int, columns: int, random: torch.Generator) -> Tensor:
    return torch.randn(rows, columns, generator=random) * math.sqrt(2 / max(columns, 1))
