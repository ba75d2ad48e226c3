"""Stage deform: the template mesh at one key, by blend shapes and linear blend skinning.

The mesh at rest and its shapes are written once. `vertices()` gives room for the mesh at one key, which whoever asked
owns; it is valid from the run that fills it until the next run into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Self

import moderngl
import numpy as np

from assets.avatar import Avatar, TemplateMesh
from render.gl.context import Kernel, groups
from render.gl.uploads import uploaded
from render.steps import Steps, beside

SMALLEST_OFFSET = 1e-6
"""Metres; offsets shorter than this are left out of the blend shapes."""


class Deformer:
    """Keeps the mesh on the GPU and moves it to a key."""

    def __init__(self, ctx: moderngl.Context, mesh: Sequence[moderngl.Buffer], *, offsets: bool) -> None:
        """As `in_steps` makes it."""
        self._ctx, self._mesh, self._count = ctx, list(mesh), mesh[0].size // 16
        self._kernel = Kernel(ctx, "deform", OFFSETS=int(offsets))

    @classmethod
    def in_steps(cls, ctx: moderngl.Context, avatar: Avatar, *, offsets: bool = False) -> Steps[Self]:
        """`offsets` says whether `run` is given some."""
        buffers = []
        for array in (yield from beside(partial(_arrays, avatar.mesh))):
            buffers.append((yield from uploaded(ctx, array)))
        return cls(ctx, buffers, offsets=offsets)

    def uncorrected(self) -> Deformer:
        """The same mesh, whose `run` is given no offsets."""
        return Deformer(self._ctx, self._mesh, offsets=False)

    def vertices(self) -> moderngl.Buffer:
        """Room for the mesh at one key: vec4 a vertex, avatar space."""
        return self._ctx.buffer(reserve=self._count * 16)

    def run(
        self,
        expression: moderngl.Buffer,
        joints: moderngl.Buffer,
        vertices: moderngl.Buffer,
        offsets: moderngl.Buffer | None = None,
    ) -> None:
        """Fill `vertices` at a key (KeyBuffers), with `offsets` (V, 3), metres, on top of its blend shapes."""
        given = [] if offsets is None else [offsets]
        buffers = [*self._mesh, joints, expression, vertices, *given]
        self._kernel(groups(self._count, 64), buffers, vertices=self._count)


def _arrays(mesh: TemplateMesh) -> list[np.ndarray]:
    """The mesh at rest, its skin and its shapes, as the shader reads them."""
    rest = np.zeros((len(mesh.vertices), 4), np.float32)
    rest[:, :3] = mesh.vertices
    return [
        rest,
        mesh.skin_joints.astype(np.uint16),
        mesh.skin_weights.astype(np.float32),
        *_sparse_shapes(mesh.shapes),
    ]


def _sparse_shapes(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Offsets vertex by vertex: (V + 1,) first indices, (n, 4) uint16 of three halves and the shape's number."""
    by_vertex = shapes.transpose(1, 0, 2)
    # Halves are as large as their bits without the sign, and those are compared much faster.
    magnitudes, smallest = shapes.view(np.uint16) & 0x7FFF, np.float16(SMALLEST_OFFSET).view(np.uint16)
    vertex, shape = np.nonzero((magnitudes > smallest).any(axis=2).T)
    offsets = np.zeros((max(len(vertex), 1), 4), np.uint16)
    offsets[: len(vertex), :3] = np.ascontiguousarray(by_vertex[vertex, shape]).view(np.uint16)
    offsets[: len(vertex), 3] = shape
    first = np.searchsorted(vertex, np.arange(shapes.shape[1] + 1)).astype(np.uint32)
    return first, offsets
