"""What an avatar is: a template mesh that moves, and Gaussians that sit on its triangles.

Frames and units: metres, y up, the person faces +z with the feet on y = 0. Colours are linear light, not sRGB.
A Gaussian lives in the frame of its parent triangle (v0, v1, v2), as in TaoAvatar (Chen et al. 2025, §3.1):

    R = [n, q, n x q]   n the unit normal, q the unit vector from v0 to the midpoint of v1 v2
    e = mean edge length
    position   = u v0 + v v1 + (1 - u - v) v2 + e R offset
    rotation   = R rotation
    deviations = e scale
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES
from assets.errors import AvatarError
from assets.lower.program import Program
from assets.stages import STANDARD, StageSpec, check_stages

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

Antialiasing = Literal["dilation", "mip"]
ANTIALIASING: Final[tuple[Antialiasing, ...]] = get_args(Antialiasing)
Blending = Literal["linear", "display"]
BLENDING: Final[tuple[Blending, ...]] = get_args(Blending)


@dataclass(frozen=True)
class Skeleton:
    """Joints in an order where a parent stands before its children."""

    names: tuple[str, ...]
    parents: I32
    """(J,) index of each joint's parent, -1 for a root."""
    rest: F32
    """(J, 4, 4) joint-to-world matrices of the rest pose."""


@dataclass(frozen=True)
class TemplateMesh:
    """The surface that blend shapes and skinning move; never drawn itself."""

    vertices: F32
    """(V, 3) rest pose, metres."""
    triangles: I32
    """(F, 3) vertex indices, counter-clockwise seen from outside."""
    skin_joints: NDArray[np.uint16]
    """(V, 4) joints that move each vertex."""
    skin_weights: F32
    """(V, 4) their weights; each row sums to 1."""
    shapes: NDArray[np.float16]
    """(E, V, 3) offset of each vertex at weight 1 of each expression, metres."""


@dataclass(frozen=True)
class Gaussians:
    """Gaussians in the frames of their triangles, most important first: every prefix is a level of detail.

    Who draws the first n multiplies their deviations by sqrt(C / C_n), C_n the sum of their opacities times their
    surfaces and C that of all (`coverage`), so that fewer cover as much. Where a prefix is the whole, evenly thinned,
    that is sqrt(N / n).
    """

    triangle: I32
    """(N,) parent triangle."""
    barycentric: F32
    """(N, 2) u and v: weights of v0 and v1; v2 has the rest."""
    offset: F32
    """(N, 3) from the barycentric point, in the triangle's frame and size."""
    rotation: F32
    """(N, 4) unit quaternion w, x, y, z in the triangle's frame."""
    scale: F32
    """(N, 3) standard deviations in units of the triangle's mean edge."""
    opacity: F32
    """(N,) 0 to 1."""
    sh: F32
    """(N, K, 3) spherical harmonics of linear colour (or of display values, Avatar.blending), K = (degree + 1)^2:
    colour = max(0, 0.5 + sum Y_k f_k), the sign and order convention of 3D Gaussian Splatting (Kerbl et al. 2023). The
    view direction (from the eye to the Gaussian) is turned back to the rest pose by the triangle's own rotation, so the
    coefficients are in rest-pose axes."""

    def __len__(self) -> int:
        return len(self.triangle)

    def prefix(self, count: int) -> Gaussians:
        """The `count` most important Gaussians."""
        return self.at(slice(count))

    def at(self, which: slice | NDArray[np.integer[Any]]) -> Gaussians:
        """Those at these indices."""
        return Gaussians(**{f.name: getattr(self, f.name)[which] for f in fields(self)})


