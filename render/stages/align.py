"""Stage align: every Gaussian's place, rotation and size at one key, from its triangle's frame.

The bindings are written once, the triangles' frames by every run. `state()` gives room for the Gaussians at one key,
which whoever asked owns; it is valid from the run that fills it until the next run into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians, TemplateMesh
from render.gl.context import Kernel, groups
from render.gl.uploads import uploaded
from render.steps import Steps, beside


@dataclass(frozen=True)
class KeyState:
    """The Gaussians at one key, in avatar space."""

    places: moderngl.Buffer
    """vec4 a Gaussian: position and the triangle's mean edge, metres."""
    turns: moderngl.Buffer
    """uvec2 a Gaussian: its rotation, packed (quaternion.glsl)."""


class Aligner:
    """Keeps the bindings on the GPU and lets the Gaussians follow their triangles."""

    def __init__(
        self, ctx: moderngl.Context, triangles: moderngl.Buffer, bindings: moderngl.Buffer, *, offsets: bool
    ) -> None:
        """As `in_steps` makes it."""
        self._ctx = ctx
        self._faces, self._count = triangles.size // 12, bindings.size // 32
        self._frames_kernel = Kernel(ctx, "frames")
        self._align_kernel = Kernel(ctx, "align", OFFSETS=int(offsets))
        self._triangles, self._bindings = triangles, bindings
        self._frames = ctx.buffer(reserve=self._faces * 64)

    @classmethod
    def in_steps(
        cls, ctx: moderngl.Context, mesh: TemplateMesh, gaussians: Gaussians, *, offsets: bool = False
    ) -> Steps[Self]:
        """`offsets` says whether `run` is given some."""
        bindings = yield from beside(partial(_bindings, gaussians))
        triangles = yield from uploaded(ctx, mesh.triangles.astype(np.uint32))
        return cls(ctx, triangles, (yield from uploaded(ctx, bindings)), offsets=offsets)

    def state(self) -> KeyState:
        """Room for the Gaussians at one key."""
        return KeyState(self._ctx.buffer(reserve=self._count * 16), self._ctx.buffer(reserve=self._count * 8))

    def run(
        self, vertices: moderngl.Buffer, state: KeyState, count: int, offsets: moderngl.Buffer | None = None
    ) -> None:
        """Fill `state` for the first `count` Gaussians from the deformed `vertices`; `offsets` (N, 3), in the frame and
        size of each triangle, come on top of the Gaussians' own."""
        given = [] if offsets is None else [offsets]
        self._frames_kernel(groups(self._faces, 64), [vertices, self._triangles, self._frames], count=self._faces)
        buffers = [self._frames, self._bindings, state.places, state.turns, *given]
        self._align_kernel(groups(count, 64), buffers, count=count)


def _bindings(gaussians: Gaussians) -> NDArray[np.uint32]:
    """(N, 8) words."""
    words = np.zeros((len(gaussians), 8), np.uint32)
    words[:, 0] = gaussians.triangle
    words[:, 1:3] = gaussians.barycentric.astype(np.float32).view(np.uint32)
    words[:, 3:6] = gaussians.offset.astype(np.float32).view(np.uint32)
    words[:, 6:8] = pack_quaternions(gaussians.rotation)
    return words


def pack_quaternions(quaternions: np.ndarray) -> np.ndarray:
    """(N, 4) unit quaternions w, x, y, z as (N, 2) words of two 16-bit parts each."""
    unit = quaternions / np.maximum(np.linalg.norm(quaternions, axis=1, keepdims=True), 1e-12)
    return np.ascontiguousarray(np.rint(unit * 32767).astype(np.int16)).view(np.uint32)
