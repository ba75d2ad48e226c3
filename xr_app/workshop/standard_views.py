"""Pictures of avatars from standard views, near and far, and how far two of them are apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from xr_app.portrait import BACKDROP, at_ease, has_face, standing_view

F64 = NDArray[np.float64]
Pictures = dict[str, NDArray[np.uint8]]
Views = Mapping[str, Mapping[str, Any]]

VIEWS: Final[Views] = {
    "face 0.4 m": {"aim": "face", "distance": 0.4, "angle": 0},
    "face 0.6 m, 40°": {"aim": "face", "distance": 0.6, "angle": 40},
    "body 1.6 m": {"aim": "body", "distance": 1.6, "angle": 0},
    "body 1.6 m, 150°": {"aim": "body", "distance": 1.6, "angle": 150},
    "body 5 m": {"aim": "body", "distance": 5.0, "angle": 0, "smaller": 4},
}
"""Every picture is as wide as what it shows, whatever the distance; what is far is drawn `smaller`."""
SCENE_VIEWS: Final[Views] = {f"{angle}°": {"aim": "body", "distance": None, "angle": angle} for angle in (0, 90, 200)}
SAME_DB: Final = 99.0
"""Of pictures without any difference."""
_BACKDROP: Final = np.rint(255 * (1.055 * np.array(BACKDROP[:3]) ** (1 / 2.4) - 0.055)).astype(int)
"""As sRGB has it."""


def views_of(*avatars: Avatar) -> Views:
    """Those that suit them all."""
    return VIEWS if all(has_face(avatar) for avatar in avatars) else SCENE_VIEWS


def pictures_of(avatar: Avatar, views: Views, size: int) -> Pictures:
    """(size / smaller, size / smaller, 3) sRGB of the whole avatar, by view."""
    return next(pictures_by_level(avatar, views, size, [len(avatar.gaussians)]))


def pictures_by_level(avatar: Avatar, views: Views, size: int, counts: Sequence[int]) -> Iterator[Pictures]:
    """The same for each of these prefixes of the Gaussians, all by one renderer."""
    seen = {
        name: standing_view(avatar, view["aim"], view["distance"], view["angle"], size // view.get("smaller", 1))
        for name, view in views.items()
    }
    key = at_ease(avatar)
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, replace(avatar, levels=tuple(sorted(counts))))
        renderer.set_keys(key, key)
        targets = {name: offscreen.target(view.width, view.height) for name, view in seen.items()}
        for count in counts:
            renderer.set_level(count)
            pictures: Pictures = {}
            for name, view in seen.items():
                renderer.sort_again()
                renderer.draw([view], [targets[name]], head=view.pose, model=np.eye(4), alpha=0.0, background=BACKDROP)
                pictures[name] = offscreen.read(targets[name])[..., :3]
            yield pictures


def picture_loss(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> dict[str, float]:
    """Decibels between two pictures (H, W, 3) before the backdrop, over all of it and over the pixels that either has
    something on."""
    error = np.square(a.astype(np.float64) - b.astype(np.float64)).mean(axis=2)
    touched = np.abs(np.stack([a, b]).astype(int) - _BACKDROP).max(axis=(0, 3)) > 1
    return {"psnr_db": _decibels(error), "on_avatar_db": _decibels(error[touched])}


def _decibels(error: F64) -> float:
    mean = float(error.mean()) if error.size else 0.0
    return round(float(10 * np.log10(255**2 / mean)), 2) if mean else SAME_DB
