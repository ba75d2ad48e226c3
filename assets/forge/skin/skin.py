"""The skin: tone that varies as blood and exposure do, lips and nails, and the inside of the mouth.

Samples stand closest where the eye looks: lips and lids, face, hands; the rest is coarser. Mouth lining is shaded here
and not by the light, since what bakes in a closed mouth would stay black when it opens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.anatomy.hand import hands
from assets.forge.layer import Layer, falling_importance, joined, surface_of, surfels
from assets.forge.noise import noise
from assets.forge.palette import Palette, linear
from assets.forge.sampling import scatter
from assets.forge.skin.blemishes import blemishes
from assets.forge.skin.canvas import Canvas
from assets.forge.skin.creases import bottoms, face_creases, furrowed, neck_creases
from assets.forge.skin.handlines import hand_creases, hand_marks
from assets.forge.skin.marks import painted, together
from assets.forge.skin.nails import GLOSS, nail_zone, nailed
from assets.forge.skin.pores import face_zone, fine_lines, lip_lines, oily, pores
from assets.forge.skin.relief import relief_light
from assets.forge.skin.tone import lip_share, tone
from assets.forge.source import F64, I32
from assets.forge.studio import Studio

_FACE, _FINE, _HANDS, _NAILS, _NECK, _EARS, _LINING, _REST = 3.4, 5.2, 2.4, 5.5, 1.8, 2.8, 1.4, 0.8
"""How much closer samples stand than on arms and legs (1)."""
_MARKED: Final = 0.22
"""Share of the Gaussians that are marks finer than the samples."""

_STRETCHING: Final = (
    {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    {"jawOpen": 0.6},
)
_LONGEST: Final = 2.6
_FLESH: Final = linear(150, 62, 58)


def skin(
    body: Body,
    palette: Palette,
    *,
    seed: int,
    count: int,
    age: float = 25.0,
    studio: Studio | None = None,
    covered: NDArray[np.bool_] | None = None,
    scalp: NDArray[np.bool_] | None = None,
) -> Layer:
    """About `count` Gaussians on the skin of somebody `age` years old, for the light of `studio`; `covered` and `scalp`
    (F,) mark body triangles under clothes and under hair.

    Covered skin is left out, but never the head's; the scalp takes the colour of the hair, so that partings do not
    shine.
    """
    triangles, uv = body.triangles["body"], body.uv["body"]
    face = Face(body)
    bare = (
        np.ones(len(triangles), bool)
        if covered is None
        else ~covered | (_share_of(body, lambda name: name == "head") > 0.6)
    )
    hairy = np.zeros(len(triangles), bool) if scalp is None else scalp
    detail = _detail(body, face)
    detail[hairy] = _REST
    kept = np.flatnonzero(bare & (detail > 0))
    surface = surface_of(body, triangles[kept])
    fine = round(_MARKED * count)
    samples = scatter(surface.vertices, surface.triangles, count - fine, seed, detail=detail[kept])
    texture = samples.corner_values(uv[kept])
    lining = body.mask("inside-mouth", texture).astype(np.float64)
    lips = lip_share(body, texture)
    under_hair = _softened(hairy, triangles, len(body.vertices))[kept]
    parting = np.einsum("nk,nk->n", samples.barycentric, under_hair[samples.triangle])
    bareness = (1 - parting) * (1 - np.clip(3 * lining, 0, 1))
    canvas = Canvas(samples, lining < 0.3)
    both = hands(body)
    creases = [
        *face_creases(face, canvas, age=age, seed=seed),
        *neck_creases(face, canvas, age=age, seed=seed),
        *hand_creases(both, canvas, age=age, seed=seed),
    ]
    albedo = tone(body, face, palette, samples, texture, age=age, seed=seed)
    albedo, tilted, nail = nailed(albedo, samples, both, palette)
    tilted, left = furrowed(samples.position, tilted, creases)
    albedo *= left * relief_light(samples.normal, tilted, studio or Studio())
    albedo += parting[:, None] * (palette.hair * 0.8 - albedo)
    albedo += lining[:, None] * (_lining(face, samples.position) - albedo)
    wide = samples.spacing * _stretch(body)[1][kept][samples.triangle]
    ground = surfels(surface, samples.triangle, samples.barycentric, samples.normal, wide, albedo, overlap=0.74)
    zone = face_zone(body, texture) * bareness
    marks = together(
        [
            pores(face, canvas, zone, age=age, seed=seed, count=round(0.40 * fine)),
            fine_lines(face, canvas, zone, age=age, seed=seed, count=round(0.24 * fine)),
            lip_lines(canvas, lips * bareness, seed=seed, count=round(0.045 * fine)),
            blemishes(face, canvas, bareness * (1 - lips), depth=palette.depth, age=age, seed=seed),
            *hand_marks(both, canvas, 1 - nail, age=age, seed=seed, count=round(0.12 * fine)),
            *bottoms(creases),
        ]
    )
    marks = marks.at(np.random.default_rng([seed, 41]).permutation(len(marks))[:fine])
    gloss = (_gloss(face, samples.position, lips, seed) + GLOSS * nail) * (1 - parting)
    # Marks go first where Gaussians are left away: widened for a short prefix, pores would be stains.
    return Layer(
        surface=surface,
        gaussians=joined([ground, painted(surface, canvas, marks, albedo)]),
        normals=np.concatenate([samples.normal, samples.normal[marks.sample]]).astype(np.float32),
        importance=np.concatenate([falling_importance(len(samples)), 0.25 * falling_importance(len(marks))]),
        lit=np.concatenate([1 - lining, np.ones(len(marks))]).astype(np.float32),
        gloss=np.concatenate([gloss, 0.5 * gloss[marks.sample]]).astype(np.float32),
        scatter=(0.32, 0.16, 0.10),
    )


def _share_of(body: Body, wanted: Callable[[str], bool]) -> F64:
    """(F,) how much of each triangle moves with the joints that are wanted: the least of its corners."""
    those = np.array([wanted(name) for name in body.skeleton.names])
    own = (body.skin_weights * those[body.skin_joints]).sum(axis=1)
    return np.asarray(own[body.triangles["body"]].min(axis=1), np.float64)


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
    of_hand = _share_of(body, lambda name: name.startswith(("hand_", "thumb_", "index_", "middle_", "ring_", "pinky_")))
    detail = np.maximum(detail, _REST + (_HANDS - _REST) * np.clip(2 * of_hand, 0, 1))
    corners = body.vertices[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    for hand in hands(body):
        outwards = np.clip(0.3 - normal @ hand.palm, 0, 1)
        detail = np.where(of_hand > 0.5, detail * (1 + 0.10 * outwards), detail)
        for finger in hand.fingers:
            detail = np.maximum(detail, _NAILS * nail_zone(centre, normal, finger))
    detail = np.maximum(detail, _EARS * masked("ears"))
    detail = np.maximum(detail, _FACE * np.clip(2 * masked("face"), 0, 1))
    fine = np.maximum(masked("lips"), masked("eyelids"))
    for eye in face.eyes:
        away = (centre - eye) / [0.021, 0.015, 0.03]
        fine = np.maximum(fine, np.clip(2.2 - 1.4 * np.linalg.norm(away, axis=1), 0, 1))
    across = (centre - face.mouth) / [face.mouth_half_width + 0.004, 0.014, 0.02]
    fine = np.maximum(fine, np.clip(3.2 - 2.4 * np.linalg.norm(across, axis=1), 0, 1))
    detail = np.maximum(detail, _FINE * fine) * _stretch(body)[0]
    lining = masked("inside-mouth") > 0.5
    return np.asarray(np.where(lining, _LINING * (1 + (centre[:, 2] > face.mouth[2] - 0.02)), detail))


def _stretch(body: Body) -> tuple[F64, F64]:
    """(F,) how many times longer a triangle gets when lids close or the mouth opens, and how much of that its mean edge
    does not tell, by which alone surfels grow: an unfolding lid gets longer, not wider. Samples must still meet."""
    triangles = body.triangles["body"]
    corners = [body.posed(face)[triangles] for face in ({}, *_STRETCHING)]
    area = np.stack([np.linalg.norm(np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]), axis=1) for c in corners])
    edge = np.stack([np.linalg.norm(c - np.roll(c, 1, axis=1), axis=2).mean(axis=1) for c in corners])
    longer = np.sqrt(area / np.maximum(area[0], 1e-12))
    untold = (longer / np.maximum(edge / edge[0], 1e-9)).max(axis=0)
    return np.clip(longer.max(axis=0), 1.0, _LONGEST), np.clip(untold, 1.0, 2.0)


def _lining(face: Face, points: F64) -> F64:
    """(N, 3) final colour of the mouth's inside: flesh at the lips that falls to dark at the throat."""
    depth = np.clip((face.mouth[2] - 0.008 - points[:, 2]) / 0.035, 0, 1)[:, None]
    return np.asarray(_FLESH * (0.55 * (1 - depth) ** 2 + 0.03))


def _gloss(face: Face, points: F64, lips: F64, seed: int) -> F64:
    """(N,) strength of the broad highlight: oil on nose and forehead, moist lips, broken up by the skin's grain."""
    grain = 1 + 0.45 * noise(points, 0.0016, seed + 8, 2) + 0.2 * noise(points, 0.006, seed + 9)
    from_line = (points[:, 1] - face.mouth[1]) / 0.006
    moist = 0.012 + 0.035 * np.exp(-(from_line**2))
    return np.asarray((0.026 + 0.026 * oily(face, points) + moist * lips) * grain)


def _softened(marked: NDArray[np.bool_], triangles: I32, count: int) -> F64:
    """(F, 3) corner values of a per-triangle mark, averaged at the vertices."""
    total, share = np.zeros(count), np.zeros(count)
    for k in range(3):
        np.add.at(total, triangles[:, k], marked.astype(np.float64))
        np.add.at(share, triangles[:, k], 1.0)
    return np.asarray((total / np.maximum(share, 1))[triangles])
