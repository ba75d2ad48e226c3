"""What marks are painted on: the skin's samples, found again from the front, from a point, or near a curve."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.sampling import Samples
from assets.forge.source import F64

_FACING: Final = 0.12
"""Samples whose normal has less of +z are no part of the face as seen from the front."""
_REACH: Final = 0.0035
"""Samples this near in the picture compete to be the foremost, metres."""
_SLANT: Final = 0.25
_STRETCH: Final = 1.5
"""Spacings from a sample that its tangent plane holds for."""


@dataclass(frozen=True)
class Canvas:
    """Samples of the skin, and which of them may be painted on."""

    samples: Samples
    open: NDArray[np.bool_]
    """(N,) false for the mouth's lining, and wherever else nothing is painted."""

    def from_front(self, xy: F64) -> tuple[NDArray[np.intp], F64]:
        """Sample (M,) and place (M, 3) on its tangent plane that a view from +z hits at points (M, 2); -1 where there
        is nothing."""
        index, tree = self._front
        near = min(12, len(index))
        distance, other = tree.query(xy, k=near)
        place = self.samples.position[index]
        depth = np.where(distance < np.maximum(_REACH, 1.2 * distance[:, :1]), place[other, 2], -np.inf)
        # the foremost sheet, and on it the nearest sample
        sheet = np.where(depth > depth.max(axis=1, keepdims=True) - _REACH, distance, np.inf)
        best = index[other[np.arange(len(xy)), np.argmin(sheet, axis=1)]]
        at, normal = self.samples.position[best], self.samples.normal[best]
        aside = xy - at[:, :2]
        z = at[:, 2] - (aside * normal[:, :2]).sum(axis=1) / np.maximum(normal[:, 2], _SLANT)
        found = np.where(np.linalg.norm(aside, axis=1) < _STRETCH * self.samples.spacing[best], best, -1)
        return found, np.column_stack([xy, z])

    def nearest(self, points: F64) -> tuple[NDArray[np.intp], F64]:
        """Sample (M,) nearest to points (M, 3), and the points put down on its tangent plane."""
        index, tree = self._all
        best = index[tree.query(points)[1]]
        away = points - self.samples.position[best]
        normal = self.samples.normal[best]
        return best, points - (away * normal).sum(axis=1, keepdims=True) * normal

    @cached_property
    def _front(self) -> tuple[NDArray[np.intp], cKDTree]:
        index = np.flatnonzero(self.open & (self.samples.normal[:, 2] > _FACING))
        return index, cKDTree(self.samples.position[index, :2], balanced_tree=False)

    @cached_property
    def _all(self) -> tuple[NDArray[np.intp], cKDTree]:
        index = np.flatnonzero(self.open)
        return index, cKDTree(self.samples.position[index], balanced_tree=False)
