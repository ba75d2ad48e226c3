"""Contents that go to the GPU piece by piece, so that no frame waits for all of them."""

from __future__ import annotations

from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.steps import Steps

PIECE: Final = 1 << 20
"""Bytes: some tenths of a millisecond."""


def uploaded(ctx: moderngl.Context, contents: NDArray[Any]) -> Steps[moderngl.Buffer]:
    """A buffer with these contents, which stay as they are until it is there. A step a piece."""
    data = np.ascontiguousarray(contents).reshape(-1).view(np.uint8)
    buffer = ctx.buffer(reserve=max(data.size, 4))
    for start in range(0, data.size, PIECE):
        buffer.write(data[start : start + PIECE], offset=start)
        yield None
    return buffer
