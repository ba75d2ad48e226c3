"""`NAME.avatar`: a zip of manifest.json, safetensors parts and a preview, each part with its size and SHA-256.

Nothing is allocated for a part before the manifest's size, the zip's own size and the limit below agree; nothing is
parsed before its hash is right.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from assets.avatar import Antialiasing, Avatar, Blending, Gaussians, Skeleton, TemplateMesh
from assets.errors import AvatarError, LoweringError
from assets.lower import Program, lower_networks
from assets.stages import STANDARD, StageSpec

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
PREVIEW: Final = "preview.png"
TENSORS: Final = "tensors.safetensors"
"""What the avatar's own stages read, where there is something."""
MAX_MANIFEST: Final = 1 << 20
MAX_PART: Final = 512 << 20


class Part(msgspec.Struct, frozen=True):
    """A file inside the container."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """manifest.json; units, axes and colour are fixed in format 1 and stated for other readers."""

    format: int
    name: str
    licence: str
    gaussians: int
    levels: list[int]
    joints: list[str]
    expressions: list[str]
    parts: dict[str, Part]
    provenance: dict[str, Any] = {}
    stages: tuple[StageSpec, ...] = STANDARD
    antialiasing: Antialiasing = "dilation"
    blending: Blending = "linear"
    models: list[str] = []
    not_lowered: dict[str, str] = {}
    """Why a network of that name has no program: it is run as a session."""
    units: str = "metre"
    axes: str = "y up, facing +z"
    colour: str = "linear"


_PARTS: Final = {
    "mesh.safetensors": (
        "vertices",
        "triangles",
        "skin_joints",
        "skin_weights",
        "shapes",
        "joint_parents",
        "joint_rest",
    ),
    "gaussians.safetensors": ("triangle", "barycentric", "offset", "rotation", "scale", "opacity", "sh"),
}
_DTYPES: Final = {
    "triangles": np.int32, "skin_joints": np.uint16, "shapes": np.float16, "joint_parents": np.int32,
    "triangle": np.int32,
}  # fmt: skip


def save(avatar: Avatar, path: Path, preview_png: bytes | None = None) -> Manifest:
    """Write `avatar` to `path`, the same bytes for the same avatar; an interrupted write leaves no half file."""
    mesh, gs, skeleton = avatar.mesh, avatar.gaussians, avatar.skeleton
    tensors: dict[str, Mapping[str, NDArray[Any]]] = {
        "mesh.safetensors": {
            "vertices": mesh.vertices, "triangles": mesh.triangles, "skin_joints": mesh.skin_joints,
            "skin_weights": mesh.skin_weights, "shapes": mesh.shapes,
            "joint_parents": skeleton.parents, "joint_rest": skeleton.rest,
        },
        "gaussians.safetensors": {name: getattr(gs, name) for name in _PARTS["gaussians.safetensors"]},
    }  # fmt: skip
    if avatar.tensors:
        tensors[TENSORS] = avatar.tensors
    blobs = {
        file: safetensors.numpy.save({k: np.ascontiguousarray(v) for k, v in sorted(arrays.items())})
        for file, arrays in tensors.items()
    }
    lowered = lower_networks(avatar.stages, avatar.models)
    blobs |= {f"{name}.program": program.to_bytes() for name, program in lowered.programs.items()}
    blobs |= {f"{name}.mnn": model for name, model in sorted(avatar.models.items())}
    if preview_png:
        blobs[PREVIEW] = preview_png
    manifest = Manifest(
        format=FORMAT,
        name=avatar.name,
        licence=avatar.licence,
        gaussians=len(gs),
        levels=list(avatar.levels),
        joints=list(skeleton.names),
        expressions=list(avatar.expressions),
        parts={file: Part(len(blob), hashlib.sha256(blob).hexdigest()) for file, blob in blobs.items()},
        provenance=avatar.provenance,
        stages=avatar.stages,
        antialiasing=avatar.antialiasing,
        blending=avatar.blending,
        models=sorted(avatar.models),
        not_lowered=lowered.refused,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        head = json.dumps(msgspec.to_builtins(manifest), indent=1, sort_keys=True, ensure_ascii=False)
        for file, blob in {MANIFEST: head.encode(), **blobs}.items():
            entry = zipfile.ZipInfo(file, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, blob)
    os.replace(partial, path)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest alone; raises AvatarError."""
    with _open(path) as archive:
        return _manifest(archive, path)


