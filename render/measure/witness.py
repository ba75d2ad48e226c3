"""Learns from which sides each Gaussian is ever seen, by looking at the avatar from all around in several poses.

A surface hides what lies behind it only where it is closed and opaque: not at a collar, a sleeve, under a skirt, in
hair. No rule about meshes tells where that is, so it is looked up: a Gaussian's limit is the facing (cosine between its
surface's normal and the way to the eye) at which it was last seen, when the surface turned away. Past that, and a
margin, it may be dropped (project.glsl). What was seen even from straight behind has the limit -1: it always stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.gl.context import Kernel
from render.motion.pose import PoseKey, rest_key
from render.raster.bins import TileBins
from render.stages.align import Aligner
from render.stages.deform import Deformer
from render.stages.lerp import Interpolator
from render.stages.project import Projector
from render.stages.sort import DepthSort
from render.stages.window import TILE, whole
from render.view import View, look_at_pose

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

SEEN: Final = 2 / 255
"""What a Gaussian must add to a pixel to count as seen."""
_PIXEL_M: Final = 0.0025
_AWAY: Final = 2.5
"""From how many times the avatar's half height it is looked at."""


class Witness:
    """Notes the limits of one avatar's Gaussians, in the avatar's order, while it looks."""

    def __init__(self, ctx: moderngl.Context, avatar: Avatar) -> None:
        count = len(avatar.gaussians)
        self._ctx = ctx
        self._deformer = Deformer(ctx, avatar)
        self._aligner = Aligner(ctx, avatar.mesh, avatar.gaussians)
        self._rest, self._state = self._aligner.state(), self._aligner.state()
        self._place(rest_key(avatar, id=0), self._rest)
        self._interpolator = Interpolator(ctx, avatar.gaussians, self._rest)
        self._sorter = DepthSort(ctx, count)
        # What does not fill a pixel shows what is behind it in that share, as it would from near by.
        self._projector = Projector(ctx, count, antialiasing="mip")
        self._bins = TileBins(ctx, count)
        self._kernel = Kernel(ctx, "witness")
        self._colours = ctx.buffer(reserve=count * 4)
        self._seen = ctx.buffer(reserve=count * 4)
        self._triangles, self._owner = avatar.mesh.triangles, avatar.gaussians.triangle
        self.limits: F32 = np.ones(count, np.float32)
        """(N,) facing at which each Gaussian was seen last, 1 where it never was."""

    def _place(self, key: PoseKey, state: object) -> None:
        self._deformer.run(key)
        self._aligner.run(self._deformer.vertices, state)

    def look(self, key: PoseKey, directions: Iterable[F64]) -> None:
        """Look at the avatar in the pose `key` from each of `directions` (3,), unit vectors from its middle."""
        self._place(key, self._state)
        self._interpolator.run(self._state, self._state, 0.0, np.eye(4))
        vertices = np.frombuffer(self._deformer.vertices.read(), np.float32).reshape(-1, 4)[:, :3].astype(np.float64)
        v0, v1, v2 = (vertices[self._triangles[:, k]] for k in range(3))
        normals = np.cross(v1 - v0, v2 - v0)
        normals = (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30))[self._owner]
        places = np.frombuffer(self._interpolator.world.read(), np.float32).reshape(-1, 12)[:, :3].astype(np.float64)
        middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
        radius = float(np.linalg.norm(vertices - middle, axis=1).max())
        for direction in directions:
            eye = middle + _AWAY * radius * direction
            seen = self._seen_from(eye, middle, radius)
            to_eye = eye - places
            facing = (normals * to_eye).sum(axis=1) / np.linalg.norm(to_eye, axis=1)
            self.limits = np.where(seen, np.minimum(self.limits, facing), self.limits).astype(np.float32)

    def _seen_from(self, eye: F64, middle: F64, radius: float) -> NDArray[np.bool_]:
        half = math.asin(1 / _AWAY)
        side = max(TILE, int(2 * radius / _PIXEL_M))
        view = View(look_at_pose(eye, middle), (-half, half, half, -half), side, side)
        window, distance = whole(view), _AWAY * radius
        self._seen.clear()
        world = self._interpolator.world
        self._sorter.run(world, eye, distance - 1.5 * radius, distance + 1.5 * radius)
        self._projector.run(view, window, world, self._colours)
        self._bins.run(window, self._projector.bounds, self._sorter.order, 4.0)
        self._kernel(
            (window.columns, window.rows),
            [self._projector.splats, self._bins.lists, self._bins.ranges, self._seen],
            columns=window.columns,
            size=(view.width / TILE, view.height / TILE),
        )
        return np.frombuffer(self._seen.read(), np.float32) > SEEN


def around(count: int, turn: float = 0.0) -> F64:
    """(count, 3) directions spread evenly over the sphere (a Fibonacci lattice), turned about the vertical by `turn`
    radians; none straight up or down."""
    step = np.arange(count) + 0.5
    y = 1 - 2 * step / count
    angle = step * (math.pi * (3 - math.sqrt(5))) + turn
    across = np.sqrt(1 - y * y)
    return np.stack([across * np.sin(angle), y, across * np.cos(angle)], axis=1)
