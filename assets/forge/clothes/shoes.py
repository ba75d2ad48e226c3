"""Shoes: a smooth upper grown round each foot, on a sole that stands on the floor.

The foot is voxelised, dilated and eroded by more than the gaps between its toes (morphological closing, Serra 1982),
and the upper is the level of that shape's distance field one thickness out. The sole is its outline, drawn downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.ndimage import binary_fill_holes, distance_transform_edt, gaussian_filter
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from assets.forge.anatomy.body import Body
from assets.forge.clothes.cloth import Border, Hemmed, Shell
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.lines import smoothed
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part, Trims
from assets.forge.clothes.tailor.trims import bars, lines_at, places_on, seams, stitches
from assets.forge.isosurface import isosurface
from assets.forge.layer import vertex_normals
from assets.forge.sampling import uniform_points
from assets.forge.source import F64, I32

_DETAIL: Final = 1.5
"""How much closer Gaussians stand than on other clothes: shoes are small, and have shapes of their own."""
_CELL: Final = 0.004
_CLOSING: Final = 0.028
"""Radius of the closing: what is narrower than twice this is filled."""
_BESIDE: Final = np.array([0.0, 0.0, 0.003])
"""From a seam to its stitches."""
_OPEN: Final = 0.3
"""Height of an opening where the shoe is closed."""


@dataclass(frozen=True)
class ShoeCut:
    """How a shoe is made; metres for a person of 1.68 m."""

    upper: float
    """Thickness of the upper."""
    sole: float
    lip: float
    """How far the sole stands out."""
    spring: float
    """How far the toe is lifted off the floor."""
    opening: tuple[tuple[float, float], ...]
    """Where the upper ends: height above the foot's own sole, at shares of the way from heel to toe."""
    point: float = 0.0
    """How far the toe is drawn out."""
    heel: float = 0.0
    """Height by which the heel is raised (see `assets.forge.clothes.tailor.heels`)."""
    laced: bool = True
    cap: float = 0.80
    """Where the toe cap begins, a share of the way from heel to toe."""


SHOES: Final[dict[str, ShoeCut]] = {
    "sneakers": ShoeCut(0.006, 0.020, 0.003, 0.008, ((0, 0.072), (0.22, 0.058), (0.42, 0.070), (0.55, _OPEN))),
    "leather-shoes": ShoeCut(
        0.004, 0.011, 0.003, 0.007, ((0, 0.058), (0.22, 0.046), (0.42, 0.060), (0.55, _OPEN)), point=0.016, cap=0.76
    ),
    "pumps": ShoeCut(
        0.0068,
        0.0035,
        0.0005,
        0.003,
        ((0, 0.058), (0.12, 0.050), (0.38, 0.026), (0.62, 0.024), (0.74, 0.030), (0.82, _OPEN)),
        point=0.012,
        heel=0.05,
        laced=False,
        cap=2.0,
    ),
}


def shoes(measures: Measures, cut: ShoeCut, upper: Fabric, sole: Fabric) -> list[Part]:
    """Uppers and soles of both feet. Soles stand on y = 0: what is left of the foot is thought a sole higher."""
    parts = []
    for sign in (1.0, -1.0):
        (top, low), length = _shoe(measures, cut, sign)
        parts.append(_upper(measures, cut, _cloth(measures.body, sign, *top), upper, length))
        parts.append(Part(_cloth(measures.body, sign, *low), sole, detail=_DETAIL))
    return parts


def shoe_field(measures: Measures, cut: ShoeCut, points: F64) -> F64:
    """(N,) metres below where the shoe ends, for points of the feet; much below it elsewhere."""
    field = np.full(len(points), -1.0)
    for sign in (1.0, -1.0):
        heel, toe = _ends(measures, sign)
        mine = (sign * points[:, 0] > 0) & (points[:, 1] < 0.25 * measures.size)
        field[mine] = _height(measures, cut, (points[mine, 2] - heel) / (toe - heel)) - points[mine, 1]
    return field


