"""The weave itself, where people look closely: loops of a knit, the twill of denim, flecks of wool, slubs of yarn.

Base surfels stand too far apart to show it. Threads lie on top of them, finer than a millimetre, on a grid of cloth
coordinates; they are dense where an eye before the wearer's face is near, and thin out from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from assets.forge.clothes.tailor.fabric import Weave
from assets.forge.clothes.tailor.lines import onto
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part, Trims
from assets.forge.layer import Surface
from assets.forge.sampling import candidates
from assets.forge.source import F64

_OVERSAMPLING: Final = 4
_WITHIN: Final = 2.2
"""Deviations of a thread that it keeps from edges, over which it would stand out."""
_RAGGED: Final = 0.05
"""How much chance there is in where threads end, as a share of the distance at which they would."""


@dataclass(frozen=True)
class Thread:
    """How a weave's threads lie; metres and degrees."""

    across: float
    along: float
    """The grid: between columns, and between threads of one column."""
    turn: float
    """Degrees from the way the cloth runs, to one side and the other in turn where `paired`."""
    paired: bool
    wide: float
    long: float
    """Deviations of one."""
    light: tuple[float, float]
    """Colour over the cloth's, between these."""
    share: float
    """Of a piece's Gaussians."""
    solid: float
    jitter: float
    """Degrees."""
    beneath: float
    """The tone of the cloth between threads."""


THREADS: Final[dict[Weave, Thread]] = {
    "knit": Thread(0.0036, 0.0058, 24.0, True, 0.00095, 0.0023, (1.08, 1.22), 0.34, 0.9, 4.0, 0.86),
    "denim": Thread(0.0030, 0.0080, 58.0, False, 0.00040, 0.0034, (1.15, 1.65), 0.14, 0.55, 5.0, 0.94),
    "wool": Thread(0.0034, 0.0034, 30.0, True, 0.00045, 0.0016, (0.70, 1.80), 0.18, 0.55, 18.0, 1.0),
    "plain": Thread(0.0044, 0.0100, 0.0, False, 0.00035, 0.0040, (0.86, 1.06), 0.12, 0.40, 2.0, 1.0),
    "jersey": Thread(0.0040, 0.0110, 0.0, False, 0.00040, 0.0044, (0.82, 1.04), 0.15, 0.45, 3.0, 1.0),
    "satin": Thread(0.0050, 0.0160, 0.0, False, 0.00035, 0.0060, (0.94, 1.10), 0.10, 0.40, 4.0, 1.0),
}
"""Leather and rubber have none."""


def threads(
    measures: Measures, part: Part, surface: Surface, shade: F64, count: int, far: F64, random: np.random.Generator
) -> Trims:
    """At most `count` threads on a part, first where `far` (F,), metres from an eye, is least; shade (V,) is the
    colour's factor."""
    thread, cloth, fabric = THREADS[part.fabric.weave], part.cloth, part.fabric
    corners = surface.vertices[surface.triangles]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    # twice the area that they can fill, the nearest
    order = np.argsort(far, kind="stable")
    reach = np.searchsorted(np.cumsum(areas[order]), 2.0 * count * thread.across * thread.along)
    weight = np.zeros(len(areas))
    weight[order[: reach + 1]] = areas[order[: reach + 1]]
    number = max(int(_OVERSAMPLING * weight.sum() / (thread.across * thread.along)), 8)
    triangle, share = candidates(weight, number, random)
    faces = surface.triangles[triangle]

    def at(values: F64) -> F64:
        return np.asarray(np.einsum("nk,nk...->n...", share, values[faces]))

    arm, flat = at(cloth.shell.of(measures.arm)), at(cloth.shell.at)
    across, along = measures.around(flat, arm)
    column = np.round(across / thread.across)
    # every second column is half a step lower, as bricks are
    shift = 0.5 * (column % 2)
    row = np.round(along / thread.along - shift)
    cell = np.stack([column, row, np.where(arm > 0.5, np.sign(flat[:, 0]), 0)], axis=1)
    first = np.unique(cell, axis=0, return_index=True)[1]
    inner = cKDTree(cloth.edge, balanced_tree=False).query(at(surface.vertices)[first])[0]
    first = first[inner > _WITHIN * thread.long]
    limit = far[triangle[first]] * (1 + _RAGGED * random.standard_normal(len(first)))
    first = first[np.argsort(limit, kind="stable")[:count]]
    facing, down = at(cloth.facing)[first], measures.down(flat[first], arm[first])
    down = _unit(down - (down * facing).sum(axis=1, keepdims=True) * facing)
    side = np.cross(facing, down)
    sideways = column[first] * thread.across - across[first]
    onward = (row[first] + shift[first]) * thread.along - along[first]
    moved = at(surface.vertices)[first] + sideways[:, None] * side + onward[:, None] * down
    places = onto(surface.vertices, surface.triangles, moved, cloth.facing)
    sign = np.where(column[first] % 2 == 0, 1.0, -1.0) if thread.paired else np.ones(len(first))
    angle = np.radians(sign * thread.turn + thread.jitter * random.standard_normal(len(first)))[:, None]
    way = np.cos(angle) * down + np.sin(angle) * side
    low, high = thread.light
    light = low + (high - low) * random.random(len(first))
    colour = fabric.albedo(across[first], along[first], 0) * (light * at(shade)[first])[:, None]
    return Trims(
        places=places,
        axes=np.stack([facing, np.cross(way, facing), way], axis=2),
        deviations=np.tile([0.00025, thread.wide, thread.long], (len(first), 1)),
        lift=np.full(len(first), 0.0012),
        colour=colour,
        gloss=fabric.yarn.gloss,
        solid=thread.solid,
    )


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
