"""Reading what stages wrote."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from render.nets.lowered import LoweredStage
from render.nets.session import SessionStage


def result(stage: LoweredStage | SessionStage, name: str) -> NDArray[np.float32]:
    """An output in its shape; by a copy on the GPU, since a mapped buffer cannot be mapped again to be read."""
    source = stage.outputs[name]
    copy = source.ctx.buffer(reserve=source.size)
    source.ctx.copy_buffer(copy, source)
    values = np.frombuffer(copy.read(), np.float32).reshape(stage.shapes[name])
    copy.release()
    return values


def relative(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """The largest difference, against the largest number that is wanted."""
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / max(float(np.abs(wanted).max()), 1e-6))
