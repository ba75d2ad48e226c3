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
from xr_app.avatar_files import located
from xr_app.avatars import BACKDROP, find_avatar, has_face, portrait
from xr_app.errors import OptionError

F64 = NDArray[np.float64]

VIEWS: Final[dict[str, dict[str, Any]]] = {
    "face 0.4 m": {"aim": "face", "distance": 0.4, "angle": 0},
    "face 0.6 m, 40°": {"aim": "face", "distance": 0.6, "angle": 40},
    "body 1.6 m": {"aim": "body", "distance": 1.6, "angle": 0},
    "body 1.6 m, 150°": {"aim": "body", "distance": 1.6, "angle": 150},
    "body 5 m": {"aim": "body", "distance": 5.0, "angle": 0, "smaller": 4},
}
"""Every picture is as wide as what it shows, whatever the distance; what is far is drawn `smaller`."""
SCENE_VIEWS: Final[dict[str, dict[str, Any]]] = {
    f"{angle}°": {"aim": "body", "distance": None, "angle": angle} for angle in (0, 90, 200)
}
SAME_DB: Final = 99.0
"""Of pictures without any difference."""
_AMPLIFIED: Final = 8
_BACKDROP: Final = np.rint(255 * (1.055 * np.array(BACKDROP[:3]) ** (1 / 2.4) - 0.055)).astype(int)
"""As sRGB has it."""


def compare(first: Path, second: Path, *, size: int, out: Path | None = None) -> dict[str, Any]:
    """Sizes of two avatars and decibels between their pictures of `size` pixels each way; `out` gets a row for every
    view: the first, the second, and eight times their difference.

    Raises AvatarError, OptionError.
    """
    paths = [located(first), located(second)]
    avatars = [find_avatar(path) for path in paths]
    views = VIEWS if all(has_face(avatar) for avatar in avatars) else SCENE_VIEWS
    rows, figures = [], dict[str, Any]()
    for name, view in views.items():
        a, b = (view_of(avatar, size, **view) for avatar in avatars)
        figures[name] = picture_loss(a, b)
        difference = np.minimum(np.abs(a.astype(int) - b.astype(int)) * _AMPLIFIED, 255).astype(np.uint8)
        row = np.concatenate([a, b, difference], axis=1)
        rows.append(np.pad(row, ((0, 0), (0, 3 * size - row.shape[1]), (0, 0))))
    if out:
        _write(np.concatenate(rows), out)
    sizes = {key: _facts(path, avatar) for key, path, avatar in zip(("first", "second"), paths, avatars, strict=True)}
    worst = min(figures, key=lambda name: float(figures[name]["on_avatar_db"]))
    return {**sizes, "views": figures, "worst": {"view": worst, **figures[worst]}}


def view_of(avatar: Avatar, size: int, smaller: int = 1, **view: Any) -> NDArray[np.uint8]:
    """(size / smaller, size / smaller, 3) sRGB picture of the avatar from one of the VIEWS."""
    return portrait(avatar, size=size // smaller, **view)[..., :3]


def picture_loss(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> dict[str, float]:
    """Decibels between two pictures (H, W, 3) before the backdrop, over all of it and over the pixels that either has
    something on."""
    error = np.square(a.astype(np.float64) - b.astype(np.float64)).mean(axis=2)
    touched = np.abs(np.stack([a, b]).astype(int) - _BACKDROP).max(axis=(0, 3)) > 1
    return {"psnr_db": _decibels(error), "on_avatar_db": _decibels(error[touched])}


def _decibels(error: F64) -> float:
    mean = float(error.mean()) if error.size else 0.0
    return round(float(10 * np.log10(255**2 / mean)), 2) if mean else SAME_DB


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
