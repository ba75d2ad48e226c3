"""Marks on the skin that are finer than its samples: pores, lines, freckles, veins.

Each is a thin translucent Gaussian that lies a hair's breadth above the surfels and multiplies their colour. A pore of
0.4 mm or a line of 0.2 mm needs one mark, where sampling it would need the whole face many times finer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians
from assets.forge.layer import Surface, bind
from assets.forge.skin.canvas import Canvas
from assets.forge.source import F64

_LIFT: Final = 0.00028
"""Metres above the skin: more than a surfel is thick, less than anybody sees."""
_THICK: Final = 0.00003


@dataclass(frozen=True)
class Marks:
    """M marks; `sample` numbers those of the canvas that they lie on."""

    sample: NDArray[np.intp]
    """(M,)."""
    position: F64
    """(M, 3) metres, on the skin."""
    along: F64
    """(M, 3) direction of the longer axis; need not be unit, nor quite tangent."""
    half: F64
    """(M, 2) standard deviations along and across, metres."""
    tint: F64
    """(M, 3) what the skin's albedo is multiplied by."""
    opacity: F64
    """(M,)."""

    def __len__(self) -> int:
        return len(self.sample)

    def at(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> Marks:
        """Those at `index`."""
        return Marks(
            self.sample[index],
            self.position[index],
            self.along[index],
            self.half[index],
            self.tint[index],
            self.opacity[index],
        )


def dots(
    canvas: Canvas, sample: NDArray[np.intp], position: F64, radius: F64, tint: F64, opacity: F64 | float
) -> Marks:
    """Round marks; radius (M,) metres, tint (3,) or (M, 3)."""
    count = len(sample)
    normal = canvas.samples.normal[sample]
    helper = np.where(np.abs(normal[:, 1:2]) < 0.9, [0.0, 1.0, 0.0], [1.0, 0.0, 0.0])
    return Marks(
        sample,
        position,
        np.cross(helper, normal),
        np.stack([radius, radius], axis=1),
        np.broadcast_to(np.asarray(tint, np.float64), (count, 3)),
        np.broadcast_to(np.asarray(opacity, np.float64), count),
    )


def together(parts: Sequence[Marks]) -> Marks:
    """All marks of several makers, without those that lie nowhere."""
    whole = Marks(
        np.concatenate([part.sample for part in parts]),
        np.concatenate([part.position for part in parts]),
        np.concatenate([part.along for part in parts]),
        np.concatenate([part.half for part in parts]),
        np.concatenate([part.tint for part in parts]),
        np.concatenate([part.opacity for part in parts]),
    )
    return whole.at((whole.sample >= 0) & (whole.opacity > 0.02))


def painted(surface: Surface, canvas: Canvas, marks: Marks, albedo: F64) -> Gaussians:
    """The marks as Gaussians of the canvas' surface; albedo (N, 3) is that of the canvas' samples."""
    samples = canvas.samples
    normal = samples.normal[marks.sample]
    along = marks.along - (marks.along * normal).sum(axis=1, keepdims=True) * normal
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    return bind(
        surface,
        samples.triangle[marks.sample],
        samples.barycentric[marks.sample],
        np.stack([normal, along, np.cross(normal, along)], axis=2),
        np.column_stack([np.full(len(marks), _THICK), marks.half]),
        np.clip(albedo[marks.sample] * marks.tint, 0.0, 0.95),
        position=marks.position + _LIFT * normal,
        opacity=marks.opacity,
    )
