"""The people who come with visavis, made again from their recipes."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assets import paths
from assets.container import read_manifest
from assets.errors import ForgeError
from assets.forge.look import PEOPLE, Recipe
from assets.progress import Progress
from xr_app.avatar_files import SUFFIX
from xr_app.avatars import forge_avatar


def remake(
    names: Sequence[str], folder: Path | None, progress: Progress, people: Mapping[str, Recipe] = PEOPLE
) -> dict[str, Any]:
    """Forge the people of these `names`, all by default, into `folder`, or nowhere to stay; by name: bytes, Gaussians,
    seconds, SHA-256, and whether it is the very file that comes with visavis. Raises ForgeError, FetchError."""
    if unknown := [name for name in names if name not in people]:
        raise ForgeError(f"There is no recipe {unknown[0]!r}; there are {', '.join(people)}.")
    chosen = {name: people[name] for name in names or people}
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as elsewhere:
        for name, recipe in chosen.items():
            shipped = paths.shipped_avatars_dir() / f"{name}{SUFFIX}"
            known = _digest(shipped) if shipped.exists() else ""
            started = time.monotonic()
            out = (folder or Path(elsewhere)) / f"{name}{SUFFIX}"
            made = forge_avatar(name, recipe, out, progress)
            figures[name] = {
                "same": _digest(made) == known,
                "gaussians": read_manifest(made).gaussians,
                "bytes": made.stat().st_size,
                "seconds": round(time.monotonic() - started, 1),
                "sha256": _digest(made),
            }
    return figures


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
