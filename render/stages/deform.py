"""Stage deform: the template mesh at one key, by blend shapes and linear blend skinning."""

from __future__ import annotations

import moderngl
import numpy as np

from assets.avatar import Avatar
from render.gl.context import Kernel, groups
from render.motion.pose import PoseKey

SMALLEST_OFFSET = 1e-6
"""Metres; offsets shorter than this are left out of the blend shapes."""


class Deformer:
    """Keeps the mesh on the GPU and moves it to a key."""

    def __init__(self, ctx: moderngl.Context, avatar: Avatar) -> None:
        mesh = avatar.mesh
        self._count = len(mesh.vertices)
        self._kernel = Kernel(ctx, "deform")
        first, offsets = _sparse_shapes(mesh.shapes)
        rest = np.zeros((self._count, 4), np.float32)
        rest[:, :3] = mesh.vertices
        self._joints = ctx.buffer(reserve=len(avatar.skeleton.names) * 48)
        self._expression = ctx.buffer(reserve=max(4 * len(avatar.expressions), 4))
        self.vertices = ctx.buffer(reserve=self._count * 16)
        """vec4 a vertex, avatar space; valid until the next run."""
        self._buffers = [
            ctx.buffer(rest.tobytes()),
            ctx.buffer(np.ascontiguousarray(mesh.skin_joints, np.uint16).tobytes()),
            ctx.buffer(np.ascontiguousarray(mesh.skin_weights, np.float32).tobytes()),
            ctx.buffer(first.tobytes()),
            ctx.buffer(offsets.tobytes()),
            self._joints,
            self._expression,
            self.vertices,
        ]

    def run(self, key: PoseKey) -> None:
        """Move the mesh to `key`."""
        self._joints.write(np.ascontiguousarray(key.joints[:, :3], np.float32).tobytes())
        self._expression.write(np.ascontiguousarray(key.expression, np.float32).tobytes())
        self._kernel(groups(self._count, 64), self._buffers, vertices=self._count)


def _sparse_shapes(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Offsets vertex by vertex: (V + 1,) first indices, (n, 4) uint16 of three halves and the shape's number."""
    by_vertex = shapes.transpose(1, 0, 2)
    vertex, shape = np.nonzero(np.abs(by_vertex).max(axis=2) > SMALLEST_OFFSET)
    offsets = np.zeros((max(len(vertex), 1), 4), np.uint16)
    offsets[: len(vertex), :3] = np.ascontiguousarray(by_vertex[vertex, shape]).view(np.uint16)
    offsets[: len(vertex), 3] = shape
    first = np.searchsorted(vertex, np.arange(shapes.shape[1] + 1)).astype(np.uint32)
    return first, offsets
