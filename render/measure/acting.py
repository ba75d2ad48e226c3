"""Made-up scenes between two people, to judge pictures of by: what the avatar does, and how the one who looks moves.

A pure function of time. The avatar has a key every 20th of a second; the head stands and sways, or walks around.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.measure.walk import EYES_APART_M, around, middle_of
from render.motion.chance import wander
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices
from render.view import View, look_at_pose

F64 = NDArray[np.float64]
Act = Literal["idle", "talking", "waving", "walking"]

ACTS: Final[tuple[Act, ...]] = ("idle", "talking", "waving", "walking")
KEYS_PER_S: Final = 20
_SEED: Final = 3
_HALF_VIEW: Final = math.radians(30)
_SWAY_M: Final = np.array([0.03, 0.015, 0.025])
"""Across, up and ahead: someone who stands at ease and listens."""
_WALK_M_PER_S: Final = 0.9
_BOB_M: Final = 0.02
_WAVE_S: Final = 4.0
"""An arm goes up in 0.8 s, swings once a second, and comes down again."""
_VISEMES: Final = (("jawOpen", 0.45, 0.23), ("mouthFunnel", 0.5, 0.41), ("mouthPucker", 0.4, 0.67),
                   ("mouthStretchLeft", 0.3, 0.53), ("mouthStretchRight", 0.3, 0.53),
                   ("browInnerUp", 0.5, 1.7))  # fmt: skip
"""Shape, its most, and the seconds in which it comes and goes."""


@dataclass(frozen=True)
class Scene:
    """The `act` of `avatar`, seen from `distance` metres; under a metre the eyes rest on the face."""

    avatar: Avatar
    act: Act
    distance: float
    first: int = 0
    """Id of its first key: a renderer that is shown several scenes takes equal ids for equal keys."""

    @cached_property
    def _performer(self) -> Performer:
        return Performer(self.avatar, _SEED)

    def keys(self, time_s: float) -> tuple[PoseKey, PoseKey, float]:
        """The keys around `time_s`, and where it is between them."""
        number = math.floor(time_s * KEYS_PER_S)
        return self._key(number), self._key(number + 1), time_s * KEYS_PER_S - number

    def _key(self, number: int) -> PoseKey:
        time_s, names = number / KEYS_PER_S, self.avatar.skeleton.names
        life = self._performer.at(time_s)
        face = dict(zip(self.avatar.expressions, life.expression.tolist(), strict=False))
        if self.act in ("talking", "walking"):
            for shape, most, period in _VISEMES:
                face[shape] = face.get(shape, 0.0) + most * max(wander(time_s, _SEED, len(shape), period), 0.0)
        rotations = life.rotations.astype(np.float64)
        if self.act == "waving":
            _wave(rotations, names, time_s)
        weights = np.array([face.get(name, 0.0) for name in self.avatar.expressions], np.float32)
        return PoseKey(self.first + number, weights, skinning_matrices(self.avatar.skeleton, rotations, life.root))

    def head(self, time_s: float) -> F64:
        """(4, 4) pose of the head that looks."""
        sway = _SWAY_M * [wander(time_s, _SEED, 20 + axis, 5.0) for axis in range(3)]
        angle = 0.3
        if self.act == "walking":
            angle += _WALK_M_PER_S * time_s / self.distance
            sway = np.array([0.0, _BOB_M * math.sin(4 * math.pi * time_s), 0.0])
        target = self._looked_at()
        pose = look_at_pose(around(target, self.distance, angle), target)
        pose[:3, 3] += pose[:3, :3] @ sway
        return pose

    def eyes(self, time_s: float, side: int) -> list[View]:
        """Two square views of `side` pixels and 60 degrees."""
        views = []
        for sign in (-1, 1):
            pose = self.head(time_s)
            pose[:3, 3] += sign * EYES_APART_M / 2 * pose[:3, 0]
            views.append(View(pose, (-_HALF_VIEW, _HALF_VIEW, _HALF_VIEW, -_HALF_VIEW), side, side))
        return views

    def _looked_at(self) -> F64:
        if self.distance >= 1.0:
            return middle_of(self.avatar)
        return np.array([0.0, 0.935 * self.avatar.mesh.vertices[:, 1].max(), 0.05])


def _wave(rotations: F64, names: tuple[str, ...], time_s: float) -> None:
    """Lift the left arm in `rotations` (J, 4), and swing its lower half."""
    phase = time_s % _WAVE_S
    lifted = min(phase / 0.8, (_WAVE_S - phase) / 0.8, 1.0)
    lifted *= lifted * (3 - 2 * lifted)
    swing = 25 * math.sin(2 * math.pi * time_s)
    for joint, degrees in (("upperarm_l", 50.0), ("lowerarm_l", 70.0 + swing)):
        half = math.radians(degrees) / 2
        index = names.index(joint)
        raised = (1 - lifted) * rotations[index] + lifted * np.array([math.cos(half), 0.0, 0.0, math.sin(half)])
        rotations[index] = raised / np.linalg.norm(raised)