def rest_places(mesh: TemplateMesh, gaussians: Gaussians) -> NDArray[np.float64]:
    """(N, 3) centres of the Gaussians in the rest pose, metres."""
    v0, v1, v2 = (mesh.vertices[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    normal, toward = np.cross(v1 - v0, v2 - v0), (v1 + v2) / 2 - v0
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-15)
    toward /= np.maximum(np.linalg.norm(toward, axis=1, keepdims=True), 1e-15)
    edge = sum(np.linalg.norm(a - b, axis=1) for a, b in ((v0, v1), (v1, v2), (v2, v0))) / 3
    frames = np.stack([normal, toward, np.cross(normal, toward)], axis=2) * edge[:, None, None]
    parent = gaussians.triangle
    u, v = gaussians.barycentric.T.astype(np.float64)[..., None]
    on_triangle = u * v0[parent] + v * v1[parent] + (1 - u - v) * v2[parent]
    return np.asarray(on_triangle + np.einsum("nab,nb->na", frames[parent], gaussians.offset), np.float64)


def rest_deviations(mesh: TemplateMesh, gaussians: Gaussians) -> NDArray[np.float64]:
    """(N, 3) standard deviations of the Gaussians in the rest pose, metres."""
    points = mesh.vertices[mesh.triangles].astype(np.float64)
    edges = np.linalg.norm(points - np.roll(points, 1, axis=1), axis=2).mean(axis=1)
    return np.asarray(gaussians.scale * edges[gaussians.triangle, None], np.float64)


def coverage(mesh: TemplateMesh, gaussians: Gaussians) -> NDArray[np.float64]:
    """(N,) what each Gaussian covers: opacity times the products of its deviations two by two, square metres."""
    a, b, c = rest_deviations(mesh, gaussians).T
    return np.asarray(gaussians.opacity * (a * b + b * c + c * a), np.float64)


@dataclass(frozen=True)
class Avatar:
    """One person, ready to be drawn; arrays are checked against each other when it is made."""

    name: str
    licence: str
    skeleton: Skeleton
    mesh: TemplateMesh
    gaussians: Gaussians
    expressions: tuple[str, ...] = ARKIT_SHAPES
    levels: tuple[int, ...] = ()
    """Prefix lengths that make good levels of detail, ascending."""
    antialiasing: Antialiasing = "dilation"
    """What the Gaussians were trained under, and are drawn with: 0.3 square pixels added to every splat (Kerbl et al.
    2023), or a filter of 0.1 that dims each splat by as much as it grew (Mip-Splatting, Yu et al. 2024)."""
    blending: Blending = "linear"
    """What the harmonics give and where splats are blended: linear light, or the sRGB values of photographs, as scenes
    trained on them need; what is behind the avatar is blended in linear light either way."""
    stages: tuple[StageSpec, ...] = STANDARD
    """The render graph (assets/stages.py)."""
    models: Mapping[str, bytes] = field(default_factory=dict)
    """Networks of the graph by name, as .mnn."""
    programs: Mapping[str, Program] = field(default_factory=dict)
    """Those of them that a GPU can run without MNN, lowered; made when the avatar is packed."""
    tensors: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Further arrays of floats that stages read, by name."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """Where it comes from: tool, seed, options, sources with their licences."""

    def __post_init__(self) -> None:
        check(self)


def check(avatar: Avatar) -> None:
    """Raise AvatarError where shapes, ranges or indices of the arrays do not fit together."""
    mesh, gs, skeleton = avatar.mesh, avatar.gaussians, avatar.skeleton
    if avatar.antialiasing not in ANTIALIASING:
        raise AvatarError(f"The avatar {avatar.name!r} asks for an unknown anti-aliasing, {avatar.antialiasing!r}.")
    if avatar.blending not in BLENDING:
        raise AvatarError(f"The avatar {avatar.name!r} asks for an unknown blending, {avatar.blending!r}.")
    joints, verts, faces, count = len(skeleton.names), len(mesh.vertices), len(mesh.triangles), len(gs)
    expected: dict[str, tuple[NDArray[Any], tuple[int, ...]]] = {
        "skeleton.parents": (skeleton.parents, (joints,)),
        "skeleton.rest": (skeleton.rest, (joints, 4, 4)),
        "mesh.vertices": (mesh.vertices, (verts, 3)),
        "mesh.triangles": (mesh.triangles, (faces, 3)),
        "mesh.skin_joints": (mesh.skin_joints, (verts, 4)),
        "mesh.skin_weights": (mesh.skin_weights, (verts, 4)),
        "mesh.shapes": (mesh.shapes, (len(avatar.expressions), verts, 3)),
        "gaussians.triangle": (gs.triangle, (count,)),
        "gaussians.barycentric": (gs.barycentric, (count, 2)),
        "gaussians.offset": (gs.offset, (count, 3)),
        "gaussians.rotation": (gs.rotation, (count, 4)),
        "gaussians.scale": (gs.scale, (count, 3)),
        "gaussians.opacity": (gs.opacity, (count,)),
    }
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise AvatarError(f"The avatar {avatar.name!r} is damaged: {name} has shape {array.shape}, not {shape}.")
    if gs.sh.ndim != 3 or gs.sh.shape[0] != count or gs.sh.shape[1] not in (1, 4, 9, 16) or gs.sh.shape[2] != 3:
        raise AvatarError(f"The avatar {avatar.name!r} is damaged: gaussians.sh has shape {gs.sh.shape}.")
    if not (count and faces and verts and joints):
        raise AvatarError(f"The avatar {avatar.name!r} is empty.")
    ranges = (
        ("mesh.triangles", mesh.triangles, 0, verts),
        ("mesh.skin_joints", mesh.skin_joints, 0, joints),
        ("gaussians.triangle", gs.triangle, 0, faces),
        ("skeleton.parents", skeleton.parents, -1, joints),
    )
    for name, array, low, high in ranges:
        if array.min() < low or array.max() >= high:
            raise AvatarError(f"The avatar {avatar.name!r} is damaged: {name} points outside its {high} entries.")
    if np.any(skeleton.parents >= np.arange(joints)):
        raise AvatarError(f"The avatar {avatar.name!r} is damaged: a joint stands before its parent.")
    for name, (array, _) in expected.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise AvatarError(f"The avatar {avatar.name!r} is damaged: {name} holds a value that is not a number.")
    if not np.isfinite(gs.sh).all():
        raise AvatarError(f"The avatar {avatar.name!r} is damaged: gaussians.sh holds a value that is not a number.")
    for name, array in avatar.tensors.items():
        if array.dtype not in (np.float16, np.float32) or not array.size or not np.isfinite(array).all():
            raise AvatarError(f"The avatar {avatar.name!r} is damaged: {name} is no array of finite floats.")
    for name in avatar.models:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            raise AvatarError(f"The avatar {avatar.name!r} is damaged: {name!r} is no name of a network.")
    if not avatar.programs.keys() <= avatar.models.keys():
        raise AvatarError(f"The avatar {avatar.name!r} is damaged: it has a program of no network.")
    check_stages(avatar.stages, avatar.tensors, avatar.models)
