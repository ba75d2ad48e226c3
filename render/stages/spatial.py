"""Storing neighbours beside each other, so that what one tile reads lies close together in memory.

Every level of detail stays a prefix: only what one level adds to the one below it is put in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians, TemplateMesh

_STEPS = 1 << 10


def by_place(mesh: TemplateMesh, gaussians: Gaussians, levels: Sequence[int]) -> NDArray[np.int64]:
    """(levels[-1],) indices of the Gaussians up to there, those between two `levels` (ascending) along a Morton curve
    through their triangles' rest positions."""
    centres = mesh.vertices[mesh.triangles].mean(axis=1)
    low, high = centres.min(axis=0), centres.max(axis=0)
    cells = ((centres - low) * ((_STEPS - 1) / max(float((high - low).max()), 1e-9))).astype(np.uint32)
    x, y, z = (_spread(cells[:, axis]).astype(np.int64) for axis in range(3))
    code = x | y << 1 | z << 2
    codes = code[gaussians.triangle]
    added = (a + np.argsort(codes[a:b], kind="stable") for a, b in pairwise((0, *levels)))
    return np.concatenate(list(added))


def _spread(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Ten bits with two zeros after each."""
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        bits = np.bitwise_and(bits | np.left_shift(bits, np.uint32(shift)), np.uint32(mask), dtype=np.uint32)
    return bits
