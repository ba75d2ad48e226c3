"""The skin: tone that varies as blood and exposure do, lips and nails, and the inside of the mouth.

Samples stand closest where the eye looks: lips and lids, face, hands; the rest is coarser. Mouth lining is shaded here
and not by the light, since what bakes in a closed mouth would stay black when it opens.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.body import Body
from assets.forge.face import Face
from assets.forge.layer import Layer, falling_importance, surface_of, surfels
from assets.forge.noise import noise
from assets.forge.palette import Palette, linear
from assets.forge.sampling import Samples, scatter
from assets.forge.source import F64, I32

_FACE, _FINE, _HANDS, _NECK, _EARS, _LINING, _REST = 3.4, 5.2, 2.5, 1.9, 3.0, 1.6, 1.0
"""How much closer samples stand than on arms and legs (1)."""

_STRETCHING: Final = (
    {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    {"jawOpen": 0.6},
)
_FLESH: Final = linear(150, 62, 58)


def skin(
    body: Body,
    palette: Palette,
    *,
    seed: int,
    count: int,
    covered: NDArray[np.bool_] | None = None,
    scalp: NDArray[np.bool_] | None = None,
) -> Layer:
    """About `count` surfels on the skin; `covered` and `scalp` (F,) mark body triangles under clothes and under hair.

    Covered skin is left out; the scalp takes the colour of the hair, so that partings do not shine.
    """
    triangles, uv = body.triangles["body"], body.uv["body"]
    bare = np.ones(len(triangles), bool) if covered is None else ~covered
    hairy = np.zeros(len(triangles), bool) if scalp is None else scalp
    detail = _detail(body, Face(body))
    detail[hairy] = _REST
    kept = np.flatnonzero(bare & (detail > 0))
    surface = surface_of(body, triangles[kept])
    samples = scatter(surface.vertices, surface.triangles, count, seed, detail=detail[kept])
    texture = samples.corner_values(uv[kept])
    lining = body.mask("inside-mouth", texture).astype(np.float64)
    lips = body.mask("lips", texture).astype(np.float64)
    under_hair = _softened(hairy, triangles, len(body.vertices))[kept]
    parting = np.einsum("nk,nk->n", samples.barycentric, under_hair[samples.triangle])
    albedo = _tone(body, palette, samples, texture, seed)
    albedo += parting[:, None] * (palette.hair * 0.8 - albedo)
    albedo += lining[:, None] * (_lining(body, samples.position) - albedo)
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, albedo, overlap=0.74
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(len(samples)),
        lit=(1 - lining).astype(np.float32),
        gloss=((0.035 + 0.05 * lips) * (1 - parting)).astype(np.float32),
        scatter=(0.32, 0.16, 0.10),
    )


def _detail(body: Body, face: Face) -> F64:
    """(F,) sample closeness of each body triangle; 0 where nobody can look."""
    triangles, uv = body.triangles["body"], body.uv["body"]
    centre = body.vertices[triangles].mean(axis=1)

    def masked(name: str) -> F64:
        return np.asarray(body.mask(name, uv).mean(axis=1), np.float64)

    detail = np.full(len(triangles), _REST)
    neck = body.joint("neck_01")[1]
    above_neck = np.clip((centre[:, 1] - neck + 0.05) / 0.06, 0, 1)
    in_front = np.clip((centre[:, 2] - 0.01) / 0.03, 0, 1)
    detail += (_NECK - _REST) * above_neck * (0.4 + 0.6 * in_front)
    for side, sign in (("l", 1), ("r", -1)):
        reach = sign * (centre[:, 0] - body.joint(f"hand_{side}")[0])
        detail = np.maximum(detail, _REST + (_HANDS - _REST) * np.clip(reach / 0.02 + 1, 0, 1))
    detail = np.maximum(detail, _EARS * masked("ears"))
    detail = np.maximum(detail, _FACE * np.clip(2 * masked("face"), 0, 1))
    fine = np.maximum(masked("lips"), masked("eyelids"))
    for eye in face.eyes:
        away = (centre - eye) / [0.021, 0.015, 0.03]
        fine = np.maximum(fine, np.clip(2.2 - 1.4 * np.linalg.norm(away, axis=1), 0, 1))
    across = (centre - face.mouth) / [face.mouth_half_width + 0.004, 0.014, 0.02]
    fine = np.maximum(fine, np.clip(3.2 - 2.4 * np.linalg.norm(across, axis=1), 0, 1))
    detail = np.maximum(detail, _FINE * fine) * _stretch(body)
    lining = masked("inside-mouth") > 0.5
    return np.asarray(np.where(lining, _LINING * (1 + (centre[:, 2] > face.mouth[2] - 0.02)), detail))


def _stretch(body: Body) -> F64:
    """(F,) how many times longer a triangle gets when lids close or the mouth opens: samples must still meet."""
    triangles = body.triangles["body"]
    corners = [body.posed(face)[triangles] for face in ({}, *_STRETCHING)]
    area = [np.linalg.norm(np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]), axis=1) for c in corners]
    return np.asarray(np.clip(np.sqrt(np.maximum.reduce(area) / np.maximum(area[0], 1e-12)), 1.0, 1.8))


def _tone(body: Body, palette: Palette, samples: Samples, texture: F64, seed: int) -> F64:
    """(N, 3) albedo of skin, lips and nails."""
    face = Face(body)
    points = samples.position

    def near(centre: F64, width: tuple[float, float, float]) -> F64:
        return np.asarray(np.exp(-(((points - centre) / width) ** 2).sum(axis=1)))

    def masked(name: str) -> F64:
        return body.mask(name, texture).astype(np.float64)[:, None]

    below, above, chin = np.array([0.0, -0.017, 0.01]), np.array([0.0, 0.012, 0.01]), np.array([0.0, -0.04, 0.0])
    blood = 0.25 * noise(points, 0.03, seed) + 0.10 * noise(points, 0.006, seed + 1, 2)
    pigment = 0.5 * noise(points, 0.05, seed + 2, 2) + 0.5 * noise(points, 0.0018, seed + 3)
    for sign, eye in zip((1, -1), face.eyes, strict=True):
        cheek = np.array([sign * 0.043, (eye[1] + face.mouth[1]) / 2 + 0.004, face.mouth[2] - 0.03])
        blood += 0.85 * near(cheek, (0.022, 0.020, 0.04))
        pigment += 0.9 * near(eye + below, (0.016, 0.006, 0.02))
        blood += 0.35 * near(eye + above, (0.018, 0.008, 0.02))
    blood += 0.6 * near(face.nose, (0.014, 0.012, 0.02)) + 0.35 * near(face.mouth + chin, (0.018, 0.012, 0.03))
    blood += 0.9 * body.mask("ears", texture)
    blood += 0.3 * near(face.mouth, (0.030, 0.016, 0.03))
    for side in "lr":
        for finger in ("index", "middle", "ring", "pinky", "thumb"):
            for joint, strength in (("01", 0.6), ("02", 0.75), ("03", 0.5)):
                blood += strength * near(body.joint(f"{finger}_{joint}_{side}"), (0.011, 0.011, 0.011))
    tone = palette.skin * np.exp(-blood[:, None] * np.array([0.05, 0.21, 0.18]))
    tone *= np.exp(-0.055 * pigment[:, None] * np.array([0.8, 1.0, 1.25]))
    for nostril in face.nostrils:
        tone *= 1 - 0.85 * near(nostril, (0.0034, 0.0026, 0.0046))[:, None] * [0.85, 1.0, 1.0]
    lips = np.clip(masked("lips") * 1.15, 0, 1)
    crease = np.exp(-(((points[:, 1:2] - face.mouth[1]) / 0.0016) ** 2)) * (points[:, 2:] > face.mouth[2] - 0.02)
    lines = 1 + 0.10 * noise(points * [1.0, 0.15, 0.15], 0.0016, seed + 4)[:, None]
    tone += lips * (palette.lips * lines * (1 - 0.35 * crease) - tone)
    tone += 0.5 * masked("eyelids") * (palette.skin * [0.86, 0.70, 0.68] - tone)
    nails = np.maximum(masked("fingernails"), masked("toenails"))
    tone += 0.8 * nails * (palette.skin * [1.08, 0.98, 0.98] - tone)
    return np.asarray(np.clip(tone, 0.0, 0.95))


def _lining(body: Body, points: F64) -> F64:
    """(N, 3) final colour of the mouth's inside: flesh at the lips that falls to dark at the throat."""
    depth = np.clip((Face(body).mouth[2] - 0.008 - points[:, 2]) / 0.035, 0, 1)[:, None]
    return np.asarray(_FLESH * (0.55 * (1 - depth) ** 2 + 0.03))


def _softened(marked: NDArray[np.bool_], triangles: I32, count: int) -> F64:
    """(F, 3) corner values of a per-triangle mark, averaged at the vertices."""
    total, share = np.zeros(count), np.zeros(count)
    for k in range(3):
        np.add.at(total, triangles[:, k], marked.astype(np.float64))
        np.add.at(share, triangles[:, k], 1.0)
    return np.asarray((total / np.maximum(share, 1))[triangles])