def load(path: Path) -> Avatar:
    """Read and verify an avatar; raises AvatarError with the reason before anything is allocated from a bad part."""
    with _open(path) as archive:
        manifest = _manifest(archive, path)
        tensors: dict[str, Any] = {}
        for file, names in _PARTS.items():
            arrays = _tensors(archive, manifest, file, path)
            missing = [name for name in names if name not in arrays]
            if missing:
                raise AvatarError(f"{path} is damaged: {file} lacks {', '.join(missing)}; get the avatar again.")
            for name in names:
                wanted = np.dtype(_DTYPES.get(name, np.float32))
                if arrays[name].dtype != wanted:
                    raise AvatarError(f"{path} is damaged: {name} is {arrays[name].dtype}, not {wanted}.")
                tensors[name] = arrays[name]
        further = _tensors(archive, manifest, TENSORS, path) if TENSORS in manifest.parts else {}
        models = {name: _part(archive, manifest, f"{name}.mnn", path) for name in manifest.models}
        programs = {
            name: _program(archive, manifest, name, path)
            for name in manifest.models
            if f"{name}.program" in manifest.parts
        }
    mesh = TemplateMesh(**{k: tensors[k] for k in ("vertices", "triangles", "skin_joints", "skin_weights", "shapes")})
    return Avatar(
        name=manifest.name,
        licence=manifest.licence,
        skeleton=Skeleton(tuple(manifest.joints), tensors["joint_parents"], tensors["joint_rest"]),
        mesh=mesh,
        gaussians=Gaussians(**{k: tensors[k] for k in _PARTS["gaussians.safetensors"]}),
        expressions=tuple(manifest.expressions),
        levels=tuple(manifest.levels),
        antialiasing=manifest.antialiasing,
        blending=manifest.blending,
        stages=manifest.stages,
        models=models,
        programs=programs,
        tensors=further,
        provenance=manifest.provenance,
    )


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise AvatarError(f"There is no avatar at {path}; `visavis doctor` shows which avatars are there.") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise AvatarError(f"{path} is not an avatar file ({error}); get it again or name another.") from None


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        entry = archive.getinfo(MANIFEST)
    except KeyError:
        raise AvatarError(f"{path} is not an avatar file: it holds no {MANIFEST}.") from None
    if entry.file_size > MAX_MANIFEST:
        raise AvatarError(f"{path} is refused: its manifest says it is {entry.file_size} bytes long.")
    blob = _read(archive, MANIFEST, entry.file_size, path)
    try:
        version = json.loads(blob).get("format")
        if version != FORMAT:
            raise AvatarError(f"{path} has avatar format {version}; this release reads format {FORMAT}.")
        return msgspec.json.decode(blob, type=Manifest)
    except (ValueError, AttributeError, RecursionError, msgspec.DecodeError) as error:
        raise AvatarError(f"{path} is damaged: its manifest cannot be read ({error}).") from None


def _part(archive: zipfile.ZipFile, manifest: Manifest, file: str, path: Path) -> bytes:
    part = manifest.parts.get(file)
    try:
        size = archive.getinfo(file).file_size
    except KeyError:
        size = -1
    if part is None or size != part.bytes or not 0 < size <= MAX_PART:
        raise AvatarError(f"{path} is damaged: {file} has not the size that its manifest states; get the avatar again.")
    blob = _read(archive, file, size, path)
    if hashlib.sha256(blob).hexdigest() != part.sha256:
        raise AvatarError(f"{path} is damaged: {file} has not the hash that its manifest states; get the avatar again.")
    return blob


def _tensors(archive: zipfile.ZipFile, manifest: Manifest, file: str, path: Path) -> dict[str, NDArray[Any]]:
    try:
        arrays: dict[str, NDArray[Any]] = safetensors.numpy.load(_part(archive, manifest, file, path))
    except (SafetensorError, ValueError, KeyError) as error:
        raise AvatarError(f"{path} is damaged: {file} cannot be read ({error}); get the avatar again.") from None
    return arrays


def _program(archive: zipfile.ZipFile, manifest: Manifest, name: str, path: Path) -> Program:
    try:
        return Program.from_bytes(_part(archive, manifest, f"{name}.program", path))
    except LoweringError as error:
        raise AvatarError(
            f"{path} is damaged: {name}.program cannot be read ({error}); get the avatar again."
        ) from None


def _read(archive: zipfile.ZipFile, file: str, size: int, path: Path) -> bytes:
    try:
        with archive.open(file) as stream:
            blob = stream.read(size)
    except Exception as error:  # zipfile and zlib raise a dozen types on damaged data
        raise AvatarError(f"{path} is damaged: {file} cannot be unpacked ({error}); get the avatar again.") from None
    if len(blob) != size:
        raise AvatarError(f"{path} is damaged: {file} ends early; get the avatar again.")
    return blob
