"""Two avatars side by side: their sizes, and decibels between their pictures from standard views."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.avatar import Avatar
from assets.container import facts
from assets.importers.scene import SUFFIXES
from xr_app.avatar_files import find_avatar, located
from xr_app.errors import OptionError
from xr_app.workshop.standard_views import picture_loss, pictures_of, views_of

_AMPLIFIED: Final = 8


def compare(first: Path, second: Path, *, size: int, out: Path | None = None) -> dict[str, Any]:
    """Sizes of two avatars and decibels between their pictures of `size` pixels each way; `out` gets a row for every
    view: the first, the second, and eight times their difference.

    Raises AvatarError, OptionError.
    """
    paths = [located(first), located(second)]
    avatars = [find_avatar(path) for path in paths]
    views = views_of(*avatars)
    before, after = (pictures_of(avatar, views, size) for avatar in avatars)
    rows, figures = [], dict[str, Any]()
    for name in views:
        a, b = before[name], after[name]
        figures[name] = picture_loss(a, b)
        difference = np.minimum(np.abs(a.astype(int) - b.astype(int)) * _AMPLIFIED, 255).astype(np.uint8)
        row = np.concatenate([a, b, difference], axis=1)
        rows.append(np.pad(row, ((0, 0), (0, 3 * size - row.shape[1]), (0, 0))))
    if out:
        _write(np.concatenate(rows), out)
    sizes = {key: _facts(path, avatar) for key, path, avatar in zip(("first", "second"), paths, avatars, strict=True)}
    worst = min(figures, key=lambda name: float(figures[name]["on_avatar_db"]))
    return {**sizes, "views": figures, "worst": {"view": worst, **figures[worst]}}


def _facts(path: Path, avatar: Avatar) -> dict[str, Any]:
    if path.suffix.lower() in SUFFIXES:
        return {"file": str(path), "bytes": path.stat().st_size, "gaussians": len(avatar.gaussians)}
    found = facts(path)
    return {name: found[name] for name in ("file", "name", "bytes", "gaussians")}


def _write(picture: NDArray[np.uint8], out: Path) -> None:
    try:
        Image.fromarray(picture).save(out)
    except (OSError, ValueError) as error:
        raise OptionError(
            f"The picture {out} could not be written ({error}); name a .png in a folder that is there."
        ) from None
