"""From time to the two 20 Hz states of the avatar around it.

Keys stand on a grid of 50 ms of monotonic time. A key is the face that the listener sees while hearing that moment,
on top of the idle life of the body; the renderer blends between two of them on the GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.life import idle
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices

F32 = NDArray[np.float32]

KEY_NS: Final = 50_000_000


@dataclass
class Animator:
    """Keys of one avatar; not shared between threads.

    face_at: monotonic nanoseconds → (52,) face weights of the voice heard at that moment.
    """

    avatar: Avatar
    face_at: Callable[[int], F32]
    start_ns: int
    seed: int = 0
    _keys: dict[int, PoseKey] = field(default_factory=dict)

    def around(self, time_ns: int) -> tuple[PoseKey, PoseKey, float]:
        """The keys before and after `time_ns`, and where it lies between them, 0 to 1."""
        number, rest = divmod(time_ns - self.start_ns, KEY_NS)
        self._keys = {k: self._keys.get(k) or self._key(k) for k in (number, number + 1)}
        return self._keys[number], self._keys[number + 1], rest / KEY_NS

    def _key(self, number: int) -> PoseKey:
        life = idle(number * KEY_NS / 1e9, self.avatar.skeleton.names, self.seed)
        joints = skinning_matrices(self.avatar.skeleton, life.rotations, life.root)
        face = self.face_at(self.start_ns + number * KEY_NS)
        return PoseKey(number, np.clip(face + life.expression, 0.0, 1.0).astype(np.float32), joints)


def blend(before: PoseKey, after: PoseKey, alpha: float) -> F32:
    """(E,) expression between two keys, as the GPU blends it."""
    return np.asarray((1 - alpha) * before.expression + alpha * after.expression, np.float32)
