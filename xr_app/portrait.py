"""Pictures of an avatar standing at ease: who is framed how, from where."""

from __future__ import annotations

import io
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.avatar import Avatar, rest_deviations, rest_places
from assets.importers.place import box_of_most
from render.motion.performer import Performer
from render.motion.pose import PoseKey, rest_key
from render.motion.skeleton import skinning_matrices
from render.offscreen import look_at_view, render_image
from render.view import View
from xr_app.errors import OptionError

BACKDROP: Final = (0.33, 0.35, 0.38, 1.0)
PERSON_DISTANCE_M: Final = 1.6
PREVIEW_DISTANCE_M: Final = 1.9
SCENE_SLOPE: Final = math.tan(math.radians(20))
"""Of the upper edge of a scene's picture, where no distance is asked for."""
WIDEST_SLOPE: Final = 1.2
"""Of any scene's picture: within a scene not all of it can be seen."""
_ENDS: Final = 2.5
"""Deviations from the middle of a Gaussian to where it has faded."""
HEAD_M: Final = 0.6
"""An avatar less high than that is a head."""


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
    key = at_ease(avatar)
    return render_image(
        avatar,
        standing_view(avatar, aim, distance, angle, size),
        expression=key.expression if expression is None else expression,
        joints=key.joints,
        background=BACKDROP,
        gaussians=gaussians,
    )


def at_ease(avatar: Avatar) -> PoseKey:
    """How it stands for a picture: a person with the arms down, what has no face as it is."""
    if not has_face(avatar):
        return rest_key(avatar)
    life = Performer(avatar).at(0.0)
    joints = skinning_matrices(avatar.skeleton, life.rotations, life.root)
    return PoseKey(0, np.zeros(len(avatar.expressions), np.float32), joints)


def standing_view(avatar: Avatar, aim: str, distance: float | None, angle: float, size: int) -> View:
    """A square view of a person (see `person_view`), or of all there is of a scene. Raises OptionError."""
    if has_face(avatar):
        return person_view(avatar, aim, distance, angle, size)
    if aim != "body":
        raise OptionError(f"--aim {aim} needs an avatar with a face, and {avatar.name} has none; leave it away.")
    return _scene_view(avatar, distance, math.radians(angle), size)


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
    half = (high - low) / 2 + _ENDS * float(np.median(rest_deviations(avatar.mesh, avatar.gaussians).max(axis=1)))
    centre, (wide, tall, deep) = (low + high) / 2, 1.05 * np.maximum(half, 5e-4)
    radius = math.hypot(wide, deep)
    if distance is None:
        distance = max(radius + tall / SCENE_SLOPE, radius * math.hypot(1, 1 / SCENE_SLOPE))
    slope = WIDEST_SLOPE
    if distance > radius:
        slope = min(slope, max(tall / (distance - radius), radius / math.sqrt(distance**2 - radius**2)))
    eye = centre + distance * np.array([math.sin(turn), 0.0, math.cos(turn)])
    return look_at_view(eye, centre, 2 * math.degrees(math.atan(slope)), size, size)


def png(picture: Any) -> bytes:
    """An (H, W, 3 or 4) picture as PNG, without transparency."""
    stream = io.BytesIO()
    Image.fromarray(picture).convert("RGB").save(stream, "PNG")
    return stream.getvalue()
