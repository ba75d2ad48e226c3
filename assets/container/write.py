"""Write an avatar file: the same bytes for the same avatar, and never a half one."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.container.check import FREE_EXPANSION, MAX_EXPANSION
from assets.container.layout import decoded_bytes
from assets.container.manifest import FORMAT, MANIFEST, MAX_PART, PREVIEW, Manifest, Part, encode
from assets.container.quantise import Coded, Precision, coded_parts
from assets.errors import AvatarError
from assets.lower import lower_networks

_LEVEL: Final = 7


def save(avatar: Avatar, path: Path, preview_png: bytes | None = None, *, precision: Precision = "compact") -> Manifest:
    """Write `avatar` to `path`, the same bytes for the same avatar; an interrupted write leaves no half file.

    precision: "compact" keeps what shows in pictures (45 decibels and better), "full" every bit. Raises AvatarError
    where a part is larger than readers take, or where nothing can be written there.
    """
    arrays = coded_parts(avatar, precision)
    blobs = {file: _safetensors(avatar, coded) for file, coded in arrays.items()}
    lowered = lower_networks(avatar.stages, avatar.models)
    blobs |= {f"{name}.program": program.to_bytes() for name, program in lowered.programs.items()}
    blobs |= {f"{name}.mnn": model for name, model in sorted(avatar.models.items())}
    if preview_png:
        blobs[PREVIEW] = preview_png
    large = next((file for file, blob in blobs.items() if not 0 < len(blob) <= MAX_PART), None)
    if large:
        raise AvatarError(f"The avatar {avatar.name!r} cannot be written: {large} would be {len(blobs[large])} bytes.")
    parts = {
        file: Part(
            len(blob),
            hashlib.sha256(blob).hexdigest(),
            {name: coded.coding for name, coded in arrays.get(file, {}).items()},
        )
        for file, blob in blobs.items()
    }
    manifest = msgspec.structs.replace(manifest_of(avatar), parts=parts, not_lowered=lowered.refused)
    unpacked = sum(len(blobs[file]) + decoded_bytes(parts[file]) for file in arrays)
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for deflated in (set(arrays), set[str]()):
            _write(partial, encode(manifest), blobs, deflated)
            if unpacked <= FREE_EXPANSION + MAX_EXPANSION * partial.stat().st_size:
                break  # else it looks like a bomb, as what is mostly zeros does
        os.replace(partial, path)
    except OSError as error:
        raise AvatarError(f"{path} cannot be written ({error.strerror}): name another place.") from None
    return manifest


def manifest_of(avatar: Avatar) -> Manifest:
    """What the manifest says about the avatar itself, without its parts."""
    return Manifest(
        format=FORMAT,
        name=avatar.name,
        licence=avatar.licence,
        gaussians=len(avatar.gaussians),
        levels=list(avatar.levels),
        joints=list(avatar.skeleton.names),
        expressions=list(avatar.expressions),
        provenance=avatar.provenance,
        stages=avatar.stages,
        antialiasing=avatar.antialiasing,
        blending=avatar.blending,
        models=sorted(avatar.models),
    )


def _safetensors(avatar: Avatar, coded: dict[str, Coded]) -> bytes:
    stored: dict[str, NDArray[Any]] = {}
    for name, (_, arrays) in sorted(coded.items()):
        for suffix, array in arrays.items():
            if name + suffix in stored:
                raise AvatarError(f"The avatar {avatar.name!r} cannot be written: rename its array {name + suffix!r}.")
            stored[name + suffix] = np.asarray(array, order="C")
    return bytes(safetensors.numpy.save(stored))


def _write(path: Path, manifest: bytes, blobs: dict[str, bytes], deflated: set[str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file, blob in {MANIFEST: manifest, **blobs}.items():
            entry = zipfile.ZipInfo(file, date_time=(1980, 1, 1, 0, 0, 0))
            packed = file in deflated or file == MANIFEST
            entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            archive.writestr(entry, blob, compresslevel=_LEVEL)
