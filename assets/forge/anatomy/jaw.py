"""How the lower lip hangs when the jaw drops: round as lips are, where the shapes as they come draw it into a V."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from assets.arkit import INDEX
from assets.forge.source import F32, F64, I32

_FULL: Final = 0.75
"""How far from a straight line (0) to a parabola (1) the way from corner to middle is bent."""
_CORNER: Final = 0.97
"""Of the lips' half width, where their corners begin."""
_NEAR: Final = 0.016
"""Metres from the lips within which skin follows them."""


def rounded_lip(vertices: F64, skin: I32, lips: I32, shapes: F32) -> F32:
    """Shapes (52, V, 3), metres, whose jawOpen takes the lower lip of the rest pose `vertices` (V, 3) down in a U, and
    whose mouthClose brings it back up by as much; `skin` and `lips` are the vertices of skin and of the lips' red."""
    jaw = shapes[INDEX["jawOpen"]].astype(np.float64)
    drop, aside = -jaw[:, 1], np.abs(vertices[lips, 0])
    corner, middle = float(np.median(drop[lips[aside > _CORNER * aside.max()]])), float(drop[lips].max())
    share = np.clip((drop[skin] - corner) / (middle - corner), 0, 1)
    away = cKDTree(vertices[lips], balanced_tree=False).query(vertices[skin])[0]
    more = _FULL * share * (1 - share) * (middle - corner) * np.exp(-((away / _NEAR) ** 2))
    shift = np.zeros_like(shapes[0])
    shift[skin] = jaw[skin] * (more / np.maximum(drop[skin], corner))[:, None]
    rounded = shapes.copy()
    rounded[INDEX["jawOpen"]] += shift
    rounded[INDEX["mouthClose"]] -= shift
    return rounded
