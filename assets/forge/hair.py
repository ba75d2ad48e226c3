"""The hair: strands as chains of long thin Gaussians over an opaque under-layer, all moving with the head.

The under-layer closes what the strands leave open: it lies on the scalp and goes on down inside the curtain. It is also
the mesh that every piece of hair is bound to, so that no piece needs triangles of its own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.body import Body
from assets.forge.layer import Layer, Surface, bind, chosen, falling_importance, joined, surfels
from assets.forge.noise import noise
from assets.forge.palette import Palette
from assets.forge.sampling import scatter
from assets.forge.scalp import Scalp, scalp_of, scalp_triangles
from assets.forge.source import F64
from assets.forge.strands import UNDER, WINDOW, Cut, grow

Index = NDArray[np.integer[Any]]

CUTS: Final[dict[str, Cut]] = {"bob": Cut()}
"""The styles by name."""

_CLOSING: Final = 0.17
"""The under-layer's share of the Gaussians."""
_PIECE: Final = 2
"""Steps of a strand that one Gaussian covers."""
_PIECES_A_STRAND: Final = 8.8


def hair(body: Body, palette: Palette, *, seed: int, count: int = 26_000, style: str = "bob") -> Layer:
    """About `count` Gaussians of hair in one of CUTS, moving with the joint `head`."""
    cut = CUTS[style]
    scalp = scalp_of(body)
    surface = _under_layer(body, scalp, cut)
    closing = _closing(surface, palette, round(_CLOSING * count), seed)
    flowing = _flowing(body, surface, scalp, cut, palette, round((1 - _CLOSING) * count), seed)
    importance = np.concatenate([part.importance for part in (closing, flowing)])
    order = np.argsort(-importance, kind="stable")
    return Layer(
        surface=surface,
        gaussians=chosen(joined([closing.gaussians, flowing.gaussians]), order),
        normals=np.concatenate([closing.normals, flowing.normals])[order],
        importance=importance[order],
        lit=np.ones(len(order), np.float32),
        gloss=np.concatenate([closing.gloss, flowing.gloss])[order],
        scatter=(0.25, 0.2, 0.18),
    )


def _under_layer(body: Body, scalp: Scalp, cut: Cut) -> Surface:
    """A net of meridians from the pole of the skull over its dome and down the curtain, open before the face."""
    meridians, domes, hangs = 72, 18, 12
    longest = scalp.centre[1] - scalp.chin_height + cut.tip_below_chin
    elevation = np.concatenate([np.linspace(np.pi / 2 - 0.02, 0, domes), np.zeros(hangs)])
    below = np.concatenate([np.zeros(domes), np.linspace(0, longest - 0.020, hangs + 1)[1:]])
    azimuth = np.linspace(-np.pi, np.pi, meridians, endpoint=False)
    a = np.repeat(azimuth, domes + hangs)
    row = np.tile(np.arange(domes + hangs), meridians)
    points = scalp.at(a, elevation[row], below[row], UNDER)
    hairy = scalp.inside_hairline(points) > 0.007
    beside = (np.abs(a) > WINDOW + np.radians(7)) & (points[:, 1] < scalp.centre[1] + 0.03)
    covered = np.where(elevation[row] > 0, hairy | beside, beside).reshape(meridians, -1)
    i, j = (grid.ravel() for grid in np.meshgrid(np.arange(meridians), np.arange(domes + hangs - 1), indexing="ij"))
    corner = np.arange(meridians * (domes + hangs)).reshape(meridians, -1)
    east = (i + 1) % meridians
    whole = covered[i, j] & covered[east, j] & covered[i, j + 1] & covered[east, j + 1]
    i, j, east = i[whole], j[whole], east[whole]
    nw, ne, sw, se = corner[i, j], corner[east, j], corner[i, j + 1], corner[east, j + 1]
    quads = np.concatenate([np.stack([nw, sw, se], axis=1), np.stack([nw, se, ne], axis=1)])
    used, inverse = np.unique(quads, return_inverse=True)
    head = body.skeleton.names.index("head")
    joints = np.zeros((len(used), 4), np.uint16)
    joints[:, 0] = head
    weights = np.zeros((len(used), 4), np.float32)
    weights[:, 0] = 1
    still = np.zeros((len(body.shapes), len(used), 3), np.float32)
    return Surface(points[used], inverse.reshape(-1, 3).astype(np.int32), joints, weights, still)


