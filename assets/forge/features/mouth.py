"""Teeth, gums and tongue; shaded here like the mouth's lining, for the light that an open mouth lets in.

Light baked with closed lips would stay dark when they open, so it is made up: the studio's light on each normal, less
the farther back it has to get.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from assets.avatar import Gaussians
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.features.teeth import Row, row
from assets.forge.layer import (
    Layer,
    Surface,
    falling_importance,
    joined,
    shifted,
    stacked,
    surface_of,
    surfels,
    vertex_normals,
)
from assets.forge.noise import noise
from assets.forge.palette import linear
from assets.forge.sampling import Samples, scatter
from assets.forge.skin.relief import open_light
from assets.forge.source import F64
from assets.forge.studio import Studio

_ENAMEL: Final = linear(236, 222, 198)
_NECK: Final = linear(214, 190, 148)
"""Enamel is thin at the gum, and dentine shows through."""
_EDGE: Final = linear(206, 202, 196)
_AGED: Final = np.array([0.90, 0.80, 0.62])
_GUM: Final = linear(198, 118, 112)
_GUM_DEEP: Final = linear(158, 72, 72)
_TONGUE: Final = linear(196, 112, 106)
_COATED: Final = linear(206, 148, 138)

_UPPER_EDGE: Final = np.array([0.0, -0.0024, -0.0128])
_LOWER_EDGE: Final = np.array([0.0, -0.0006, -0.0152])
_TONGUE_PLACE: Final = np.array([0.0, -0.0015, -0.0035])
"""Metres from the middle of the closed lips: the upper incisors bite over the lower, and show in a smile."""
_SHARES: Final = {"upper_teeth": 0.43, "lower_teeth": 0.36, "tongue": 0.21}


def mouth(body: Body, *, seed: int, count: int, age: float = 25.0, studio: Studio | None = None) -> Layer:
    """About `count` surfels on both rows of teeth, gums and tongue of somebody `age` years old."""
    studio = studio or Studio()
    face = Face(body)
    surfaces: list[Surface] = []
    parts: list[Gaussians] = []
    normals: list[F64] = []
    for k, (part, share) in enumerate(_SHARES.items()):
        if part == "tongue":
            surface = surface_of(body, body.triangles[part])
            surface = replace(surface, vertices=surface.vertices + _TONGUE_PLACE)
            samples = _scattered(surface, round(count * share), seed + k, face.mouth)
            colour, gloss = _tongue(samples, seed), 0.35
            front = samples.position[:, 2].max()  # it can come out into the light
        else:
            teeth = row(body, part, face.mouth + (_UPPER_EDGE if part == "upper_teeth" else _LOWER_EDGE))
            surface = teeth.surface
            samples = _scattered(surface, round(count * share), seed + k, face.mouth, crowns=teeth.crowns)
            colour, gloss = _tooth(teeth, samples, age, seed), 0.35
            front = face.mouth[2] - 0.011
        colour = _shaded(colour, samples, studio, front, gloss)
        surfaces.append(surface)
        parts.append(
            surfels(
                surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, colour, overlap=0.66
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


def _scattered(surface: Surface, count: int, seed: int, lips: F64, crowns: int = 0) -> Samples:
    """Close on what looks out of the mouth, loose behind; the first `crowns` triangles are crowns."""
    corners = surface.vertices[surface.triangles]
    depth = lips[2] - corners.mean(axis=1)[:, 2]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outside = normal[:, 2] > -0.2 * np.linalg.norm(normal, axis=1)
    detail = np.where(depth > 0.045, 0.5, np.where(outside & (depth < 0.034), 2.0, 0.9))
    detail[:crowns] *= 1.35
    return scatter(
        surface.vertices,
        surface.triangles,
        count,
        seed,
        detail=detail,
        normals=vertex_normals(surface.vertices, surface.triangles),
    )


def _tooth(teeth: Row, samples: Samples, age: float, seed: int) -> F64:
    """(N, 3) albedo: enamel, clear at its edge and warm at its neck; the gum, pale and stippled at its edge."""
    corners = teeth.surface.triangles[samples.triangle]
    gum = samples.triangle >= teeth.crowns
    height = (samples.barycentric * teeth.height[corners]).sum(axis=1)[:, None]
    across = np.abs((samples.barycentric * teeth.across[corners]).sum(axis=1))[:, None]
    tooth = teeth.tooth[corners[:, 0]][:, None]
    worn = float(np.clip((age - 25) / 50, 0, 1))
    warm = np.clip(0.75 * np.clip(height - 0.45, 0, 1) ** 1.3 + 0.16 * (tooth == 2) + 0.05 * (tooth > 2), 0, 1)
    streaks = noise(samples.position * [1.0, 0.12, 1.0], 0.0007, seed + 3)[:, None]
    enamel = _ENAMEL + warm * (_NECK - _ENAMEL)
    clear = np.exp(-((height / 0.085) ** 2)) * (tooth < 3)
    enamel = enamel + 0.55 * clear * (_EDGE - enamel)
    enamel = enamel * (1 + 0.025 * streaks) * (1 + worn * (_AGED - 1) * 0.7)
    enamel = enamel * (1 - 0.55 * np.clip((across - 0.80) / 0.2, 0, 1) * [0.8, 1.0, 1.15])
    enamel = enamel * (1 - 0.30 * np.clip((height - 0.93) / 0.1, 0, 1) * [0.6, 1.0, 1.0])
    stipple = noise(samples.position, 0.0011, seed + 4, 2)[:, None]
    flesh = _GUM + np.clip(height / 0.005, 0, 1) * (_GUM_DEEP - _GUM)
    return np.asarray(np.where(gum[:, None], flesh * (1 + 0.07 * stipple), enamel))


def _tongue(samples: Samples, seed: int) -> F64:
    """(N, 3) albedo: pink with a pale coat and a furrow in the middle, rough with papillae."""
    points = samples.position
    aside = np.abs(points[:, :1]) / 0.012
    coat = np.exp(-((aside / 0.8) ** 2)) * np.clip(samples.normal[:, 1:2], 0, 1)
    rough = noise(points, 0.0011, seed + 6, 2)[:, None]
    furrow = np.exp(-((points[:, :1] / 0.0011) ** 2)) * np.clip(samples.normal[:, 1:2], 0, 1)
    colour = _TONGUE + 0.7 * coat * (_COATED - _TONGUE)
    return np.asarray(colour * (1 + 0.13 * rough) * (1 - 0.22 * furrow))


def _shaded(albedo: F64, samples: Samples, studio: Studio, front: float, gloss: float) -> F64:
    """(N, 3) outgoing light: the studio's, fading behind z = `front`, with a wet highlight of the key light."""
    depth = np.clip((front - samples.position[:, 2]) / 0.042, 0, 1)
    facing = 0.25 + 0.75 * np.clip(0.35 + samples.normal[:, 2], 0, 1)
    reached = (0.92 * (1 - depth) ** 1.7 * facing + 0.015)[:, None]
    key = np.array(studio.key_from) / np.linalg.norm(studio.key_from) * [1.0, 0.55, 1.0]  # the upper lip is in its way
    half = key / np.linalg.norm(key) + np.array([0.0, 0.0, 1.0])
    half /= np.linalg.norm(half)
    wet = gloss * np.clip(samples.normal @ half, 0, 1) ** 90
    return np.asarray(reached * (0.85 * albedo * open_light(samples.normal, studio) + wet[:, None] * studio.key))
