"""The people who come with visavis, made again from their recipes."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assets import paths
from assets.container import read_manifest
from assets.forge.look import PEOPLE, recipe_named
from assets.progress import Progress
from xr_app.avatar_files import SUFFIX
from xr_app.avatars import forge_avatar


def remake(names: Sequence[str], folder: Path | None, progress: Progress) -> dict[str, Any]:
    """Forge the people of these `names`, all by default, into `folder`, or nowhere to stay; by name what `compared`
    finds, and the seconds. Raises ForgeError, FetchError."""
    chosen = {name: recipe_named(name) for name in names or PEOPLE}
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as elsewhere:
        for name, recipe in chosen.items():
            started = time.monotonic()
            made = forge_avatar(name, recipe, Path(elsewhere) / f"{name}{SUFFIX}", progress)
            found = compared(made, paths.shipped_avatars_dir() / made.name)
            figures[name] = found | {"seconds": round(time.monotonic() - started, 1)}
            if folder:
                shutil.move(made, folder / made.name)
    return figures


def compared(made: Path, shipped: Path) -> dict[str, Any]:
    """Whether `made` is, byte for byte, the file `shipped`; its Gaussians, bytes and SHA-256. Raises AvatarError."""
    digest = _digest(made)
    return {
        "same": shipped.exists() and _digest(shipped) == digest,
        "gaussians": read_manifest(made).gaussians,
        "bytes": made.stat().st_size,
        "sha256": digest,
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
