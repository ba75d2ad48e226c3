"""Light on relief too fine for the forge's shadows: how much more or less a tilted spot gets than level skin."""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.shine import around
from assets.forge.source import F64
from assets.forge.studio import Studio

_DIRECTIONS: Final = 160
_LEAST, _MOST = 0.45, 1.5


def relief_light(normals: F64, tilted: F64, studio: Studio) -> F64:
    """(N, 3) light on `tilted` normals (N, 3) in the open, as a share of that on `normals`."""
    share = np.ones_like(normals)
    moved = np.flatnonzero((normals * tilted).sum(axis=1) < 0.99999)
    share[moved] = np.clip(open_light(tilted[moved], studio) / open_light(normals[moved], studio), _LEAST, _MOST)
    return share


def open_light(normals: F64, studio: Studio) -> F64:
    """(N, 3) light on normals (N, 3) where nothing is in its way: 1 returns as much as white would."""
    sphere = around(_DIRECTIONS)
    return np.asarray(np.maximum(normals @ sphere.T, 0) @ studio.radiance(sphere) * (4 / _DIRECTIONS))
