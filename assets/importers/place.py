"""Where a scene is: without what is no number, and the box of what it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import Cloud

F64 = NDArray[np.float64]

_FARTHEST: Final = 1e5
"""Metres from the middle; 32-bit floats know a centimetre there. What is farther or larger is left out."""
_LARGEST_HARMONIC: Final = 1e4
"""Coefficients are kept as halves."""


def cleaned(cloud: Cloud) -> Cloud:
    """The Gaussians that have a place, a size and a colour, with unit rotations and the origin in their middle.

    The origin moves where the scene lies far from it, as scenes in geographic coordinates do: floats are finest there.
    """
    arrays = (cloud.positions, cloud.scales, cloud.rotations, cloud.opacities, cloud.sh)
    sound = np.ones(len(cloud), bool)
    for array in arrays:
        sound &= np.isfinite(array.reshape(len(cloud), -1)).all(axis=1)
    sound &= (np.abs(cloud.scales) < _FARTHEST).all(axis=1)
    cloud = cloud.at(sound)
    if not len(cloud):
        return cloud
    middle = np.median(cloud.positions, axis=0)
    near = (np.abs(cloud.positions.astype(np.float64) - middle) < _FARTHEST).all(axis=1)
    cloud = cloud.at(np.asarray(near))
    turns = cloud.rotations.astype(np.float64)  # squares of large floats have no end in 32 bits
    length = np.linalg.norm(turns, axis=1, keepdims=True)
    return replace(
        cloud,
        scales=np.abs(cloud.scales),
        rotations=np.where(length > 1e-12, turns / np.maximum(length, 1e-12), (1, 0, 0, 0)).astype(np.float32),
        opacities=cloud.opacities.clip(0, 1),
        sh=cloud.sh.clip(-_LARGEST_HARMONIC, _LARGEST_HARMONIC),
    )


def box_of_most(points: NDArray[Any]) -> tuple[F64, F64]:
    """Lowest and highest corner (3,) of the box around the points (N, 3) that are no outliers: no farther outside the
    middle half, along any axis, than five times its width (the fences of Tukey 1977 stand at three at most, and cut
    the neck off a guitar)."""
    low, high = np.quantile(points, (0.25, 0.75), axis=0)
    width = 5 * (high - low)
    inside = points[((points >= low - width) & (points <= high + width)).all(axis=1)]
    kept = inside if len(inside) else points
    return kept.min(axis=0).astype(np.float64), kept.max(axis=0).astype(np.float64)
