"""Where things are in a face: landmarks of the morphed body, and the skin that a view from the front hits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.source import F64, I32

_NOSTRIL: Final = 7155
"""The vertex of MakeHuman's mesh at the top of the left nostril."""


@dataclass(frozen=True)
class Face:
    """Landmarks in metres, rest pose."""

    body: Body

    @cached_property
    def eyes(self) -> F64:
        """(2, 3) centres of the left and the right eyeball."""
        return np.stack([self._span(f"helper-{side}-eye").mean(0) for side in "lr"])

    @cached_property
    def eye_radius(self) -> float:
        """Half the width of an eyeball."""
        span = self._span("helper-l-eye")
        return float(span[1, 0] - span[0, 0]) / 2

    @cached_property
    def mouth(self) -> F64:
        """(3,) middle of the closed lips, on the surface."""
        return self._where("lips")[0]

    @cached_property
    def mouth_half_width(self) -> float:
        """From the middle of the mouth to its corner."""
        return float(np.abs(self._where("lips")[1][:, 0]).max())

    @cached_property
    def nose(self) -> F64:
        """(3,) tip of the nose."""
        skin = self.body.vertices[self.body.groups["body"]]
        front = skin[(skin[:, 1] < self.eyes[0, 1]) & (skin[:, 1] > self.mouth[1]) & (np.abs(skin[:, 0]) < 0.01)]
        return np.asarray(front[np.argmax(front[:, 2])])

    @cached_property
    def nostrils(self) -> F64:
        """(2, 3) tops of the left and the right nostril's hollow."""
        left = self.body.vertices[_NOSTRIL]
        return np.asarray(left * [[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])

    @cached_property
    def crown(self) -> F64:
        """(3,) highest point of the head."""
        skin = self.body.vertices[self.body.groups["body"]]
        return np.asarray(skin[np.argmax(skin[:, 1])])

    def front(self, xy: F64) -> tuple[I32, F64]:
        """Triangles (N,), in `triangles["body"]`, and barycentrics (N, 3) of the skin seen from +z at points (N, 2)."""
        triangles = self.body.triangles["body"]
        corners = self.body.vertices[triangles]
        low, high = corners.min(axis=1), corners.max(axis=1)
        normal_z = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
        near = (normal_z > 0) & (high[:, :2] >= xy.min(0)).all(axis=1) & (low[:, :2] <= xy.max(0)).all(axis=1)
        candidates = np.flatnonzero(near)
        a, b, c = (corners[candidates, k, :2] for k in range(3))
        area = _cross(b - a, c - a)
        found = np.full(len(xy), -1, np.int32)
        weights = np.zeros((len(xy), 3))
        for i, point in enumerate(xy):
            bary = np.stack(
                [_cross(b - point, c - point), _cross(c - point, a - point), _cross(a - point, b - point)], 1
            )
            bary /= area[:, None]
            inside = np.flatnonzero((bary >= -1e-9).all(axis=1))
            if not len(inside):
                raise ForgeError("A landmark of the face lies beside the face; this morph of the body cannot be used.")
            depth = np.einsum("nk,nk->n", bary[inside], corners[candidates[inside], :, 2])
            best = inside[np.argmax(depth)]
            found[i], weights[i] = candidates[best], bary[best]
        return found, weights

    def _span(self, group: str) -> F64:
        points = self.body.vertices[self.body.groups[group]]
        return np.stack([points.min(0), points.max(0)])

    def _where(self, mask: str) -> tuple[F64, F64]:
        """The foremost point in the middle of a masked region, and all triangle centres in it."""
        inside = self.body.mask(mask, self.body.uv["body"]).mean(axis=1) > 0.5
        centres = self.body.vertices[self.body.triangles["body"][inside]].mean(axis=1)
        middle = centres[np.abs(centres[:, 0]) < 0.004]
        return np.array([0.0, middle[:, 1].mean(), middle[:, 2].max()]), centres


def _cross(a: F64, b: F64) -> F64:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
