"""Read an avatar file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh
from assets.container import format_1
from assets.container.archive import Archive
from assets.container.check import DTYPES, check_archive, read_header
from assets.container.codecs import SUFFIXES, decode
from assets.container.layout import stored_arrays
from assets.container.manifest import GAUSSIANS, MESH, PREVIEW, TENSORS, Manifest
from assets.errors import LoweringError
from assets.lower import Program

Array = NDArray[Any]


def load(path: Path) -> Avatar:
    """Read and verify an avatar; raises AvatarError with the reason before anything is allocated from a bad part."""
    with Archive(path) as archive:
        if archive.manifest.format == 1:
            format_1.check_archive(archive)
        else:
            check_archive(archive)
        manifest = archive.manifest
        arrays = {file: _arrays(archive, file) for file in (MESH, GAUSSIANS)}
        tensors = _arrays(archive, TENSORS) if TENSORS in manifest.parts else {}
        models = {name: archive.read(f"{name}.mnn") for name in manifest.models}
        programs = {name: _program(archive, name) for name in manifest.models if f"{name}.program" in manifest.parts}
    return make_avatar(manifest, arrays[MESH], arrays[GAUSSIANS], tensors, models, programs)


def read_manifest(path: Path) -> Manifest:
    """The manifest alone; raises AvatarError."""
    with Archive(path) as archive:
        return archive.manifest


def read_preview(path: Path) -> bytes | None:
    """The PNG of an avatar file, where it has one; raises AvatarError."""
    with Archive(path) as archive:
        if PREVIEW not in archive.manifest.parts:
            return None
        archive.check_entry(PREVIEW)
        archive.check_hash(PREVIEW)
        return archive.read(PREVIEW)


def make_avatar(
    manifest: Manifest,
    mesh: dict[str, Array],
    gaussians: dict[str, Array],
    tensors: dict[str, Array],
    models: dict[str, bytes],
    programs: dict[str, Program],
) -> Avatar:
    """An avatar of its decoded parts; raises AvatarError where they do not fit together."""
    of_mesh = {name: mesh[name] for name in ("vertices", "triangles", "skin_joints", "skin_weights", "shapes")}
    return Avatar(
        name=manifest.name,
        licence=manifest.licence,
        skeleton=Skeleton(tuple(manifest.joints), mesh["joint_parents"], mesh["joint_rest"]),
        mesh=TemplateMesh(**of_mesh),
        gaussians=Gaussians(**gaussians),
        expressions=tuple(manifest.expressions),
        levels=tuple(manifest.levels),
        antialiasing=manifest.antialiasing,
        blending=manifest.blending,
        stages=manifest.stages,
        models=models,
        programs=programs,
        tensors=tensors,
        provenance=manifest.provenance,
    )


def _arrays(archive: Archive, file: str) -> dict[str, Array]:
    """The decoded arrays of a part that was checked."""
    part, wanted = archive.manifest.parts[file], stored_arrays(archive.manifest, file)
    stored: dict[str, Array] = {}
    with archive.reading(file) as read:
        for name, array in read_header(read, part.bytes, wanted):
            flat = np.frombuffer(read(array.bytes), DTYPES[array.dtype])
            stored[name] = flat.reshape(array.shape)
    decoded: dict[str, Array] = {}
    for name, coding in part.tensors.items():
        mine = {
            key[len(name) :]: stored.pop(key) for key in (f"{name}{suffix}" for suffix in SUFFIXES) if key in stored
        }
        decoded[name] = decode(mine, coding)
    return decoded


def _program(archive: Archive, name: str) -> Program:
    try:
        return Program.from_bytes(archive.read(f"{name}.program"))
    except LoweringError as error:
        raise archive.damaged(f"{name}.program cannot be read ({error})") from None


__all__ = ["load", "make_avatar", "read_manifest", "read_preview"]
