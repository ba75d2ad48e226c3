"""Light on relief too fine for the forge's shadows: how much more or less a tilted spot gets than level skin."""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.light import Studio
from assets.forge.source import F64

_DIRECTIONS: Final = 160
_LEAST, _MOST = 0.45, 1.5


def relief_light(normals: F64, tilted: F64, studio: Studio) -> F64:
    """(N, 3) light on `tilted` normals (N, 3) in the open, as a share of that on `normals`."""
    share = np.ones_like(normals)
    moved = np.flatnonzero((normals * tilted).sum(axis=1) < 0.99999)
    k = np.arange(_DIRECTIONS) + 0.5
    y = 1 - 2 * k / _DIRECTIONS
    around = np.pi * (1 + np.sqrt(5)) * k
    sphere = np.stack([np.sqrt(1 - y * y) * np.cos(around), y, np.sqrt(1 - y * y) * np.sin(around)], axis=1)
    radiance = studio.radiance(sphere)
    level = np.maximum(normals[moved] @ sphere.T, 0) @ radiance
    share[moved] = np.clip((np.maximum(tilted[moved] @ sphere.T, 0) @ radiance) / level, _LEAST, _MOST)
    return share
