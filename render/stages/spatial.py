"""Storing neighbours beside each other, so that what one tile reads lies close together in memory.

Every level of detail stays a prefix: only what one level adds to the one below it is put in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians, TemplateMesh, rest_places
from assets.morton import morton_codes


def by_place(mesh: TemplateMesh, gaussians: Gaussians, levels: Sequence[int]) -> NDArray[np.int64]:
    """(levels[-1],) indices of the Gaussians up to there, those between two `levels` (ascending) along a Morton curve
    through their places at rest."""
    codes = morton_codes(rest_places(mesh, gaussians))
    added = (a + np.argsort(codes[a:b], kind="stable") for a, b in pairwise((0, *levels)))
    return np.concatenate(list(added))
