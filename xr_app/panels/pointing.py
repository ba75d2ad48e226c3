"""Rays that meet panels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xr_app.panels.panel import Shown

F64 = NDArray[np.float64]


class Hit(NamedTuple):
    """Where a ray meets a panel."""

    u: float
    """Share of its width, from the left."""
    v: float
    """Share of its height, from the top."""
    distance: float
    """Metres along the ray."""


def meet(aim: F64, shown: Shown) -> Hit | None:
    """Where the ray from a (4, 4) pose along its -z meets the panel's front; None where it does not."""
    origin, way = aim[:3, 3], -aim[:3, 2]
    towards = float(way @ shown.pose[:3, 2])
    if towards > -1e-6:
        return None
    distance = float((shown.pose[:3, 3] - origin) @ shown.pose[:3, 2]) / towards
    if distance < 0:
        return None
    place = origin + distance * way - shown.pose[:3, 3]
    u = 0.5 + float(place @ shown.pose[:3, 0]) / shown.size[0]
    v = 0.5 - float(place @ shown.pose[:3, 1]) / shown.size[1]
    return Hit(u, v, distance) if 0 <= u < 1 and 0 <= v < 1 else None
