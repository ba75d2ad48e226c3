"""Folders that change as a whole: made beside their place, then moved there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from assets.errors import NoRoomError

SPARE_BYTES: Final = 64 << 20
"""Room that a download leaves free, for what else writes on the disk."""


def part_folder(place: Path) -> Path:
    """Where a download of the folder `place` grows."""
    return place.with_name(f".{place.name}.part")


def put_in_place(new: Path, place: Path) -> None:
    """Move the complete folder `new` to `place`; what was there is gone only once that is done."""
    aside = _aside(place)
    shutil.rmtree(aside, ignore_errors=True)
    if place.exists():
        place.rename(aside)
    new.rename(place)
    shutil.rmtree(aside, ignore_errors=True)


def restore(place: Path) -> None:
    """Bring the old folder back where a `put_in_place` was stopped between its two moves."""
    aside = _aside(place)
    if aside.exists() and not place.exists():
        aside.rename(place)


def clear(place: Path) -> int:
    """Remove the folder and what a stopped change left beside it; the bytes that were freed."""
    freed = 0
    for folder in (place, part_folder(place), _aside(place)):
        if folder.exists():
            freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    return freed


def need_room(folder: Path, size: int) -> None:
    """NoRoomError where `size` bytes more would not fit on the disk of the existing `folder`."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE_BYTES:
        raise NoRoomError(
            f"{(size + SPARE_BYTES) / 1e9:.2f} GB are needed and {free / 1e9:.2f} GB are free at {folder.parent}: "
            "make room there, or move visavis with VISAVIS_HOME."
        )


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.old")
