"""How hair is combed: its parting or whorl, its direction at the root, its fringe, and the window before the face."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.anatomy.body import Body
from assets.forge.hair.scalp import Scalp, scalp_of, scalp_triangles
from assets.forge.hair.styles import Style
from assets.forge.source import F64

PARTING_END: Final = -0.035
"""Where a parting ends, metres before the skull's middle."""
WINDOW: Final = np.radians(57.0)
"""Azimuth up to which the face stays free below the hairline."""
_SHADED: Final = 0.013
"""Metres from hairline and parting at which the skin has the shade of hair."""
_THIN: Final = 0.75
_THIN_ABOVE: Final = 0.35
"""Level above which hair of no more than that density shows the skin."""
_FREE_LEVEL: Final = np.array([-2.8, -1.8, -1.25, 0.26, 0.42, 0.52, 0.57, 0.62])
_FREE_AZIMUTH: Final = WINDOW * np.array([0.28, 0.42, 0.94, 1.0, 0.80, 0.52, 0.25, 0.0])
"""The same by level (`Scalp.level`): up to the hairline, and down over the chest."""


@dataclass(frozen=True)
class Comb:
    """One style on one head."""

    scalp: Scalp
    style: Style

    @cached_property
    def gather(self) -> F64:
        """(3,) where a tail begins, above the skin at the back of the head."""
        tail = self.style.tail
        up = np.radians(tail.height if tail else 0.0)
        radius = float(np.linalg.norm(self.scalp.whorl - self.scalp.centre)) + 0.004
        return np.asarray(self.scalp.centre + (radius) * np.array([0.0, np.sin(up), -np.cos(up)]))

    def parting_x(self, points: F64) -> F64:
        """(N,) x of the parting at the points' z; a little crooked, as a comb draws it."""
        along = points[:, 2] - self.scalp.centre[2] - PARTING_END
        x = self.style.parting or 0.0
        lead = 0.45 * x * np.clip(1 - along / 0.12, 0, 1)
        return np.asarray(x - lead + 0.0012 * np.sin(along * 190))

    def beside_parting(self, points: F64) -> F64:
        """(N,) metres from the parting, large where there is none."""
        if self.style.parting is None or self.style.tail:
            return np.full(len(points), 1.0)
        beside = np.abs(points[:, 0] - self.parting_x(points))
        behind = np.maximum(self.scalp.centre[2] + PARTING_END - points[:, 2], 0)
        below = np.maximum(self.scalp.centre[1] + 0.02 - points[:, 1], 0)
        return np.asarray(np.hypot(beside, 1.5 * behind) + 3 * below)

    def side(self, points: F64) -> F64:
        """(N,) how far on which side of the parting roots are, metres times a fade towards its end; 0 without one."""
        if self.style.parting is None or self.style.tail:
            return np.zeros(len(points))
        before = np.clip((points[:, 2] - self.scalp.centre[2] - PARTING_END) / 0.03, 0, 1)
        return np.asarray(0.04 * before * np.sign(points[:, 0] - self.parting_x(points)))

    def fringe(self, roots: F64) -> NDArray[np.bool_]:
        """(N,) which roots carry the fringe."""
        if not self.style.fringe:
            return np.zeros(len(roots), bool)
        inside = self.scalp.inside_hairline(roots)
        front = np.abs(self.scalp.azimuth(roots)) < np.radians(46)
        return np.asarray(front & (inside < self.style.fringe) & (roots[:, 2] > self.scalp.centre[2] + 0.02))

    def grown(self, roots: F64) -> F64:
        """(N,) metres of hair at roots, before it is cut."""
        style, level = self.style, self.scalp.level(roots)
        behind = np.abs(self.scalp.azimuth(roots)) > np.radians(115)
        low = np.where(behind, style.nape, style.side)
        start = np.where(behind, style.fade[1], style.fade[0])
        up = np.clip((level - start) / np.where(behind, 0.75, 0.45), 0, 1)
        grown = low + (style.top - low) * up * up * (3 - 2 * up)
        if style.round:
            grown *= 0.4 + 0.6 * np.clip(self.scalp.inside_hairline(roots, style.recede) / 0.035, 0, 1)
        return np.asarray(grown)

    def start(self, roots: F64, normals: F64) -> F64:
        """(N, 3) unit direction in which hair leaves the skin."""
        style, scalp = self.style, self.scalp
        if style.round:
            return _unit(roots - scalp.centre + [0.0, 0.02, 0.0])
        if style.tail:
            away = self.gather - roots
        elif style.parting is not None:
            away = self._parted(roots)
        else:
            top = np.clip((scalp.level(roots) - 0.3) / 0.4, 0, 1)[:, None] * style.back
            swept = np.array([-style.across, 0.0, -1.0]) + roots * [3.0, 0.0, 0.0]
            away = (1 - top) * _unit(roots - scalp.whorl) + top * swept
        away[self.fringe(roots)] = [0.0, -0.2, 1.0]
        tangent = away - (away * normals).sum(axis=1, keepdims=True) * normals
        return _unit(_unit(tangent) + style.lift * normals)

    def led(self, points: F64, heading: F64, out: F64) -> F64:
        """Headings (N, 3) with those of gathered hair turned towards the gathering, around the skull."""
        if self.style.tail is None:
            return heading
        toward = self.gather - points
        toward -= (toward * out).sum(axis=1, keepdims=True) * out
        return np.asarray(0.45 * heading + 0.55 * _unit(toward))

    def _parted(self, roots: F64) -> F64:
        """Away from the parting, radially round its hind end."""
        scalp, style = self.scalp, self.style
        hind = scalp.centre[2] + PARTING_END
        line = np.stack([self.parting_x(roots), roots[:, 1], np.maximum(roots[:, 2], hind)], axis=1)
        away = roots - line
        away[:, 1] = 0
        away = _unit(away)
        backwards = style.back + 0.45 * np.clip((hind + 0.03 - roots[:, 2]) / 0.05, 0, 1)
        ahead = np.clip((roots[:, 2] - scalp.centre[2]) / 0.09, 0, 1) ** 2
        edge = np.exp(-((scalp.inside_hairline(roots, style.recede) / 0.012) ** 2))
        away[:, 2] -= backwards + ahead * (0.3 + 0.7 * edge) * (1.0 if style.back > 0 else 0.2)
        away[:, 1] -= 2.5 * np.clip((scalp.centre[1] + 0.04 - roots[:, 1]) / 0.05, 0, 1)
        return away


