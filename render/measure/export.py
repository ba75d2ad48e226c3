"""An avatar at rest as a .ply of 3D Gaussian Splatting, which every other renderer of Gaussians can draw.

Those blend display values, so that is what colours are written as, also where an avatar's are linear light. Only their
part that looks the same from everywhere is written.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar

F64 = NDArray[np.float64]

PROPERTIES: Final = (
    "x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2", "opacity",
    "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
)  # fmt: skip
"""In the order of the files that its authors' code writes (Kerbl et al. 2023), all of them floats."""
_SH_0: Final = 0.28209479177387814
"""The harmonic of degree 0."""


def write_ply(avatar: Avatar, path: Path) -> None:
    """Write `avatar` at rest to `path`: logarithms of deviations (metres), logits of opacities, quaternions w x y z."""
    places, turns, sizes = at_rest(avatar)
    gs = blended_as_others(avatar).gaussians
    opacity = gs.opacity.astype(np.float64).clip(1e-6, 1 - 1e-6)
    columns = [
        places,
        np.zeros_like(places),
        gs.sh[:, 0].astype(np.float64),
        np.log(opacity / (1 - opacity))[:, None],
        np.log(np.maximum(sizes, 1e-9)),
        np.roll(turns.as_quat(), 1, axis=1),
    ]
    head = ["ply", "format binary_little_endian 1.0", f"element vertex {len(gs)}"]
    head += [f"property float {name}" for name in PROPERTIES]
    body = np.concatenate(columns, axis=1).astype("<f4").tobytes()
    path.write_bytes("\n".join([*head, "end_header", ""]).encode() + body)


def blended_as_others(avatar: Avatar) -> Avatar:
    """The same avatar without view-dependent colour, blended in display values."""
    gs = avatar.gaussians
    if avatar.blending == "display":
        return replace(avatar, gaussians=replace(gs, sh=gs.sh[:, :1]))
    colours = display_values(np.clip(0.5 + _SH_0 * gs.sh[:, :1].astype(np.float64), 0, 1))
    sh = ((colours - 0.5) / _SH_0).astype(np.float32)
    return replace(avatar, blending="display", gaussians=replace(gs, sh=sh))


def at_rest(avatar: Avatar) -> tuple[F64, Rotation, F64]:
    """Where the Gaussians are bound: (N, 3) places, N rotations and (N, 3) deviations, avatar space, metres; by the
    triangles' frames R = [n, q, n x q] (TaoAvatar, section 3.1)."""
    gs, mesh = avatar.gaussians, avatar.mesh
    v0, v1, v2 = (mesh.vertices[mesh.triangles[gs.triangle][:, corner]].astype(np.float64) for corner in range(3))
    normal = _unit(np.cross(v1 - v0, v2 - v0))
    toward = _unit((v1 + v2) / 2 - v0)
    frame = Rotation.from_matrix(np.stack([normal, toward, np.cross(normal, toward)], axis=2))
    edge = sum(np.linalg.norm(a - b, axis=1) for a, b in ((v0, v1), (v1, v2), (v2, v0))) / 3
    u, v = gs.barycentric.astype(np.float64).T[:, :, None]
    places = u * v0 + v * v1 + (1 - u - v) * v2 + edge[:, None] * frame.apply(gs.offset.astype(np.float64))
    own = Rotation.from_quat(np.roll(gs.rotation.astype(np.float64), -1, axis=1))
    return places, frame * own, edge[:, None] * gs.scale.astype(np.float64)


def _unit(vectors: F64) -> F64:
    unit: F64 = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
    return unit


def display_values(linear: F64) -> F64:
    """sRGB of linear light, both 0 to 1 (IEC 61966-2-1)."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