def _closing(surface: Surface, palette: Palette, count: int, seed: int) -> Layer:
    """Dark surfels all over the under-layer."""
    samples = scatter(surface.vertices, surface.triangles, count, seed)
    mottled = 1 + 0.3 * noise(samples.position * [1.0, 0.2, 1.0], 0.005, seed)
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface,
            samples.triangle,
            samples.barycentric,
            samples.normal,
            samples.spacing,
            0.75 * palette.hair * mottled[:, None],
            overlap=0.75,
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(len(samples)),
        lit=np.ones(len(samples), np.float32),
        gloss=np.zeros(len(samples), np.float32),
    )


def _flowing(body: Body, surface: Surface, scalp: Scalp, cut: Cut, palette: Palette, count: int, seed: int) -> Layer:
    """About `count` pieces of strands, strand after strand: a prefix has fewer strands, not shorter ones."""
    strands = grow(body, scalp, scalp_triangles(body), cut, count=round(count / _PIECES_A_STRAND), seed=seed)
    random = np.random.default_rng([seed, 41])
    all_strands = len(strands.steps)
    first = np.arange(0, strands.points.shape[1] - _PIECE, _PIECE)
    strand, piece = np.nonzero(first[None] < strands.steps[:, None] - 1)
    begin = first[piece]
    end = np.minimum(begin + _PIECE, strands.steps[strand])
    start, stop = strands.points[strand, begin], strands.points[strand, end]
    middle, reach = (start + stop) / 2, stop - start
    length = np.linalg.norm(reach, axis=1)
    tangent = reach / np.maximum(length, 1e-9)[:, None]
    along = begin / np.maximum(strands.steps[strand], 1)
    outward = scalp.normal(middle)
    # Hair shines as a cylinder does: the normal that faces outward most of all those across the strand.
    normal = _unit(outward - (outward * tangent).sum(1, keepdims=True) * tangent)
    tilt = random.normal(0, 0.16, all_strands)[strand, None]
    shading = _unit(normal + tilt * np.cross(tangent, normal))
    depth = strands.depth[strand]
    taper = np.clip((1 - along) / 0.3, 0.45, 1.0) * np.clip(0.6 + along * 4, 0, 1)
    width = (0.00155 - 0.00065 * depth) * random.uniform(0.75, 1.25, all_strands)[strand] * taper
    albedo = _colour(palette, strands.lock[strand], strand, depth, along, random)
    albedo *= _band(normal, strand, random)
    nearest = cKDTree(surface.vertices[surface.triangles].mean(axis=1)).query(middle)[1]
    return Layer(
        surface=surface,
        gaussians=bind(
            surface,
            nearest.astype(np.int32),
            np.full((len(middle), 3), 1 / 3),
            np.stack([tangent, normal, np.cross(tangent, normal)], axis=2),
            np.stack([0.40 * length, 0.8 * width, width], axis=1),
            albedo,
            position=middle,
            opacity=np.clip(1.25 * taper, 0.55, 1.0),
        ),
        normals=shading.astype(np.float32),
        importance=falling_importance(len(middle)),
        lit=np.ones(len(middle), np.float32),
        gloss=(0.022 * (0.35 + 0.65 * depth)).astype(np.float32),
    )


def _colour(palette: Palette, lock: Index, strand: Index, depth: F64, along: F64, random: np.random.Generator) -> F64:
    """(N, 3) albedo: strands and locks differ, roots and depths are darker, tips a little sun-bleached."""
    locks = np.exp(random.normal(0, 0.16, int(lock.max()) + 1))[lock]
    own = np.exp(random.normal(0, 0.24, int(strand.max()) + 1))[strand]
    shade = locks * own * (0.62 + 0.38 * depth) * (0.85 + 0.3 * along)
    warmth = 1 + random.normal(0, 0.05, int(strand.max()) + 1)[strand, None] * np.array([1.0, 0.0, -1.0])
    return np.asarray(np.clip(palette.hair * shade[:, None] * warmth, 0.0, 0.9))


def _band(normal: F64, strand: Index, random: np.random.Generator) -> F64:
    """(N, 1) the soft ring of sheen that combed hair shows where it turns from the top of the head to its sides."""
    shift = random.normal(0, 0.07, int(strand.max()) + 1)[strand]
    return np.asarray(1 + 1.1 * np.exp(-(((normal[:, 1] - 0.62 + shift) / 0.26) ** 2)))[:, None]


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
