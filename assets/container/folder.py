"""An avatar as a folder that a person can edit: manifest, plain arrays, networks and preview, without hashes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from assets.avatar import Avatar
from assets.container.assemble import avatar_of
from assets.container.manifest import (
    GAUSSIANS,
    MANIFEST,
    MAX_MANIFEST,
    MAX_PART,
    MESH,
    PREVIEW,
    TENSORS,
    Manifest,
    decode,
    encode,
)
from assets.container.quantise import arrays_of
from assets.container.write import manifest_of
from assets.errors import AvatarError

Array = NDArray[Any]

_WHOLE: Final = {"triangles": np.int32, "triangle": np.int32, "joint_parents": np.int32, "skin_joints": np.uint16}
_HALF: Final = ("shapes",)


def write_folder(avatar: Avatar, folder: Path, preview_png: bytes | None = None) -> None:
    """Write `avatar` into `folder`, which must be new or empty; raises AvatarError."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise AvatarError(f"{folder} is not empty: name a folder that is new.")
        partial = folder.with_name(folder.name + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for file, arrays in arrays_of(avatar).items():
            plain = {name: np.asarray(array, order="C") for name, array in sorted(arrays.items())}
            (partial / file).write_bytes(safetensors.numpy.save(plain))
        for name, model in avatar.models.items():
            (partial / f"{name}.mnn").write_bytes(model)
        if preview_png:
            (partial / PREVIEW).write_bytes(preview_png)
        (partial / MANIFEST).write_bytes(encode(manifest_of(avatar)))
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except OSError as error:
        raise AvatarError(f"{folder} cannot be written ({error.strerror}): name another place.") from None


def read_folder(folder: Path) -> tuple[Avatar, bytes | None]:
    """The avatar in `folder` and its preview, where it has one. Numbers may be of any type that fits; the manifest need
    not say how many Gaussians there are. Raises AvatarError."""
    manifest = read_folder_manifest(folder)
    mesh, gaussians = _arrays(folder / MESH), _arrays(folder / GAUSSIANS)
    tensors = _arrays(folder / TENSORS) if (folder / TENSORS).exists() else {}
    if "triangle" in gaussians:
        manifest = msgspec.structs.replace(manifest, gaussians=len(gaussians["triangle"]))
    models = {name: _bytes(folder / f"{name}.mnn") for name in manifest.models}
    preview = _bytes(folder / PREVIEW) if (folder / PREVIEW).exists() else None
    return avatar_of(manifest, mesh, gaussians, tensors, models, {}, folder), preview


def read_folder_manifest(folder: Path) -> Manifest:
    """The manifest of an avatar's folder; raises AvatarError."""
    return decode(_bytes(folder / MANIFEST, MAX_MANIFEST), folder)


def _arrays(path: Path) -> dict[str, Array]:
    try:
        loaded: dict[str, Array] = safetensors.numpy.load(_bytes(path))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise AvatarError(f"{path} cannot be read ({reason}): write it again as plain safetensors.") from None
    return {name: _fitted(name, array, path) for name, array in loaded.items()}


def _fitted(name: str, array: Array, path: Path) -> Array:
    """The array in the type that an avatar has it in; raises AvatarError where its numbers do not fit."""
    if path.name == TENSORS:
        wanted: Any = array.dtype if array.dtype in (np.float16, np.float32) else np.float32
    else:
        wanted = _WHOLE.get(name, np.float16 if name in _HALF else np.float32)
    if name in _WHOLE and path.name != TENSORS:
        end = np.iinfo(wanted)
        fits = array.dtype.kind in "iu" and (not array.size or end.min <= array.min() <= array.max() <= end.max)
    else:
        fits = array.dtype.kind == "f"
    if not fits:
        raise AvatarError(f"{path} has {name} as {array.dtype}, which is not what it holds: see docs/container.md.")
    with np.errstate(over="ignore"):
        return array.astype(wanted, copy=False)


def _bytes(path: Path, limit: int = MAX_PART) -> bytes:
    try:
        if path.stat().st_size > limit:
            raise AvatarError(f"{path} is refused: it is {path.stat().st_size} bytes long; {limit} are allowed.")
        return path.read_bytes()
    except OSError as error:
        raise AvatarError(f"{path} cannot be read ({error.strerror}); an avatar's folder needs it.") from None
