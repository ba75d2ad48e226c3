"""Eyelashes: curved strands of a few Gaussians each that stand on the lids' edges and go where the lids go.

MakeHuman's mesh has a strip for each row of lashes, rooted in its lid, that bends as lashes do. Strands are walked over
it from the lid's edge outwards, and every piece of one rides on the strip's triangle beneath it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.layer import Layer, Surface, bind, falling_importance, frames, surface_of
from assets.forge.palette import Palette
from assets.forge.sampling import uniform
from assets.forge.source import F64, I32

LASH_STYLES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"plain": (1.0, 1.0), "short": (0.72, 0.75), "long": (1.25, 1.1), "sparse": (0.85, 0.5)}
)
"""The lashes by name: length and density relative to plain."""

PIECES: Final = 5
"""Gaussians of a lash, from root to tip."""
_MOST: Final = 400
"""Lashes of both eyes; people have about 300 above and 150 below."""
_LOWER: Final = 0.32
"""The lower lids' share of the lashes."""
_EDGE: Final = (0.0019, 0.0027)
"""Metres beyond the eyeball between which lashes leave the lid."""
_LENGTH: Final = (0.0058, 0.0031)
"""Of upper and lower lashes, metres."""
_WIDTH: Final = (0.00013, 0.000085)
"""Deviation across at the root, metres; a tip has a third of it."""
_OPACITY: Final = (1.0, 0.65)
_GRAIN: Final = 12_000
"""Points on the strips from which the triangle under a piece is looked up."""


def lashes_named(name: str) -> tuple[float, float]:
    """One of LASH_STYLES; raises ForgeError with their names where there is no such one."""
    if name not in LASH_STYLES:
        raise ForgeError(f"There are no lashes {name!r}; choose among {', '.join(LASH_STYLES)}.")
    return LASH_STYLES[name]


def lashes(body: Body, palette: Palette, *, seed: int, count: int, style: str = "plain") -> Layer:
    """Upper and lower lashes of both eyes, at most `count` Gaussians; raises ForgeError where the style is unknown."""
    long, dense = lashes_named(style)
    random = np.random.default_rng([seed, 4])
    surface, first_lower = _strips(body)
    eyes, radius = Face(body).eyes, Face(body).eye_radius
    wanted = max(round(dense * min(_MOST, count // PIECES)), 4)
    triangle, barycentric = uniform(surface.vertices, surface.triangles, _GRAIN, seed)
    grain = np.einsum("nk,nkc->nc", barycentric, surface.vertices[surface.triangles[triangle]])
    below = triangle >= first_lower
    root = _roots(grain, below, eyes, radius, wanted, random)
    low, eye = below[root], np.where(grain[root, :1] > 0, eyes[0], eyes[1])
    normals = frames(surface.vertices, surface.triangles)[0][:, :, 0]
    beside = (grain[root] - eye)[:, 0] * np.sign(eye[:, 0])
    # Longest past the middle of the lid, shortest beside the nose; a few in every bunch lean together.
    full = np.interp(beside, [-0.013, -0.004, 0.007, 0.014], [0.5, 0.85, 1.0, 0.9])
    length = long * np.where(low, _LENGTH[1], _LENGTH[0]) * full * random.uniform(0.7, 1.08, len(root))
    lean = 0.16 * np.sin(beside * 2600 + 3 * np.sin(beside * 900)) + random.normal(0, 0.10, len(root))
    step = (length / PIECES)[:, None]
    tree = cKDTree(grain, balanced_tree=False)
    point, ridden, places, tangents = grain[root], root, [], []
    for _ in range(PIECES):
        normal = normals[triangle[ridden]]
        out = (point - eye) * [1.2, 1.0, 1.0] + lean[:, None] * 0.01 * np.sign(eye[:, :1]) * [1.0, 0.0, 0.0]
        along = out - (out * normal).sum(axis=1, keepdims=True) * normal
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        middle = point + 0.5 * step * along
        ridden = tree.query(middle)[1]
        places.append((middle, ridden))
        tangents.append(along)
        point = point + step * along
    # Piece after piece of a lash: a prefix has fewer lashes, not shorter ones.
    place, on = (np.stack([pair[k] for pair in places], axis=1).reshape(-1, *places[0][k].shape[1:]) for k in (0, 1))
    tangent = np.stack(tangents, axis=1).reshape(-1, 3)
    share = np.tile((np.arange(PIECES) + 0.5) / PIECES, len(root))
    low, reach = np.repeat(low, PIECES), np.repeat(length / PIECES, PIECES)
    normal = normals[triangle[on]]
    normal = normal - (normal * tangent).sum(axis=1, keepdims=True) * tangent
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    width = np.where(low, _WIDTH[1], _WIDTH[0]) * (1 - 0.67 * share)
    total = len(place)
    return Layer(
        surface=surface,
        gaussians=bind(
            surface,
            triangle[on],
            barycentric[on],
            np.stack([tangent, np.cross(normal, tangent), normal], axis=2),
            np.stack([0.42 * reach, width, width], axis=1),
            np.tile(0.35 * palette.brow, (total, 1)),
            position=place,
            opacity=np.where(low, _OPACITY[1], _OPACITY[0]) * (1 - 0.45 * share),
        ),
        normals=np.repeat(_outward(grain[root], eye), PIECES, axis=0).astype(np.float32),
        importance=falling_importance(total),
        lit=np.ones(total, np.float32),
        gloss=np.zeros(total, np.float32),
        scatter=(0.3, 0.3, 0.3),
    )


def _strips(body: Body) -> tuple[Surface, int]:
    """The upper and then the lower lids' strips, and the first triangle of the lower ones."""
    triangles = np.concatenate([body.triangles["lashes_l"], body.triangles["lashes_r"]])
    lower = np.concatenate([body.groups[f"helper-{side}-eyelashes-1"] for side in "lr"])
    below = np.isin(triangles, lower).all(axis=1)
    return surface_of(body, np.concatenate([triangles[~below], triangles[below]])), int((~below).sum())


def _roots(
    grain: F64, below: NDArray[np.bool_], eyes: F64, radius: float, wanted: int, random: np.random.Generator
) -> I32:
    """(L,) points of `grain` (N, 3) at the lids' edges, even along them, in an order that thins all four rows alike."""
    away = np.linalg.norm(grain - np.where(grain[:, :1] > 0, eyes[0], eyes[1]), axis=1) - radius
    found = []
    for low, part in ((False, 1 - _LOWER), (True, _LOWER)):
        for left in (True, False):
            row = np.flatnonzero((below == low) & ((grain[:, 0] > 0) == left) & (away > _EDGE[0]) & (away < _EDGE[1]))
            row = row[np.argsort(grain[row, 0], kind="stable")]
            along = np.abs(np.diff(grain[row, 0], prepend=grain[row[:1], 0])).cumsum()
            count = max(round(wanted * part / 2), 1)
            place = (np.arange(count) + random.uniform(0.1, 0.9, count)) / count * along[-1]
            chosen = row[np.minimum(np.searchsorted(along, place), len(row) - 1)]
            found.append((random.permutation(count) / count, random.permuted(chosen)))
    rank = np.concatenate([pair[0] for pair in found])
    return np.concatenate([pair[1] for pair in found])[np.argsort(rank, kind="stable")].astype(np.int32)


def _outward(points: F64, eye: F64) -> F64:
    away = points - eye
    return np.asarray(away / np.linalg.norm(away, axis=1, keepdims=True))
