"""How long a frame takes, and each of its stages.

The view walks around the avatar by more than the sort's threshold a frame, and every frame has a new key, so each
stage runs in every frame. Frames are timed as a whole first, one glFinish a frame; then the same walk is done again
with a glFinish before and after every stage, which gives each stage's own time (their sum exceeds the frame's, since
nothing overlaps).
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import moderngl
import numpy as np

from assets.avatar import Avatar
from assets.progress import Progress
from render.cloud import make_cloud
from render.life import idle
from render.offscreen import Offscreen
from render.pose import PoseKey
from render.renderer import SORT_TURN, AvatarRenderer
from render.skeleton import skinning_matrices
from render.view import look_at_pose, look_at_view

GAUSSIANS = 250_000
DISTANCE_M = 1.6
DEVIATIONS = 8**0.5
"""Where other renderers of Gaussians end them too."""
WARM_UP = 2
"""Frames before the clock starts: shaders compile at their first use."""


def bench_render(
    avatar: Avatar | None, gaussians: int | None, width: int, height: int, frames: int, progress: Progress
) -> dict[str, Any]:
    """Time `frames` frames of one eye; without `avatar`, of a made-up person of `gaussians` (250,000) Gaussians.

    Returns frame_ms.{p50,p95}, stages.NAME.ms (medians), gl.{renderer,version}, gaussians, width, height, frames.
    """
    if avatar is None:
        avatar = make_cloud(gaussians or GAUSSIANS)
    with Offscreen() as offscreen, progress.step("Drawing", 2 * (frames + WARM_UP)) as step:
        ctx = offscreen.ctx
        renderer = AvatarRenderer(ctx, avatar, gaussians=gaussians, deviations=DEVIATIONS)
        walk = _Walk(renderer, avatar, offscreen.target(width, height))

        def run(done: Callable[[float], None]) -> None:
            for number in range(frames + WARM_UP):
                start = time.perf_counter()
                walk.frame()
                ctx.finish()
                if number >= WARM_UP:
                    done((time.perf_counter() - start) * 1e3)
                step.advance()

        whole: list[float] = []
        run(whole.append)
        stages: dict[str, list[float]] = defaultdict(list)
        renderer.watch(_stopwatch(ctx, stages))
        run(lambda _: None)
        info = ctx.info
    return {
        "frame_ms": {"p50": _quantile(whole, 0.5), "p95": _quantile(whole, 0.95)},
        "stages": {name: {"ms": _quantile(times[WARM_UP:], 0.5)} for name, times in stages.items()},
        "gl": {"renderer": info["GL_RENDERER"], "version": info["GL_VERSION"]},
        "gaussians": renderer.gaussians,
        "width": width,
        "height": height,
        "frames": frames,
    }


class _Walk:
    """One step around the avatar a frame, and one key."""

    def __init__(self, renderer: AvatarRenderer, avatar: Avatar, target: moderngl.Framebuffer) -> None:
        self._renderer, self._avatar, self._target = renderer, avatar, target
        low, high = avatar.mesh.vertices.min(axis=0), avatar.mesh.vertices.max(axis=0)
        self._centre = (low + high) / 2 + (0.0, 0.1 * (high - low)[1], 0.0)
        self._number = 0
        self._key = self._key_at(0)

    def _key_at(self, number: int) -> PoseKey:
        life = idle(number * 0.05, self._avatar.skeleton.names)
        face = np.zeros(len(self._avatar.expressions), np.float32)
        return PoseKey(number, face, skinning_matrices(self._avatar.skeleton, life.rotations, life.root))

    def frame(self) -> None:
        self._number += 1
        previous, self._key = self._key, self._key_at(self._number)
        angle = self._number * 1.5 * SORT_TURN
        eye = self._centre + DISTANCE_M * np.array([math.sin(angle), 0.1, math.cos(angle)])
        self._renderer.set_keys(previous, self._key)
        self._renderer.draw(
            [look_at_view(eye, self._centre, 60, self._target.width, self._target.height)],
            [self._target],
            head=look_at_pose(eye, self._centre),
            model=np.eye(4),
            alpha=0.5,
            background=(0.0, 0.0, 0.0, 1.0),
        )


def _stopwatch(ctx: moderngl.Context, times: dict[str, list[float]]) -> Callable[[str], Any]:
    @contextmanager
    def watch(kind: str) -> Iterator[None]:
        ctx.finish()
        start = time.perf_counter()
        yield
        ctx.finish()
        times[kind].append((time.perf_counter() - start) * 1e3)

    return watch


def _quantile(values: list[float], q: float) -> float:
    return round(float(np.quantile(values, q)), 3)
