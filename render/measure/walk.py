"""A made-up motion to time frames by: the view walks around the avatar, one step a frame.

By default every stage runs in every frame: the step turns the view by more than the sort's threshold, and every frame
has a new key. Two targets are two eyes with a headset's oblique fields of view.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.performer import Performer
from render.motion.pose import PoseKey, rest_key
from render.motion.skeleton import skinning_matrices
from render.renderer import SORT_TURN, AvatarRenderer
from render.view import View, look_at_pose, look_at_view

F64 = NDArray[np.float64]

DISTANCE_M: Final = 1.6
STEP: Final = 1.5 * SORT_TURN
FOV_DEGREES: Final = 60.0
"""The height of one eye's picture alone."""
EYES_APART_M: Final = 0.064
_OUTWARD, _INWARD = math.radians(52), math.radians(44)
"""96 degrees an eye, as wide as a Quest 3's."""


class Walk:
    """One step of `step` radians around the avatar a frame, `distance` metres from its middle; unless it stands `still`
    at rest, with a new key each."""

    def __init__(
        self,
        renderer: AvatarRenderer,
        avatar: Avatar,
        *targets: moderngl.Framebuffer,
        distance: float = DISTANCE_M,
        step: float = STEP,
        still: bool = False,
    ) -> None:
        self._renderer, self._avatar, self._targets = renderer, avatar, targets
        self._distance, self._step, self._still = distance, step, still
        self._centre = middle_of(avatar)
        self._performer = Performer(avatar)
        self._number = 0
        self._key = self._key_at(0)

    def _key_at(self, number: int) -> PoseKey:
        if self._still:
            return rest_key(self._avatar)
        life = self._performer.at(number * 0.05)
        face = np.zeros(len(self._avatar.expressions), np.float32)
        return PoseKey(number, face, skinning_matrices(self._avatar.skeleton, life.rotations, life.root))

    def frame(self) -> None:
        """Take one step and draw it."""
        self._number += 1
        previous = self._key
        if not self._still:
            self._key = self._key_at(self._number)
        head = look_at_pose(around(self._centre, self._distance, self._number * self._step), self._centre)
        self._renderer.set_keys(previous, self._key)
        self._renderer.draw(
            eyes_of(head, self._centre, [target.size for target in self._targets]),
            list(self._targets),
            head=head,
            model=np.eye(4),
            alpha=0.5,
            background=(0.0, 0.0, 0.0, 1.0),
        )


def middle_of(avatar: Avatar) -> F64:
    """(3,) what is looked at: a tenth of the avatar's height above the middle of its box."""
    low, high = avatar.mesh.vertices.min(axis=0), avatar.mesh.vertices.max(axis=0)
    middle: F64 = (low + high).astype(np.float64) / 2 + (0.0, 0.1 * float(high[1] - low[1]), 0.0)
    return middle


def around(centre: F64, distance: float, angle: float) -> F64:
    """(3,) a head's place `angle` radians around `centre` (3,), from the front, and a little above it."""
    return centre + distance * np.array([math.sin(angle), 0.1, math.cos(angle)])


def eyes_of(head: F64, centre: F64, sizes: list[tuple[int, int]]) -> list[View]:
    """The view of each target: one of 60 degrees from the head itself, or two, left and right, with square pixels."""
    if len(sizes) == 1:
        return [look_at_view(head[:3, 3], centre, FOV_DEGREES, *sizes[0])]
    views = []
    for side, (width, height) in zip((-1, 1), sizes, strict=True):
        pose = head.copy()
        pose[:3, 3] += side * EYES_APART_M / 2 * head[:3, 0]
        left, right = (-_OUTWARD, _INWARD) if side < 0 else (-_INWARD, _OUTWARD)
        half = math.atan((math.tan(right) - math.tan(left)) / 2 * height / width)
        views.append(View(pose, (left, right, half, -half), width, height))
    return views


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
