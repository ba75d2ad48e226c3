"""Avatars as files, for the commands: which there are, what they hold, packed and unpacked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from assets import paths
from assets.avatar import Avatar
from assets.container import (
    MANIFEST,
    Precision,
    facts,
    load,
    read_folder,
    read_manifest,
    read_preview,
    save,
    write_folder,
)
from assets.errors import AvatarError
from assets.importers.scene import SUFFIXES, read_scene
from assets.importers.up import Up
from xr_app.errors import OptionError

SUFFIX: Final = ".avatar"
DEFAULT: Final = "mira"


def known() -> dict[str, Path]:
    """The avatars on this machine by name: those that came with visavis, and the user's own, which go first."""
    found: dict[str, Path] = {}
    for folder in (paths.shipped_avatars_dir(), paths.avatars_dir()):
        found |= {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}
    return dict(sorted(found.items()))


def located(avatar: Path | None) -> Path:
    """Where an avatar lies: a file or folder as it is, else one of that name; without any, the person who comes with
    visavis. Raises AvatarError."""
    if avatar is not None and (
        avatar.is_file()
        or (avatar / MANIFEST).exists()
        or avatar.suffix.lower() in (SUFFIX, *SUFFIXES)
        or len(avatar.parts) > 1
    ):
        return avatar
    if avatar is None:
        return paths.shipped_avatars_dir() / f"{DEFAULT}{SUFFIX}"
    if avatar.name in (avatars := known()):
        return avatars[avatar.name]
    raise AvatarError(f"There is no avatar named {avatar.name!r}: `visavis avatar list` tells which there are.")


def listed() -> list[dict[str, Any]]:
    """Name, Gaussians, bytes, licence and file of every avatar on this machine, and what is wrong with its manifest."""
    rows: list[dict[str, Any]] = []
    for name, path in known().items():
        size = sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size
        row = {"name": name, "gaussians": 0, "bytes": size, "licence": "", "file": str(path), "problem": ""}
        try:
            manifest = read_manifest(path)
            row |= {"gaussians": manifest.gaussians, "licence": manifest.licence}
        except AvatarError as error:
            row["problem"] = str(error)
        rows.append(row)
    return rows


def inspected(avatar: Path, *, levels: bool, plot: Path | None, size: int) -> dict[str, Any]:
    """What a file holds; with `levels` or `plot`, what each prefix loses in pictures of `size` pixels each way.

    Raises AvatarError, RenderError.
    """
    path = located(avatar)
    figures = facts(path)
    if levels or plot:
        from assets.progress import SilentProgress
        from xr_app.workshop.levels import bench_levels

        measured = bench_levels({path.stem: load(path)}, size, plot, SilentProgress())
        figures["prefixes"] = measured["people"][path.stem]["prefixes"]
    return figures


def unpack(avatar: Path, out: Path | None) -> Path:
    """Write the folder `out`, named as the avatar by default; where it lies. Raises AvatarError."""
    path = located(avatar)
    folder = out or Path(path.stem)
    write_folder(load(path), folder, read_preview(path))
    return folder


def pack(folder: Path, out: Path | None, precision: Precision) -> Path:
    """Write the file `out`, beside the folder by default; where it lies. An avatar without a preview gets one.

    Raises AvatarError, OptionError.
    """
    path = out or folder.absolute().with_name(folder.absolute().name + SUFFIX)
    if path.suffix != SUFFIX:
        raise OptionError(f"{path} is no name for an avatar: end it in {SUFFIX}.")
    if path.is_dir():
        raise OptionError(f"{path} is a folder: name the file to write with --out.")
    avatar, preview = read_folder(folder)
    if preview is None:
        from xr_app.portrait import preview_of

        preview = preview_of(avatar)
    save(avatar, path, preview, precision=precision)
    return path


def find_avatar(path: Path | None, up: Up | None = None) -> Avatar:
    """Load the avatar or scene at `path`, or of that name, or the default avatar; `up` is the axis of a scene that
    points up, where it is not the one that its format has. Raises AvatarError."""
    found = located(path)
    return read_scene(found, up) if found.suffix.lower() in SUFFIXES else load(found)
