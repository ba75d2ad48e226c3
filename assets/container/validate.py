"""Everything that is wrong with an avatar file, a sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from assets.avatar import Avatar
from assets.container.archive import Archive
from assets.container.check import array_files, check_arrays, check_expansion, check_other, other_files
from assets.container.folder import read_folder
from assets.container.manifest import FORMAT, MANIFEST, PREVIEW, Manifest
from assets.container.probe import network_runs
from assets.container.read import load, read_preview
from assets.errors import AvatarError, VisavisError
from assets.lower import lower_networks

_PNG = b"\x89PNG\r\n\x1a\n"
_OFF = 1e-3
"""By how much weights may miss 1 and quaternions their length."""


def problems(path: Path) -> list[str]:
    """What is wrong with the avatar file or folder at `path`; empty where nothing is."""
    try:
        if path.is_dir():
            avatar, preview = read_folder(path)
            return list(_of_avatar(avatar, preview))
        with Archive(path) as archive:
            manifest, found = archive.manifest, list(_of_parts(archive))
        if found:
            return found
        avatar = load(path)
        found = list(_of_avatar(avatar, read_preview(path)))
        return found if manifest.format == 1 else found + list(_of_networks(manifest, avatar))
    except VisavisError as error:
        return [str(error)]


def _of_parts(archive: Archive) -> Iterator[str]:
    manifest = archive.manifest
    arrays, others = array_files(manifest), other_files(manifest)

    def wrong(check: Callable[[], None]) -> Iterator[str]:
        try:
            check()
        except AvatarError as error:
            yield str(error)

    for file in (*arrays, *others):
        missing = list(wrong(lambda file=file: archive.check_entry(file)))  # type: ignore[misc]
        yield from missing
        if not missing and manifest.format == FORMAT and file in arrays:
            yield from wrong(lambda file=file: check_arrays(archive, file))  # type: ignore[misc]
        elif not missing and manifest.format == FORMAT:
            yield from wrong(lambda file=file: check_other(archive, file))  # type: ignore[misc]
    if all(file in manifest.parts for file in arrays):
        yield from wrong(lambda: check_expansion(archive, arrays))
    for file in sorted(set(archive.files()) - {MANIFEST, *arrays, *others}):
        yield f"{archive.path} holds {file}, which its manifest does not use: leave it away."


def _of_avatar(avatar: Avatar, preview: bytes | None) -> Iterator[str]:
    name = f"The avatar {avatar.name!r}"
    if not avatar.licence.strip():
        yield f"{name} has no licence: say in the manifest who may use it."
    if preview is not None and not preview.startswith(_PNG):
        yield f"{name} has a {PREVIEW} that is no PNG: draw one with `visavis avatar render`."
    off = np.abs(avatar.mesh.skin_weights.sum(axis=1, dtype=np.float64) - 1).max()
    if off > _OFF:
        yield f"{name} has vertices whose skin weights miss 1 by {off:.2g}: it would shrink or grow when it moves."
    off = np.abs(np.linalg.norm(avatar.gaussians.rotation.astype(np.float64), axis=1) - 1).max()
    if off > _OFF:
        yield f"{name} has rotations whose length misses 1 by {off:.2g}: normalise them."
    if avatar.gaussians.opacity.min() < 0 or avatar.gaussians.opacity.max() > 1:
        yield f"{name} has opacities outside 0 to 1."
    if avatar.gaussians.scale.min() < 0:
        yield f"{name} has negative deviations."


def _of_networks(manifest: Manifest, avatar: Avatar) -> Iterator[str]:
    for name, model in sorted(avatar.models.items()):
        if not network_runs(model):
            yield f"The avatar {manifest.name!r} has a {name}.mnn that MNN cannot run: convert the network again."
    lowered = lower_networks(avatar.stages, avatar.models)
    for name in sorted(avatar.models):
        mine, theirs = avatar.programs.get(name), lowered.programs.get(name)
        if (mine is None) != (theirs is None) or (mine and theirs and mine.to_bytes() != theirs.to_bytes()):
            yield f"The avatar {manifest.name!r} has a {name}.program that is not that of {name}.mnn: pack it again."
