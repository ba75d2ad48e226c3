"""The Morton curve (Morton 1966): an order in which what is near in space is mostly near in memory too."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_BITS: Final = 21
_SPREAD: Final = (
    (32, 0x001F00000000FFFF),
    (16, 0x001F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)


def morton_codes(points: NDArray[np.floating[Any]]) -> NDArray[np.uint64]:
    """(N,) places of the points (N, 3) along the curve through their cube, which is 2^21 cells wide."""
    low = points.min(axis=0).astype(np.float64)
    side = max(float((points.max(axis=0) - low).max()), 1e-30)
    codes = np.zeros(len(points), np.uint64)
    for axis in range(3):
        cells = ((points[:, axis] - low[axis]) * (((1 << _BITS) - 1) / side)).astype(np.uint64)
        for shift, mask in _SPREAD:
            cells = (cells | cells << np.uint64(shift)) & np.uint64(mask)
        codes |= cells << np.uint64(axis)
    return codes
