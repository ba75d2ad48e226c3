"""What the host uploads for one key."""

from __future__ import annotations

import moderngl
import numpy as np

from assets.avatar import Avatar
from render.motion.pose import PoseKey


class KeyBuffers:
    """Owns one key's values on the GPU, valid from `write` until the next."""

    def __init__(self, ctx: moderngl.Context, avatar: Avatar) -> None:
        self.expression = ctx.buffer(reserve=max(4 * len(avatar.expressions), 4))
        """(E,) float32."""
        self.joints = ctx.buffer(reserve=len(avatar.skeleton.names) * 48)
        """(J, 12) float32: the first three rows of each skinning matrix."""

    def write(self, key: PoseKey) -> None:
        """Upload `key`."""
        self.expression.write(np.ascontiguousarray(key.expression, np.float32).tobytes())
        self.joints.write(np.ascontiguousarray(key.joints[:, :3], np.float32).tobytes())
