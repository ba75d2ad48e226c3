"""A rehearsal of an avatar's body as a clip or a sheet of pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.avatar import Avatar
from assets.progress import Progress
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.rehearsal import TALK_S, mouth, rehearse, rehearse_talk
from render.motion.score import STATES
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from xr_app.avatar_files import find_avatar
from xr_app.avatars import PICTURES
from xr_app.encode import encoded
from xr_app.errors import OptionError
from xr_app.portrait import BACKDROP, person_view

U8 = NDArray[np.uint8]

SECONDS: Final = 6.0
MOMENTS: Final = 12
"""Of a sheet; six stand side by side."""
KEYS_PER_S: Final = 20


@dataclass(frozen=True)
class Clip:
    """What to draw."""

    state: str
    """One of STATES, or "talk" for all of them."""
    seconds: float | None
    begin: float
    aim: str
    angles: tuple[float, ...]
    """Degrees around the avatar of the views that stand side by side, or one over the other in a sheet."""
    size: int
    fps: float
    seed: int
    gaussians: int | None


def draw_clip(file: Path | None, out: Path, clip: Clip, progress: Progress) -> dict[str, Any]:
    """Draw the avatar `file` (the default one without) in motion into `out`; what was drawn, as figures.

    Raises AvatarError, OptionError, FilmError.
    """
    sheet = out.suffix.lower() in PICTURES
    if not sheet and out.suffix.lower() != ".mp4":
        raise OptionError(f"--out {out} is neither a clip nor a picture: name one that ends in .mp4 or .png.")
    avatar = find_avatar(file)
    seconds = clip.seconds or (TALK_S - clip.begin if clip.state == "talk" else SECONDS)
    if seconds <= 0:
        raise OptionError(f"--begin {clip.begin:g} leaves nothing of the talk, which takes {TALK_S:g} seconds.")
    count = MOMENTS if sheet else max(round(seconds * clip.fps), 1)
    step = seconds / MOMENTS if sheet else 1 / clip.fps
    with progress.step("Motion", total=count) as bar:
        pictures = _pictures(avatar, clip, [clip.begin + number * step for number in range(count)])
        if sheet:
            drawn = []
            for picture in pictures:
                drawn.append(np.concatenate(picture))
                bar.advance()
            half = MOMENTS // 2
            rows = [np.concatenate(drawn[k : k + half], axis=1) for k in (0, half)]
            _save(np.concatenate(rows), out)
        else:
            with encoded(out, clip.size * len(clip.angles), clip.size, clip.fps) as take:
                for picture in pictures:
                    take(np.concatenate(picture, axis=1))
                    bar.advance()
    return {"file": str(out), "avatar": avatar.name, "state": clip.state, "seconds": seconds, "pictures": count}


def _pictures(avatar: Avatar, clip: Clip, times: list[float]) -> Iterator[list[U8]]:
    """At each of `times` one (size, size, 3) sRGB picture for every angle, between 20 Hz keys as in a headset."""
    views = [person_view(avatar, clip.aim, None, angle, clip.size) for angle in clip.angles]
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, avatar, gaussians=clip.gaussians)
        target = offscreen.target(clip.size, clip.size)
        keys = _Keys(avatar, clip, times[-1])
        for time in times:
            before, after, alpha = keys.around(time)
            renderer.set_keys(before, after)
            drawn = []
            for view in views:
                renderer.draw([view], [target], head=view.pose, model=np.eye(4), alpha=alpha, background=BACKDROP)
                drawn.append(offscreen.read(target)[..., :3])
            yield drawn


class _Keys:
    """The 20 Hz states of a rehearsal; its mouth moves with the syllables that it is made of."""

    def __init__(self, avatar: Avatar, clip: Clip, until: float) -> None:
        state = next((state for state in STATES if state == clip.state), None)
        self._score = rehearse(state, until + 1, clip.seed) if state else rehearse_talk(clip.seed)
        self._performer = Performer(avatar, clip.seed, self._score)
        self._speaks = len(avatar.expressions) == 52
        self._keys: dict[int, PoseKey] = {}

    def around(self, time: float) -> tuple[PoseKey, PoseKey, float]:
        number = math.floor(time * KEYS_PER_S)
        self._keys = {k: self._keys.get(k) or self._key(k) for k in (number, number + 1)}
        return self._keys[number], self._keys[number + 1], time * KEYS_PER_S - number

    def _key(self, number: int) -> PoseKey:
        time = number / KEYS_PER_S
        return self._performer.key(number, time, mouth(self._score, time) if self._speaks else None)


def _save(picture: U8, out: Path) -> None:
    try:
        Image.fromarray(picture).save(out)
    except (OSError, ValueError) as error:
        raise OptionError(
            f"The picture {out} could not be written ({error}); name a .png in a folder that is there."
        ) from None