def hidden_scalp(body: Body, style: Style) -> NDArray[np.bool_]:
    """(F,) which triangles of the part `body` dense hair hides: none at hairline and parting, nor under thin hair."""
    comb = Comb(scalp_of(body), style)
    centres = body.vertices[body.triangles["body"]].mean(axis=1)
    deep = comb.scalp.inside_hairline(centres, style.recede) > _SHADED
    dense = (style.density > _THIN) | (comb.scalp.level(centres) < _THIN_ABOVE)
    return np.asarray(
        scalp_triangles(body, style.recede) & deep & dense & (comb.beside_parting(centres) > 0.5 * _SHADED)
    )


def clear_of_face(scalp: Scalp, points: F64, margin: F64 | float = 0.0) -> F64:
    """Points (N, 3) with those before the face turned aside about the vertical axis; `margin`: radians more."""
    away = points - scalp.centre
    azimuth, radius = scalp.azimuth(points), np.hypot(away[:, 0], away[:, 2])
    free = np.interp(scalp.level(points), _FREE_LEVEL, _FREE_AZIMUTH)
    free = free + margin * np.clip(free / WINDOW, 0, 1)
    turned = np.where(np.abs(azimuth) < free, np.where(azimuth < 0, -1.0, 1.0) * free, azimuth)
    beside = np.stack([radius * np.sin(turned), away[:, 1], radius * np.cos(turned)], axis=1)
    return np.asarray(scalp.centre + beside)


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
