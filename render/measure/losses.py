"""What each level of detail and each scale loses of the picture, and what it saves.

Run it as `python -m render.measure.losses AVATAR [--size PIXELS]`: the tables of docs/benchmarks.md, to which the laws
of render/load.py are fitted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.container import load as load_avatar
from render.gl.context import is_software
from render.load import Load, Quality
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.view import View, look_at_view

F64 = NDArray[np.float64]

DISTANCES_M: Final = (0.5, 1.0, 2.0)
SCALES: Final = (1.0, 0.85, 0.7, 0.55, 0.4)
ROUNDS: Final = 5
EYES_APART_M: Final = 0.064
FIELD_DEGREES: Final = 90.0
_GREY: Final = (0.18, 0.18, 0.18, 1.0)


class Loss(NamedTuple):
    """One quality at one distance."""

    distance: float
    """Metres from the avatar's axis."""
    quality: Quality
    psnr: float
    """Decibels against the whole avatar at full size, on the pixels that the avatar touches in either."""
    milliseconds: float
    """Of both eyes, median: processor time on a software GPU, which others' work does not change."""
    load: Load


def losses(
    avatar: Avatar,
    size: int,
    distances: Sequence[float] = DISTANCES_M,
    scales: Sequence[float] = SCALES,
    rounds: int = ROUNDS,
) -> Iterator[Loss]:
    """Measure every level of `avatar` at every scale, in pictures of `size` x `size` pixels, at rest, from the front:
    the face from near, the whole person from afar. Times are medians of `rounds` after one that does not count."""
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, avatar)
        key = rest_key(avatar)
        renderer.set_keys(key, key)
        target = offscreen.target(size, size)
        clock = time.process_time if is_software(offscreen.ctx) else time.perf_counter
        for distance in distances:
            views = _views(avatar, distance, size)
            reference = None
            for level in reversed(renderer.levels):
                renderer.set_level(level)
                for scale in scales:
                    times = []
                    for step in range(1 + rounds):
                        _step(views, step)
                        start = clock()
                        _draw(renderer, views, target, scale, _GREY)
                        offscreen.ctx.finish()
                        times.append(1e3 * (clock() - start))
                    colours = offscreen.read(target)[..., :3] / 255.0
                    _draw(renderer, views, target, scale, None)
                    picture = colours, offscreen.read(target)[..., 3] > 0
                    reference = reference or picture
                    quality = Quality(level, scale)
                    load = renderer.load(views)
                    yield Loss(distance, quality, _psnr(picture, reference), float(np.median(times[1:] or times)), load)


def _views(avatar: Avatar, distance: float, size: int) -> list[View]:
    height = float(avatar.mesh.vertices[:, 1].max())
    # As far away as an upright field of view needs to hold the person from the top of the head down.
    aim = np.array([0.0, height - min(0.12 + 0.4 * (distance - 0.5), height / 2), 0.0])
    side = np.array([EYES_APART_M / 2, 0.0, 0.0])
    eye = aim + np.array([0.15 * distance, 0.0, distance])
    return [look_at_view(eye + s * side, aim + s * side, FIELD_DEGREES, size, size) for s in (-1, 1)]


def _step(views: list[View], step: int) -> None:
    """Move every eye by a hair, so that all stages of a moving head run."""
    for view in views:
        view.pose[0, 3] += (-1) ** step * 1e-4


def _draw(
    renderer: AvatarRenderer,
    views: list[View],
    target: moderngl.Framebuffer,
    scale: float,
    background: tuple[float, float, float, float] | None,
) -> None:
    renderer.draw(
        views,
        [target, target],
        head=views[0].pose,
        model=np.eye(4),
        alpha=0.0,
        background=background,
        scale=scale,
    )


def _psnr(picture: tuple[F64, NDArray[np.bool_]], reference: tuple[F64, NDArray[np.bool_]]) -> float:
    touched = picture[1] | reference[1]
    error = float(np.square(picture[0] - reference[0])[touched].mean())
    return -10 * float(np.log10(error)) if error else float("inf")


def main() -> None:
    """Print a table for each distance."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("avatar", type=Path)
    arguments.add_argument("--size", type=int, default=640)
    options = arguments.parse_args()
    rows = list(losses(load_avatar(options.avatar), options.size))
    for distance in DISTANCES_M:
        print(f"\n| {distance:g} m | " + " | ".join(f"{scale:g}" for scale in SCALES) + " |")
        print("|---" * (1 + len(SCALES)) + "|")
        here = [row for row in rows if row.distance == distance]
        for level in sorted({row.quality.gaussians for row in here}, reverse=True):
            cells = [f"{row.psnr:.1f} dB, {row.milliseconds:.0f}" for row in here if row.quality.gaussians == level]
            print(f"| {level:,} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
