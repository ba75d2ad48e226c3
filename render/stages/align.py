"""Stage align: every Gaussian's place, rotation and size at one key, from its triangle's frame.

The bindings are written once, the triangles' frames by every run. `state()` gives room for the Gaussians at one key,
which whoever asked owns; it is valid from the run that fills it until the next run into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np

from assets.avatar import Gaussians, TemplateMesh
from render.gl.context import Kernel, groups


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
        self, ctx: moderngl.Context, mesh: TemplateMesh, gaussians: Gaussians, *, offsets: bool = False
    ) -> None:
        """`offsets` says whether `run` is given some."""
        self._ctx = ctx
        self._faces, self._count = len(mesh.triangles), len(gaussians)
        self._frames_kernel = Kernel(ctx, "frames")
        self._align_kernel = Kernel(ctx, "align", OFFSETS=int(offsets))
        bindings = np.zeros((self._count, 8), np.uint32)
        bindings[:, 0] = gaussians.triangle
        bindings[:, 1:3] = gaussians.barycentric.astype(np.float32).view(np.uint32)
        bindings[:, 3:6] = gaussians.offset.astype(np.float32).view(np.uint32)
        bindings[:, 6:8] = pack_quaternions(gaussians.rotation)
        self._triangles = ctx.buffer(mesh.triangles.astype(np.uint32).tobytes())
        self._bindings = ctx.buffer(bindings.tobytes())
        self._frames = ctx.buffer(reserve=self._faces * 64)

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


def pack_quaternions(quaternions: np.ndarray) -> np.ndarray:
    """(N, 4) unit quaternions w, x, y, z as (N, 2) words of two 16-bit parts each."""
    unit = quaternions / np.maximum(np.linalg.norm(quaternions, axis=1, keepdims=True), 1e-12)
    return np.ascontiguousarray(np.rint(unit * 32767).astype(np.int16)).view(np.uint32)
