"""Learns from which sides each Gaussian is ever seen, by looking at the avatar from all around, in a few poses.

A surface hides what is behind it only where it is closed and opaque: not at a collar or a cuff, not under a skirt, not
in hair. No rule about meshes tells where that is, so it is looked up. A Gaussian's limit is the facing (the cosine
between its surface's normal and the way to the eye) at which it was last seen while the surface turned away; farther,
and a margin, it may be dropped (project.glsl).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar, rest_places
from assets.progress import Progress
from render.gl.context import Kernel
from render.motion.performer import Performer
from render.motion.pose import PoseKey, rest_key
from render.motion.skeleton import skinning_matrices
from render.raster.bins import TileBins
from render.raster.splats import Splats
from render.renderer import AvatarRenderer
from render.stages.eye import Eye, grid_of
from render.stages.facing import FACING_LIMITS, unit_normals
from render.stages.project import Projector
from render.stages.window import TILE
from render.view import View, look_at_pose

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SEEN: Final = 2 / 255
"""What a Gaussian must add to a pixel to count as seen."""
DIRECTIONS: Final = 40
"""From how many it is looked at in each pose, and its head from near by."""
_PIXEL_M: Final = 0.003
_MAX_SIDE: Final = 1024
_AWAY: Final = 2.5
"""How many times as far as the avatar reaches from its middle the eye stands."""
_HEAD_M: Final = 0.24
"""Metres around the middle of a head: who talks to it sees past the cheeks into its hair, and into its collar."""
_HEAD_PIXEL_M: Final = 0.0015
_HEAD_ABOVE_M: Final = 0.03
"""From the joint `head` to that middle."""
_NEEDLE: Final = 0.4
"""Share of its length that a needle is wide at most."""
_LOCK: Final = 16
"""Needles that are seen together."""


class WitnessRasteriser:
    """In the place of a rasteriser: draws nothing, and notes the most that each splat would add to any pixel."""

    def __init__(self, ctx: moderngl.Context, count: int) -> None:
        self._bins, self._kernel = TileBins(ctx, count), Kernel(ctx, "witness")
        self.added = ctx.buffer(reserve=count * 4)
        """A float a Gaussian."""

    def run(
        self,
        eyes: Sequence[Eye],
        splats: Splats,
        picture: moderngl.Texture,
        depth: moderngl.Texture | None = None,
    ) -> None:
        """As Rasteriser.run, without touching `picture` or `depth`."""
        self.added.clear()
        grid = grid_of(eyes)
        self._bins.run(grid, len(eyes), splats.bounds, splats.order, splats.count)
        splats.eyes.bind_to_uniform_block(0)
        self._kernel((*grid, len(eyes)), [splats.words, *self._bins.listed, self.added])


@dataclass(frozen=True)
class _Scope:
    """What of an avatar is looked at."""

    middle: F64
    radius: float
    target: moderngl.Framebuffer


class Witness:
    """Looks at one avatar, and remembers the limits of its Gaussians as `AvatarRenderer.drawn` orders them."""

    def __init__(self, ctx: moderngl.Context, avatar: Avatar) -> None:
        self._renderer = AvatarRenderer(ctx, avatar)
        drawn, self.order = self._renderer.drawn, self._renderer.order
        """(N,) which Gaussian of the avatar each of `drawn` is."""
        self._rasteriser = self._renderer.rasteriser = WitnessRasteriser(ctx, len(drawn))
        # What does not fill a pixel shows what is behind it in that share, as it would from near by.
        self._renderer.projector = Projector(ctx, len(drawn), antialiasing="mip")
        vertices = avatar.mesh.vertices.astype(np.float64)
        corners = (vertices[avatar.mesh.triangles[:, k]] for k in range(3))
        self._normals = unit_normals(*corners)[drawn.triangle]
        middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
        radius = float(np.linalg.norm(vertices - middle, axis=1).max())
        side = min(max(TILE, int(2 * radius / _PIXEL_M)), _MAX_SIDE)
        self._scopes = [_Scope(middle, radius, ctx.simple_framebuffer((side, side)))]
        if "head" in avatar.skeleton.names and radius > 2 * _HEAD_M:
            middle = avatar.skeleton.rest[avatar.skeleton.names.index("head"), :3, 3] + [0.0, _HEAD_ABOVE_M, 0.0]
            side = int(2 * _HEAD_M / _HEAD_PIXEL_M)
            self._scopes.append(_Scope(middle, _HEAD_M, ctx.simple_framebuffer((side, side))))
        self.limits: F64 = np.ones(len(drawn))
        """(N,), 1 where a Gaussian was never seen."""

    def look(self, key: PoseKey, directions: Iterable[F64]) -> None:
        """Look at the avatar in the pose `key` from each of `directions` (3,), unit vectors from its middle, and at its
        head from the same ones."""
        self._renderer.set_keys(key, key)
        half = math.asin(1 / _AWAY)
        for direction, scope in product(directions, self._scopes):
            eye = scope.middle + _AWAY * scope.radius * direction
            pose = look_at_pose(eye, scope.middle)
            view = View(pose, (-half, half, half, -half), *scope.target.size)
            self._renderer.draw([view], [scope.target], head=pose, model=np.eye(4), alpha=0.0, background=None)
            added = np.frombuffer(self._rasteriser.added.read(), np.float32)
            facing = self._facing(eye)
            self.limits = np.where(added > SEEN, np.minimum(self.limits, facing), self.limits)

    def _facing(self, eye: F64) -> F64:
        words = np.frombuffer(self._renderer.world.read(), np.uint32).reshape(-1, 12)
        to_eye = eye - words[:, :3].copy().view(np.float32).astype(np.float64)
        wxyz = words[:, 10:].copy().view(np.int16).astype(np.float64)
        normals = Rotation.from_quat(wxyz[:, [1, 2, 3, 0]]).inv().apply(self._normals)
        return np.asarray((normals * to_eye).sum(axis=1) / np.linalg.norm(to_eye, axis=1))


def with_limits(ctx: moderngl.Context, avatar: Avatar, progress: Progress) -> Avatar:
    """The avatar with its FACING_LIMITS, for which it is looked at from all sides in a few poses."""
    witness, poses = Witness(ctx, avatar), _poses(avatar)
    with progress.step("Looking from all sides", len(poses) * DIRECTIONS) as step:
        for index, key in enumerate(poses):
            for direction in around(DIRECTIONS, turn=float(index)):
                witness.look(key, [direction])
                step.advance()
    limits = np.empty(len(avatar.gaussians), np.float32)
    limits[witness.order] = witness.limits
    return replace(
        avatar, tensors={**avatar.tensors, FACING_LIMITS: shared_in_locks(avatar, limits).astype(np.float16)}
    )


def shared_in_locks(avatar: Avatar, limits: F32) -> F32:
    """Limits (N,) where needles, such as strands of hair, have the least of their neighbours': one that was hidden by
    others from all around shows between them from elsewhere, and where a few of them are missing, a hole does."""
    scale = np.sort(avatar.gaussians.scale, axis=1)
    needles = np.flatnonzero(scale[:, 1] < _NEEDLE * scale[:, 2])
    if len(needles) < _LOCK:
        return limits
    place = rest_places(avatar.mesh, avatar.gaussians)[needles]
    # not balanced: where a graphics library has set the processor to flush denormals, building that kind never ends
    near = cKDTree(place, balanced_tree=False).query(place, k=_LOCK)[1]
    limits = limits.copy()
    limits[needles] = limits[needles][near].min(axis=1)
    return limits


_GESTURES: Final[tuple[dict[str, tuple[float, float, float]], ...]] = (
    {},
    {"head": (0, 40, 0), "upperarm_l": (0, 0, 50), "upperarm_r": (0, 0, -50)},
    {"head": (15, -40, 0), "upperarm_l": (0, -70, 0), "upperarm_r": (0, 70, 0), "lowerarm_r": (0, 60, 0)},
)
"""Joints turned from how they are at ease, degrees about x, y and z; what a skeleton does not have is left."""


def _poses(avatar: Avatar) -> list[PoseKey]:
    """At rest, at ease, and in gestures that show what is hidden at ease; the mouth open in every second."""
    names, keys = avatar.skeleton.names, [rest_key(avatar, id=0)]
    life = Performer(avatar).at(0.0)
    for number, gesture in enumerate(_GESTURES, start=1):
        rotations = life.rotations.copy()
        for joint, degrees in gesture.items():
            if joint in names:
                xyzw = Rotation.from_euler("xyz", degrees, degrees=True).as_quat()
                rotations[names.index(joint)] = xyzw[[3, 0, 1, 2]]
        face = np.array([float(name == "jawOpen" and number % 2) for name in avatar.expressions], np.float32)
        keys.append(PoseKey(number, face, skinning_matrices(avatar.skeleton, rotations, life.root)))
    return keys


def around(count: int, turn: float = 0.0) -> F64:
    """(count, 3) directions spread evenly over the sphere (a Fibonacci lattice), turned about the vertical by `turn`
    radians; none straight up or down."""
    step = np.arange(count) + 0.5
    y = 1 - 2 * step / count
    angle = step * (math.pi * (3 - math.sqrt(5))) + turn
    across = np.sqrt(1 - y * y)
    return np.stack([across * np.sin(angle), y, across * np.cos(angle)], axis=1)
