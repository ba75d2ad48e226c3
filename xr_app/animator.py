"""From time to the two 20 Hz states of the avatar around it.

Keys stand on a grid of 50 ms of monotonic time. A key is the face that the listener sees while hearing that moment,
on top of the idle life of the body; the renderer blends between two of them on the GPU. Every key that was ever asked
for is kept, so that a film can be drawn again from the very same face.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.life import idle
from render.renderer import PoseKey
from render.skeleton import skinning_matrices

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
    faces: dict[int, F32] = field(default_factory=dict)
    """Face of every key so far, by key number; key k stands at start_ns + k * KEY_NS."""
    _keys: dict[int, PoseKey] = field(default_factory=dict)

    def around(self, time_ns: int) -> tuple[PoseKey, PoseKey, float]:
        """The keys before and after `time_ns`, and where it lies between them, 0 to 1."""
        number, rest = divmod(time_ns - self.start_ns, KEY_NS)
        before, after = self.key(number), self.key(number + 1)
        self._keys = {number: before, number + 1: after}
        return before, after, rest / KEY_NS

    def key(self, number: int) -> PoseKey:
        """Key `number`; faces of keys that were passed over are taken too, so that the record has no gap."""
        if (known := self._keys.get(number)) is not None:
            return known
        last = max(self.faces, default=number - 1)
        for k in range(min(last + 1, number), number + 1):
            if k not in self.faces:
                self.faces[k] = self.face_at(self.start_ns + k * KEY_NS)
        life = idle(number * KEY_NS / 1e9, self.avatar.skeleton.names, self.seed)
        joints = skinning_matrices(self.avatar.skeleton, life.rotations, life.root)
        expression = np.clip(self.faces[number] + life.expression, 0.0, 1.0).astype(np.float32)
        return PoseKey(id=number, expression=expression, joints=joints)

    def expression(self, time_ns: int) -> F32:
        """(E,) expression that a frame at `time_ns` shows, as the GPU blends it."""
        before, after, alpha = self.around(time_ns)
        return np.asarray((1 - alpha) * before.expression + alpha * after.expression, np.float32)
