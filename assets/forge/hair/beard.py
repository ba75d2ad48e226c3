"""Beards and stubble: short strands that ride on the skin of the lower face, so that they follow jaw and lips."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.hair.colour import WHITE
from assets.forge.hair.scalp import Scalp, scalp_of
from assets.forge.layer import Layer, bind, chosen, falling_importance, joined, surface_of, surfels
from assets.forge.noise import noise
from assets.forge.palette import Palette
from assets.forge.sampling import Samples, scatter
from assets.forge.source import F64

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class BeardStyle:
    """Lengths in metres; where a length is 0 nothing grows."""

    cheeks: float
    chin: float
    moustache: float
    lift: float = 0.45
    """How steeply hair leaves the skin."""
    curl: float = 0.0
    """How far strands bend aside."""
    shade: float = 0.0
    """Opacity of the shadow that hair under and close to the skin lays on it."""
    density: float = 1.0


BEARD_STYLES: Final[Mapping[str, BeardStyle]] = MappingProxyType(
    {
        "stubble": BeardStyle(0.0013, 0.0017, 0.0017, lift=0.9, shade=0.20),
        "short": BeardStyle(0.005, 0.008, 0.006, lift=0.5, curl=0.4, shade=0.32),
        "full": BeardStyle(0.011, 0.024, 0.010, lift=0.5, curl=0.7, shade=0.40),
        "goatee": BeardStyle(0.0, 0.013, 0.007, lift=0.5, curl=0.5, shade=0.34),
        "moustache": BeardStyle(0.0, 0.0, 0.009, lift=0.5, curl=0.3, shade=0.34),
    }
)
"""The styles by name."""

_SHADE: Final = 0.12
"""The shadow's share of the Gaussians."""
_PIECE: Final = 0.0042
"""Metres of hair in one Gaussian at most."""
_WIDTH: Final = 0.000065
_BRISTLE: Final = 0.00005


def beard_named(name: str) -> BeardStyle:
    """One of BEARD_STYLES; raises ForgeError with their names where there is no such one."""
    if name not in BEARD_STYLES:
        raise ForgeError(f"There is no beard {name!r}; choose one of {', '.join(BEARD_STYLES)}.")
    return BEARD_STYLES[name]


def beard(body: Body, palette: Palette, *, seed: int, count: int, style: str = "short", grey: float = 0.0) -> Layer:
    """About `count` Gaussians; `grey` is the share of white hairs. Raises ForgeError where there is no such style."""
    cut = beard_named(style)
    scalp, face = scalp_of(body), Face(body)
    triangles = body.triangles["body"]
    centre = body.vertices[triangles].mean(axis=1)
    lining = body.mask("inside-mouth", body.uv["body"]).mean(axis=1) > 0.05
    length = _grown(body, face, scalp, cut, centre)
    used = np.flatnonzero((length > 0) & ~lining)
    surface = surface_of(body, triangles[used])
    texture = body.uv["body"][used]

    def growing(samples: Samples) -> tuple[Samples, F64]:
        """Samples where hair grows, and its length there."""
        full = _grown(body, face, scalp, cut, samples.position)
        lips = body.mask("lips", samples.corner_values(texture))
        random = np.random.default_rng([seed, 62, len(samples)])
        kept = (full > (0.15 + 0.5 * random.random(len(full))) * full.max()) & (lips < 0.12)
        return samples.keep(kept), full[kept]

    detail = np.sqrt(cut.density) * np.ones(len(used))
    below, _ = growing(scatter(surface.vertices, surface.triangles, round(_SHADE * count), seed, detail=detail))
    pieces = max(float(np.ceil(np.median(length[used]) / _PIECE)), 1.0)
    roots, full = growing(
        scatter(
            surface.vertices, surface.triangles, round(1.3 * (1 - _SHADE) * count / pieces), seed + 1, detail=detail
        )
    )
    shade = surfels(
        surface,
        below.triangle,
        below.barycentric,
        below.normal,
        below.spacing,
        np.tile(0.8 * palette.hair, (len(below), 1)),
        position=below.position + 0.0004 * below.normal,
        opacity=cut.shade,
    )
    strand, place, tangent, reach, along = _grow(face, roots, full, cut, seed)
    random = np.random.default_rng([seed, 63])
    tone = palette.hair * np.exp(random.normal(0, 0.22, len(roots)))[:, None]
    tone[random.random(len(roots)) < grey] = WHITE
    normal = roots.normal[strand]
    across = np.cross(normal, tangent)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    width = np.where(reach < 0.002, _BRISTLE, _WIDTH) * random.uniform(0.8, 1.25, len(roots))[strand]
    hairs = bind(
        surface,
        roots.triangle[strand],
        roots.barycentric[strand],
        np.stack([tangent, across, np.cross(tangent, across)], axis=2),
        np.stack([0.42 * reach, width, width], axis=1) * np.where(along > 0.7, 0.85, 1.0)[:, None],
        np.clip(tone[strand] * (0.8 + 0.3 * along)[:, None], 0, 0.9),
        position=place,
        opacity=np.where(along > 0.7, 0.65, 0.9),
    )
    importance = np.concatenate([falling_importance(len(below)), falling_importance(len(strand))])
    order = np.argsort(-importance, kind="stable")
    return Layer(
        surface=surface,
        gaussians=chosen(joined([shade, hairs]), order),
        normals=np.concatenate([below.normal, normal])[order].astype(np.float32),
        importance=importance[order],
        lit=np.ones(len(order), np.float32),
        gloss=np.concatenate([np.zeros(len(below)), np.full(len(strand), 0.008)])[order].astype(np.float32),
        scatter=(0.35, 0.3, 0.28),
        tangents=np.concatenate([np.zeros_like(below.normal), tangent])[order].astype(np.float32),
    )


