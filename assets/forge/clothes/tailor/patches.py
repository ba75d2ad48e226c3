"""Patches: pockets, waistbands, collars and lapels, cut from the cloth they lie on and lifted off it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assets.forge.clothes.cloth import Hemmed, Shell, border_of, clipped, hemmed, parted, subdivided
from assets.forge.clothes.tailor.fit import SNAP, lifted
from assets.forge.source import F64

Field = Callable[[F64], F64]


def patch(
    shell: Shell, field: Field, height: Field | float, *, thickness: float = 0.0016, turn: float = 0.003, fine: int = 1
) -> Hemmed | None:
    """What of a fallen shell has a positive field, `height` metres above it, its edges rolled; None where that is
    nothing. Fields are told places as they lay before the fall (N, 3), so the patch has the shape it was cut in."""
    near = field(shell.at)[shell.triangles].max(axis=1) > -0.02
    if not near.any():
        return None
    piece = parted(shell, shell.triangles[near])
    for _ in range(fine):
        piece = subdivided(piece)
    values = field(piece.at)
    if not (values > 0).any():
        return None
    above = height(piece.at) if callable(height) else height
    piece = clipped(lifted(piece, above), values, snap=SNAP)
    return hemmed(piece, border_of(piece), thickness=thickness, turn=turn)


def box(across: F64, along: F64, middle: tuple[float, float], half: tuple[float, float], corner: float) -> F64:
    """(N,) metres inside a rectangle with round corners, at coordinates (N,)."""
    x = np.abs(across - middle[0]) - half[0] + corner
    y = np.abs(along - middle[1]) - half[1] + corner
    outside = np.hypot(np.maximum(x, 0), np.maximum(y, 0)) + np.minimum(np.maximum(x, y), 0)
    return np.asarray(corner - outside)
