"""Teeth in their gums, and the tongue; shaded here like the mouth's lining, for the light an open mouth lets in."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from assets.avatar import Gaussians
from assets.forge.body import Body
from assets.forge.face import Face
from assets.forge.layer import Layer, Surface, falling_importance, joined, shifted, stacked, surface_of, surfels
from assets.forge.noise import noise
from assets.forge.palette import linear
from assets.forge.sampling import Samples, scatter
from assets.forge.source import F64

_ENAMEL: Final = linear(232, 222, 205)
_GUM: Final = linear(176, 92, 92)
_TONGUE: Final = linear(184, 100, 96)

_UPPER_WIDTHS: Final = (8.5, 6.6, 7.6, 7.0, 6.8, 10.0, 9.5)
_LOWER_WIDTHS: Final = (5.3, 5.8, 6.8, 7.0, 7.1, 11.0, 10.5)
"""Millimetres of each tooth from the midline backwards (Wheeler, "Dental Anatomy")."""
_BITE: Final = {
    "upper_teeth": np.array([0.0, -0.0032, 0.0012]),
    "lower_teeth": np.array([0.0, -0.0010, -0.0012]),
    "tongue": np.array([0.0, -0.0015, -0.0020]),
}
"""Metres to put each part from MakeHuman's place: the upper incisors bite over the lower, and show in a smile."""
_CROWN: Final = 0.0092
"""Length of a front tooth out of the gum, metres."""


def mouth(body: Body, *, seed: int, count: int) -> Layer:
    """About `count` surfels on both rows of teeth, gums and tongue."""
    face = Face(body)
    surfaces: list[Surface] = []
    parts: list[Gaussians] = []
    normals: list[F64] = []
    for k, (part, share) in enumerate((("upper_teeth", 0.42), ("lower_teeth", 0.36), ("tongue", 0.22))):
        surface = surface_of(body, body.triangles[part])
        surface = replace(surface, vertices=surface.vertices + _BITE[part])
        corners = surface.vertices[surface.triangles]
        depth = face.mouth[2] - corners.mean(axis=1)[:, 2]
        outside = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] > 0
        detail = np.where(depth > 0.045, 0.6, np.where(outside & (depth < 0.035), 2.6, 1.2))
        samples = scatter(surface.vertices, surface.triangles, int(count * share), seed + k, detail=detail)
        if part == "tongue":
            colour = _TONGUE * (0.9 + 0.12 * noise(samples.position, 0.003, seed)[:, None])
            front = samples.position[:, 2].max()  # it can come out into the light
        else:
            colour = _tooth(samples, upper=part == "upper_teeth")
            front = face.mouth[2] - 0.014
        colour = colour * _reached(samples, front)[:, None]
        surfaces.append(surface)
        parts.append(
            surfels(
                surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, colour, overlap=0.7
            )
        )
        normals.append(samples.normal)
    surface, first = stacked(surfaces)
    gaussians = joined([shifted(part, k) for part, k in zip(parts, first, strict=True)])
    return Layer(
        surface=surface,
        gaussians=gaussians,
        normals=np.concatenate(normals).astype(np.float32),
        importance=np.concatenate([falling_importance(len(part)) for part in parts]),
        lit=np.zeros(len(gaussians), np.float32),
        gloss=np.zeros(len(gaussians), np.float32),
    )


def _tooth(samples: Samples, *, upper: bool) -> F64:
    """(N, 3) enamel with a dark line between neighbours, and the gum's scalloped edge."""
    points = samples.position
    along = _arc(points)
    edges = np.concatenate([[0.0], np.cumsum(_UPPER_WIDTHS if upper else _LOWER_WIDTHS)]) / 1000
    tooth = np.clip(np.searchsorted(edges, along) - 1, 0, len(edges) - 2)
    within = (along - edges[tooth]) / (edges[tooth + 1] - edges[tooth])
    bite = points[:, 1].min() if upper else points[:, 1].max()
    height = np.abs(points[:, 1] - bite)
    gum_line = _CROWN * (1 - 0.10 * (tooth == 1)) - 0.0016 * (2 * within - 1) ** 2
    gum = np.clip((height - gum_line) / 0.0006 + 0.5, 0, 1)[:, None]
    gap = np.exp(-((np.minimum(within, 1 - within) * 0.008 / 0.00050) ** 2))[:, None]
    edge = np.exp(-((height / 0.0016) ** 2))[:, None]
    enamel = _ENAMEL * (1 - 0.10 * edge * [1.0, 0.7, 0.4]) * (1 - 0.6 * gap)
    return np.asarray(enamel + gum * (_GUM - enamel))


def _arc(points: F64) -> F64:
    """(N,) metres from the midline along the row's outer edge, to the left and the right alike."""
    middle = points[:, 2].min() + 0.4 * np.ptp(points[:, 2])
    around = np.abs(np.arctan2(points[:, 0], points[:, 2] - middle))
    bins = np.linspace(0, np.pi, 49)
    place = np.digitize(around, bins) - 1
    radius = np.zeros(len(bins))
    np.maximum.at(radius, place, np.hypot(points[:, 0], points[:, 2] - middle))
    filled = radius > 0
    radius = np.interp(bins, bins[filled], radius[filled])
    x, z = radius * np.sin(bins), radius * np.cos(bins)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    return np.asarray(np.interp(around, bins, length))


def _reached(samples: Samples, front: float) -> F64:
    """(N,) share of the outer light that gets this far behind z = `front` in an open mouth."""
    depth = np.clip((front - samples.position[:, 2]) / 0.040, 0, 1)
    facing = 0.55 + 0.45 * np.clip(samples.normal[:, 2], 0, 1)
    return np.asarray(0.72 * facing * (1 - depth) ** 1.6 + 0.02)
