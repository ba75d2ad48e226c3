"""What an avatar file says about itself, as figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assets.container.archive import Archive
from assets.container.check import array_files, other_files
from assets.container.folder import read_folder_manifest
from assets.container.manifest import GAUSSIANS, MESH, Coding, Manifest


def facts(path: Path) -> dict[str, Any]:
    """What manifest and parts of an avatar file are, or a folder's manifest; no part is read. Raises AvatarError."""
    if path.is_dir():
        size = sum(file.stat().st_size for file in path.iterdir())
        return _of_manifest(read_folder_manifest(path), path, size)
    with Archive(path) as archive:
        manifest = archive.manifest
        figures = _of_manifest(manifest, path, archive.bytes)
        figures["bytes_per_gaussian"] = archive.bytes / manifest.gaussians
        figures["parts"] = {}
        for file in (*array_files(manifest), *other_files(manifest)):
            archive.check_entry(file)
            figures["parts"][file] = {"bytes": manifest.parts[file].bytes, "packed": archive.packed_bytes(file)} | {
                name: _coding(coding) for name, coding in manifest.parts[file].tensors.items()
            }
    return figures


def _of_manifest(manifest: Manifest, path: Path, size: int) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "file": str(path),
        "name": manifest.name,
        "licence": manifest.licence,
        "format": manifest.format,
        "bytes": size,
        "gaussians": manifest.gaussians,
    }
    for file, name, axis, what in (
        (GAUSSIANS, "sh", 1, "harmonics"),
        (MESH, "vertices", 0, "vertices"),
        (MESH, "triangles", 0, "triangles"),
    ):
        coding = manifest.parts[file].tensors.get(name) if file in manifest.parts else None
        if coding is not None and axis < len(coding.shape):
            figures[what] = coding.shape[axis]
    return figures | {
        "joints": len(manifest.joints),
        "expressions": len(manifest.expressions),
        "levels": manifest.levels,
        "antialiasing": manifest.antialiasing,
        "blending": manifest.blending,
        "stages": [stage.name for stage in manifest.stages],
        "networks": {
            name: f"session: {manifest.not_lowered[name]}" if name in manifest.not_lowered else "lowered"
            for name in manifest.models
        },
        "provenance": manifest.provenance,
    }


def _coding(coding: Coding) -> str:
    words = [" × ".join(map(str, coding.shape)), coding.dtype, coding.codec]
    words += [f"{coding.bits} bits"] if coding.bits else []
    words += [coding.curve] if coding.curve != "linear" else []
    words += [f"{coding.kept} rows kept"] if coding.kept is not None else []
    return ", ".join(words)
