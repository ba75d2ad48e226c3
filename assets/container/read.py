"""Read an avatar file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.container import format_1
from assets.container.archive import Archive
from assets.container.assemble import avatar_of
from assets.container.check import DTYPES, check_archive, read_header
from assets.container.codecs import SUFFIXES, decode
from assets.container.folder import read_folder, read_folder_manifest
from assets.container.layout import stored_arrays
from assets.container.manifest import GAUSSIANS, MESH, PREVIEW, TENSORS, Manifest
from assets.errors import LoweringError
from assets.lower import Program

Array = NDArray[Any]


def load(path: Path) -> Avatar:
    """Read and verify an avatar, a file or a folder; raises AvatarError with the reason before anything is allocated
    from a bad part."""
    if path.is_dir():
        return read_folder(path)[0]
    with Archive(path) as archive:
        if archive.manifest.format == 1:
            format_1.check_archive(archive)
        else:
            check_archive(archive)
        manifest = archive.manifest
        models = {name: archive.read(f"{name}.mnn") for name in manifest.models}
        programs = {name: _program(archive, name) for name in manifest.models if f"{name}.program" in manifest.parts}
        # Last: what takes the most memory comes when nothing else can be wrong.
        arrays = {file: _arrays(archive, file) for file in (MESH, GAUSSIANS)}
        tensors = _arrays(archive, TENSORS) if TENSORS in manifest.parts else {}
    return avatar_of(manifest, arrays[MESH], arrays[GAUSSIANS], tensors, models, programs, path)


def read_manifest(path: Path) -> Manifest:
    """The manifest alone; raises AvatarError."""
    if path.is_dir():
        return read_folder_manifest(path)
    with Archive(path) as archive:
        return archive.manifest


def read_preview(path: Path) -> bytes | None:
    """The PNG of an avatar file, where it has one; raises AvatarError."""
    if path.is_dir():
        return read_folder(path)[1]
    with Archive(path) as archive:
        if PREVIEW not in archive.manifest.parts:
            return None
        archive.check_entry(PREVIEW)
        archive.check_hash(PREVIEW)
        return archive.read(PREVIEW)


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
