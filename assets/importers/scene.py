"""A captured scene as an avatar: one joint, one triangle that all Gaussians are bound to, nothing that moves.

The triangle is equilateral around the origin with edges of one metre, and its frame is the identity, so offsets,
rotations and scales of the Gaussians are their places, rotations and deviations in the scene.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.arkit import ARKIT_SHAPES
from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh
from assets.errors import AvatarError
from assets.importers.axes import upright
from assets.importers.cloud import Cloud, RefusedError
from assets.importers.compressed_ply import is_compressed, read_compressed
from assets.importers.ksplat import read_ksplat
from assets.importers.order import importance_order
from assets.importers.place import box_of_most, cleaned
from assets.importers.ply import is_ply, read_elements, read_gaussians
from assets.importers.splat import read_splat
from assets.importers.spz import is_spz, read_spz
from assets.importers.up import Up

SUFFIXES: Final = (".ply", ".spz", ".splat", ".ksplat")
"""Names of files that are read here."""
_FEWEST: Final = 5_000
"""Gaussians in the smallest level of detail that is offered."""
_LARGEST_FILE: Final = 1 << 32


def read_scene(path: Path, up: Up | None = None) -> Avatar:
    """The scene in a file, upright, its middle over the origin and its bottom on y = 0, as an avatar that stands still.

    Its content says what kind of file it is, or where that has no mark (.splat, .ksplat) its name. `up` is the file's
    axis that points up; by default +y in .spz and -y elsewhere. Units are taken as metres. Raises AvatarError.
    """
    cloud = read_cloud(path)
    sound = cleaned(cloud)
    if not len(sound):
        raise AvatarError(
            f"{path} is damaged: none of its {len(cloud)} Gaussians has a place and a size; get it again."
        )
    up = up or (Up.y if cloud.y_up else Up.minus_y)
    stood = upright(sound, up)
    low, high = box_of_most(stood.positions)
    foot = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    placed = replace(stood, positions=(stood.positions - foot).astype(np.float32))
    provenance = {
        "tool": "visavis scene",
        "source": path.name,
        "up": up.value,
        "moved": [-round(float(part), 6) for part in foot],
        "dropped": len(cloud) - len(sound),
    }
    return _avatar(path.stem, placed.at(importance_order(placed)), provenance)


def read_cloud(path: Path) -> Cloud:
    """The Gaussians of a file as they lie in it; raises AvatarError."""
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise AvatarError(f"{path} is refused: it is {size} bytes long, and {_LARGEST_FILE} is the most.")
        blob = path.read_bytes()
    except FileNotFoundError:
        raise AvatarError(
            f"There is no file at {path}; name a {', '.join(SUFFIXES)} or .avatar that is there."
        ) from None
    except OSError as error:
        raise AvatarError(f"{path} cannot be opened ({error.strerror}); name another file.") from None
    try:
        if is_ply(blob):
            tables = read_elements(blob)
            if "binding_0" in (tables["vertex"].dtype.names or () if "vertex" in tables else ()):
                raise AvatarError(f"{path} is a head bound to FLAME; bring it with `visavis avatar import --flame`.")
            return read_compressed(tables) if is_compressed(tables) else read_gaussians(tables)
        if is_spz(blob):
            return read_spz(blob)
        if path.suffix.lower() == ".splat":
            return read_splat(blob)
        if path.suffix.lower() == ".ksplat":
            return read_ksplat(blob)
        raise RefusedError(f"it begins as none of {', '.join(SUFFIXES)} does")
    except RefusedError as reason:
        raise AvatarError(f"{path} cannot be drawn: {reason}; get it again, or convert it to a plain .ply.") from None


def _avatar(name: str, cloud: Cloud, provenance: dict[str, Any]) -> Avatar:
    count = len(cloud)
    height, half = 3**0.5 / 2, 0.5
    third = np.float32(1 / 3)
    return Avatar(
        name=name,
        licence="unknown",
        skeleton=Skeleton(("scene",), np.array([-1], np.int32), np.eye(4, dtype=np.float32)[None]),
        mesh=TemplateMesh(
            vertices=np.array([(0, -2 * height / 3, 0), (0, height / 3, -half), (0, height / 3, half)], np.float32),
            triangles=np.array([(0, 1, 2)], np.int32),
            skin_joints=np.zeros((3, 4), np.uint16),
            skin_weights=np.tile(np.array((1, 0, 0, 0), np.float32), (3, 1)),
            shapes=np.zeros((len(ARKIT_SHAPES), 3, 3), np.float16),
        ),
        gaussians=Gaussians(
            triangle=np.zeros(count, np.int32),
            barycentric=np.full((count, 2), third),
            offset=cloud.positions,
            rotation=cloud.rotations,
            scale=cloud.scales,
            opacity=cloud.opacities,
            sh=cloud.sh,
        ),
        levels=tuple(sorted(count >> k for k in range(1, 6) if count >> k >= _FEWEST)),
        antialiasing="mip" if cloud.mip else "dilation",
        blending="display",
        provenance=provenance,
    )
