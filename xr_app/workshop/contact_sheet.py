"""Contact sheets: one person seen from several sides, with several faces, from near and far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.arkit import INDEX
from assets.avatar import Avatar
from assets.progress import Progress
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from xr_app.avatar_files import find_avatar
from xr_app.avatars import PICTURES
from xr_app.errors import OptionError
from xr_app.portrait import BACKDROP, has_face, person_view

U8 = NDArray[np.uint8]

FACES: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "smiling": {"mouthSmile*": 0.75, "cheekSquint*": 0.5, "eyeSquint*": 0.35, "mouthDimple*": 0.2},
        "surprised": {"browInnerUp": 0.9, "browOuterUp*": 0.8, "eyeWide*": 0.7, "jawOpen": 0.35},
        "sorry": {"browInnerUp": 0.8, "mouthFrown*": 0.6, "eyeSquint*": 0.2, "mouthShrugLower": 0.35},
        "doubting": {"browDown*": 0.8, "noseSneer*": 0.35, "mouthPress*": 0.4, "mouthLeft": 0.3, "eyeSquint*": 0.4},
        "speaking": {"jawOpen": 0.28, "mouthFunnel": 0.45, "mouthPucker": 0.2, "browOuterUp*": 0.2},
    }
)
"""ARKit weights by mood; `*` stands for Left and Right."""
ANGLES: Final = (0.0, 45.0, 90.0, 180.0, 270.0, 315.0)
DISTANCES: Final = (("face", 0.45), ("upper", 1.0), ("body", 2.5))
"""What is looked at, and from how many metres."""


@dataclass(frozen=True)
class Shot:
    """One picture of a sheet."""

    aim: str
    distance: float
    angle: float = 0.0
    face: str = ""
    """One of FACES, or at rest."""


SHEETS: Final[Mapping[str, tuple[Shot, ...]]] = MappingProxyType(
    {
        "views": tuple(Shot("body", 2.2, angle) for angle in ANGLES),
        "heads": tuple(Shot("face", 0.6, angle) for angle in ANGLES),
        "expressions": tuple(Shot("face", 0.6, 20.0, face) for face in FACES),
        "distances": tuple(Shot(aim, distance, -20.0) for aim, distance in DISTANCES),
    }
)


def draw_sheet(
    file: Path | None, out: Path, sheet: str, *, size: int, gaussians: int | None, progress: Progress
) -> dict[str, Any]:
    """Draw one of SHEETS of the avatar `file` (the default one without) into `out`, its pictures side by side, `size`
    pixels each; what was drawn, as figures. Raises AvatarError, OptionError."""
    if out.suffix.lower() not in PICTURES:
        raise OptionError(f"--out {out} is no picture: name one that ends in {' or '.join(PICTURES)}.")
    avatar = find_avatar(file)
    if not has_face(avatar):
        raise OptionError(f"A sheet needs a person, and {avatar.name} has no face; try: visavis avatar render.")
    shots = SHEETS[sheet]
    with progress.step("Pictures", total=len(shots)) as step:
        pictures = []
        for picture in _pictures(avatar, shots, size, gaussians):
            pictures.append(_cropped(picture) if sheet == "views" else picture)
            step.advance()
    try:
        Image.fromarray(np.concatenate(pictures, axis=1)).save(out, quality=90)
    except (OSError, ValueError) as error:
        raise OptionError(
            f"The picture {out} could not be written ({error}); name a .png in a folder that is there."
        ) from None
    return {"file": str(out), "avatar": avatar.name, "sheet": sheet, "pictures": len(shots)}


def weights(face: str) -> NDArray[np.float32]:
    """(52,) ARKit weights of one of FACES; of none, at rest."""
    found = np.zeros(len(INDEX), np.float32)
    for name, weight in FACES[face].items() if face else ():
        for side in ("Left", "Right") if name.endswith("*") else ("",):
            found[INDEX[name.removesuffix("*") + side]] = weight
    return found


def _pictures(avatar: Avatar, shots: tuple[Shot, ...], size: int, gaussians: int | None) -> Iterator[U8]:
    """(size, size, 3) sRGB of each shot."""
    life = Performer(avatar).at(0.0)
    joints = skinning_matrices(avatar.skeleton, life.rotations, life.root)
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, avatar, gaussians=gaussians)
        target = offscreen.target(size, size)
        for number, shot in enumerate(shots):
            key = PoseKey(number, weights(shot.face), joints)
            renderer.set_keys(key, key)
            view = person_view(avatar, shot.aim, shot.distance, shot.angle, size)
            renderer.draw([view], [target], head=view.pose, model=np.eye(4), alpha=0.0, background=BACKDROP)
            yield offscreen.read(target)[..., :3]


def _cropped(picture: U8) -> U8:
    """The upright middle of a picture: a standing person fills half of a square."""
    quarter = picture.shape[1] // 4
    return picture[:, quarter:-quarter]