def _grown(body: Body, face: Face, scalp: Scalp, style: BeardStyle, points: F64) -> F64:
    """(N,) metres of beard at points of the skin, falling to 0 at its borders."""
    mouth, chin = face.mouth, scalp.chin_height
    aside, height = np.abs(points[:, 0]), points[:, 1]
    azimuth = np.degrees(np.abs(scalp.azimuth(points)))
    ragged = 0.0025 * noise(points, 0.008, 17, 2)
    nose = float(face.nose[1])
    # The cheeks' upper line runs from the sideburn before the ear down to the corner of the mouth.
    ear = face.eyes[0, 1] - 0.012
    line = np.interp(
        azimuth, [18, 32, 48, 64, 76], [mouth[1], mouth[1] + 0.014, mouth[1] + 0.030, ear - 0.004, ear + 0.006]
    )
    throat = chin - 0.012 + 0.055 * np.clip((azimuth - 25) / 60, 0, 1)
    jaw = _step((line + ragged - height) / 0.018) * _step((height - throat - ragged) / 0.020)
    jaw *= (azimuth < 80) & (points[:, 2] > scalp.centre[2] - 0.035)
    under_lip = _step((mouth[1] - 0.011 - height) / 0.006)
    front = _step((0.030 + 0.3 * ragged - aside) / 0.006)
    goatee = jaw * front * under_lip * (points[:, 2] > mouth[2] - 0.042)
    beside = jaw * _step((azimuth - 14) / 8)
    full_jaw = np.maximum(beside, jaw * under_lip)
    lip = (height > mouth[1] + 0.001) & (height < nose - 0.006)
    reach = face.mouth_half_width + 0.007
    above = lip * _step((reach - aside) / 0.006) * _step((nose - 0.007 - height + 0.25 * (0.02 - aside)) / 0.004)
    corner = _step(1.6 - np.hypot((aside - reach + 0.002) / 0.007, (height - mouth[1] + 0.004) / 0.014))
    in_front = points[:, 2] > face.mouth[2] - 0.045
    upper = np.maximum(above, corner * (style.chin > 0)) * in_front
    chin_share = _step((0.045 - aside) / 0.025)
    length = (
        full_jaw * (style.cheeks + (style.chin - style.cheeks) * chin_share) if style.cheeks else goatee * style.chin
    )
    return np.asarray(np.maximum(length, upper * style.moustache))


def _grow(face: Face, roots: Samples, full: F64, style: BeardStyle, seed: int) -> tuple[np.ndarray, F64, F64, F64, F64]:
    """Pieces of strands: their strand (P,), middle and unit tangent (P, 3), length (P,), place along it 0 to 1 (P,)."""
    random = np.random.default_rng([seed, 61])
    count = len(roots)
    length = full * random.uniform(0.65, 1.1, count)
    pieces = np.maximum(np.ceil(length / _PIECE), 1).astype(int)
    side = np.sign(roots.position[:, 0]) + (roots.position[:, 0] == 0)
    over_lip = roots.position[:, 1] > face.mouth[1] + 0.001
    near = np.abs(roots.position[:, 0]) < face.mouth_half_width + 0.01
    down = np.stack([0.15 * side, np.full(count, -1.0), np.full(count, 0.12)], axis=1)
    down[over_lip & near] = np.stack([0.75 * side, np.full(count, -0.8), np.full(count, 0.1)], axis=1)[over_lip & near]
    wander = np.stack([noise(roots.position + 3.0 * k, 0.012, seed + k, 2) for k in range(3)], axis=1)
    heading = down + 0.45 * wander + random.normal(0, 0.22, (count, 3))
    heading -= (heading * roots.normal).sum(axis=1, keepdims=True) * roots.normal
    heading = _unit(_unit(heading) + style.lift * roots.normal)
    bend = style.curl * (random.normal(0, 0.5, (count, 3)) + 0.5 * wander)
    point, places, tangents = roots.position.copy(), [], []
    most = int(pieces.max())
    step = (length / pieces)[:, None]
    for _ in range(most):
        places.append(point + 0.5 * step * heading)
        tangents.append(heading)
        point = point + step * heading
        lying = (
            heading
            + bend
            - [0.0, 0.25, 0.0]
            - 0.25 * (heading * roots.normal).sum(axis=1, keepdims=True) * roots.normal
        )
        outward = (lying * roots.normal).sum(axis=1, keepdims=True)
        heading = _unit(lying + np.maximum(0.08 - outward, 0) * roots.normal)
    strand = np.repeat(np.arange(count), pieces)
    index = np.arange(len(strand)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    stacked_places, stacked_tangents = np.stack(places, axis=1), np.stack(tangents, axis=1)
    return (
        strand,
        stacked_places[strand, index],
        stacked_tangents[strand, index],
        step[strand, 0],
        (index + 0.5) / pieces[strand],
    )


def _step(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
