"""A made-up motion to time frames by: every stage runs in every frame.

The view walks around the avatar by more than the sort's threshold a frame, and every frame has a new key.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import moderngl
import numpy as np

from assets.avatar import Avatar
from render.motion.life import idle
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices
from render.renderer import SORT_TURN, AvatarRenderer
from render.view import look_at_pose, look_at_view

DISTANCE_M: Final = 1.6


class Walk:
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
        """Take one step and draw it."""
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


def stopwatch(
    ctx: moderngl.Context, times: dict[str, list[float]], clock: Callable[[], float] = time.perf_counter
) -> Callable[[str], AbstractContextManager[None]]:
    """What AvatarRenderer.watch takes: notes the milliseconds of each run of a stage in `times`, by the stage's name,
    with a glFinish before and after."""

    @contextmanager
    def watch(kind: str) -> Iterator[None]:
        ctx.finish()
        start = clock()
        yield
        ctx.finish()
        times[kind].append((clock() - start) * 1e3)

    return watch