def _height(measures: Measures, cut: ShoeCut, share: F64) -> F64:
    """(N,) height of the opening above the foot's sole."""
    at, height = np.array(cut.opening).T
    dense = np.linspace(-0.2, 1.2, 141)
    curve = gaussian_filter(np.interp(dense, at, height), 3.0)
    return np.asarray(np.interp(share, dense, curve) * measures.size)


def _ends(measures: Measures, sign: float) -> tuple[float, float]:
    """Where heel and toe of the bare foot are, along z."""
    skin = measures.body.vertices[np.unique(measures.body.triangles["body"])]
    foot = skin[(sign * skin[:, 0] > 0) & (skin[:, 1] < 0.05 * measures.size)]
    return float(foot[:, 2].min()), float(foot[:, 2].max())


def _shoe(measures: Measures, cut: ShoeCut, sign: float) -> tuple[list[tuple[F64, I32]], tuple[float, float]]:
    """Upper and sole of one foot, each vertices and triangles; and where heel and toe are."""
    body, size = measures.body, measures.size
    triangles = body.triangles["body"]
    corners = body.vertices[triangles]
    foot = (corners[..., 1].max(axis=1) < 0.13 * size) & (sign * corners[..., 0].mean(axis=1) > 0)
    points = uniform_points(body.vertices, triangles[foot], 0.4 * _CELL, 0)
    low = points.min(axis=0) - (_CLOSING + 3 * _CELL)
    shape = np.ceil((points.max(axis=0) + _CLOSING + 3 * _CELL - low) / _CELL).astype(int) + 1
    solid = np.zeros(tuple(shape), bool)
    solid[tuple(np.round((points - low) / _CELL).astype(int).T)] = True
    for level in range(shape[1]):
        solid[:, level] = binary_fill_holes(solid[:, level])
    y = low[1] + _CELL * np.arange(shape[1])
    z = low[2] + _CELL * np.arange(shape[2])
    dilated = distance_transform_edt(~solid) * _CELL < _CLOSING
    closed = gaussian_filter(distance_transform_edt(dilated) * _CELL - _CLOSING, 1.4) + cut.upper
    height = np.broadcast_to(y[None, :, None], closed.shape)
    ground = (y > 0) & (y < 0.03)
    outline = gaussian_filter(closed[:, ground].max(axis=1), 1.5)[:, None, :] + cut.lip
    # The sole's own grid begins below the foot: its field is made in heights above the floor.
    floor = np.arange(-4, int(cut.sole / _CELL) + 8) * _CELL
    slab = np.minimum(floor, cut.sole + cut.lip - floor)[None, :, None]
    sole = _rounded(np.broadcast_to(outline, (shape[0], len(floor), shape[2])), slab + 0 * outline, 0.004)
    heel, toe = _ends(measures, sign)
    opening = np.minimum(_height(measures, cut, (z - heel) / (toe - heel)), 0.105 * size)[None, None, :]
    upper = np.minimum(np.minimum(closed, height - _CELL), 0.7 * (opening - height))
    meshes = [
        isosurface(upper, low + np.array([0.0, cut.sole, 0.0]), _CELL),
        isosurface(sole, np.array([low[0], floor[0], low[2]]), _CELL),
    ]
    ball = float(measures.joint("ball", sign)[2])
    middle = float(np.median(points[points[:, 2] > ball, 0]))
    for vertices, _ in meshes:
        ahead = np.clip((vertices[:, 2] - ball) / (toe - ball), 0, 1.2) ** 2
        vertices[:, 1] += cut.spring * ahead
        vertices[:, 2] += cut.point * ahead
        vertices[:, 0] += (middle - vertices[:, 0]) * ahead * min(9 * cut.point, 0.3)
    return meshes, (heel, toe + cut.point)


def _upper(measures: Measures, cut: ShoeCut, cloth: Hemmed, fabric: Fabric, ends: tuple[float, float]) -> Part:
    """Toe cap, heel piece, eyestay and laces."""
    points = cloth.shell.vertices
    share = (points[:, 2] - ends[0]) / (ends[1] - ends[0])
    normal = cloth.facing
    trims: list[Trims] = []
    outer = np.minimum(points[:, 1] - cut.sole - 0.006, 0.35 + normal[:, 1] + (share < 0.5))
    lines = []
    if cut.cap < 1:
        middle = float(points[share > 0.6, 0].mean())
        bow = 0.05 * ((points[:, 0] - middle) / 0.04) ** 2
        lines += lines_at(cloth, share + bow - cut.cap, outer)
    if cut.laced:
        low = _height(measures, cut, share) - 0.016
        lines += lines_at(cloth, points[:, 1] - cut.sole - np.minimum(low, 0.2), np.minimum(outer, 0.5 - share))
        lines += lines_at(
            cloth, share - 0.24 + 1.2 * (points[:, 1] - 0.04), np.minimum(outer, 0.06 - np.abs(normal[:, 1]))
        )
    if lines:
        trims.append(seams(cloth, lines, fabric, wide=0.0009))
        trims.append(stitches(cloth, [line + _BESIDE for line in lines], fabric.stitch))
    if cut.laced:
        trims += _laces(cut, cloth, share, fabric)
    return Part(cloth, fabric, detail=_DETAIL, trims=tuple(trims))


def _laces(cut: ShoeCut, cloth: Hemmed, share: F64, fabric: Fabric) -> list[Trims]:
    """Five rows across the instep."""
    points = cloth.shell.vertices
    instep = (share > 0.42) & (share < 0.75)
    rows, ways = [], []
    for at in np.linspace(0.47, 0.66, 5):
        near = instep & (np.abs(share - at) < 0.03)
        ridge = points[near][int(np.argmax(points[near, 1]))]
        across = np.linspace(-0.015, 0.015, 7)
        row = ridge + np.stack([across, 0 * across, 0.12 * np.abs(across)], axis=1)
        place = places_on(cloth, row)
        rows.append(smoothed(place.position, 1))
        ways.append(np.gradient(place.position, axis=0))
    lace = np.clip(1.25 * fabric.stitch + 0.02, 0, 0.8)
    return [bars(cloth, np.concatenate(rows), np.concatenate(ways), np.array([0.0008, 0.0014, 0.0030]), 0.0022, lace)]


def _cloth(body: Body, sign: float, vertices: F64, triangles: I32) -> Hemmed:
    """Moved as the nearest skin is, a smooth mean of eight vertices."""
    skin = np.unique(body.triangles["body"])
    skin = skin[(sign * body.vertices[skin, 0] > 0) & (body.vertices[skin, 1] < 0.2)]
    away, near = cKDTree(body.vertices[skin], balanced_tree=False).query(vertices - [0.0, 0.008, 0.0], k=8)
    share = 1 / (away + 0.01) ** 2
    share /= share.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(len(vertices)), 8)
    mix = csr_matrix((share.ravel(), (rows, skin[near].ravel())), (len(vertices), len(body.vertices)))
    shell = Shell(vertices, triangles, mix)
    nowhere = Border(np.zeros((0, 2), np.int32), np.zeros(0, np.int32), np.zeros((0, 3)), np.zeros((0, 3)))
    far = np.full((1, 3), 99.0)
    return Hemmed(
        shell, vertex_normals(vertices, triangles), np.zeros_like(vertices), far, nowhere, np.zeros(0, np.int32)
    )


def _rounded(a: F64, b: F64, radius: float) -> F64:
    """The smaller of two fields, its edge rounded."""
    near_a, near_b = np.maximum(radius - a, 0), np.maximum(radius - b, 0)
    return np.asarray(np.maximum(np.minimum(a, b), radius) - np.hypot(near_a, near_b))
