"""Gaussians on a textured mesh: flat discs, even by area, closer together where the picture on it has edges.

Triangles are cut into pieces (for sampling only) until a piece is small against the discs' distances, so that an eye
painted on one large triangle gets its share. Each disc takes the mean of the texture over its footprint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import spence

from assets.forge.sampling import scatter
from assets.importers.edges import SHARP, hard_edges, near_borders, painted_edges, unit
from assets.importers.materials import Material, Placed
from assets.importers.model import F64, I64, Model
from assets.importers.texture import Texture

OVERLAP: Final = 0.7
"""Standard deviation of a disc in its distance to the next."""
THICKNESS: Final = 0.03
_COVER: Final = 2 * np.pi * OVERLAP**2
_PIECE: Final = 5.0
"""Longest edge of a piece, in mean distances of discs."""
_FINER: Final = 4
"""Into how many across a piece with edges painted on it is cut once more."""
_MARKED: Final = 0.5
_MOST_PIECES: Final = 2
"""Pieces for each Gaussian."""
_SMOOTH: Final = 0.85
"""Discs lie across the smoothed normal up to that cosine to their triangle's own; beyond is a fold."""
_DETAIL: Final = 6.0
"""How many times closer discs stand at the sharpest edges than where nothing is painted."""
_FAINTEST: Final = 0.02
_BRIGHTEST: Final = 4.0

Load = Callable[[Placed, Material], Texture]


@dataclass(frozen=True)
class Discs:
    """Where the Gaussians are, and what they show."""

    triangle: I64
    """(N,)."""
    barycentric: F64
    """(N, 3)."""
    normal: F64
    """(N, 3) of the surface, for the discs' planes."""
    shading: F64
    """(N, 3) interpolated, for light."""
    spacing: F64
    across: F64
    """(N, 3) unit: the way across the edge that is painted there, or that the surface has, if there is one."""
    stretch: F64
    """(N,) how many times thinner across that edge than round a disc is; it is longer along it."""
    colour: F64
    """(N, 3) linear."""
    glow: F64
    """(N, 3) linear."""
    opacity: F64
    """(N,) of the disc, so that all together hide as much as the surface does."""


def discs_on(model: Model, count: int, seed: int, load: Load) -> Discs:
    """About `count` discs on a model's surface; `load` gives the pictures of its materials."""
    uv_of = _Coordinates(model)
    coarse = _pieces(model, count)
    detail = _detail_of(model, coarse, uv_of, load, np.sqrt(float(coarse.area.sum()) / count))
    pieces = _finer(model, coarse, detail > 1 + _MARKED)
    detail = _detail_of(model, pieces, uv_of, load, np.sqrt(float(pieces.area.sum()) / count) / 2)
    samples = scatter(pieces.vertices, pieces.triangles.astype(np.int32), count, seed, detail=detail)
    parent = pieces.parent[samples.triangle]
    barycentric = np.einsum("nk,nkj->nj", samples.barycentric, pieces.corners[samples.triangle])
    colour = np.einsum("nk,nkc->nc", barycentric, model.colours[model.triangles[parent]]).astype(np.float64)
    glow = np.zeros((len(parent), 3))
    material = model.material[parent]
    points = model.vertices[model.triangles[parent]]
    flat = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    across = unit(points[:, 1] - points[:, 0])
    stretch = np.ones(len(parent))
    for number in np.unique(material):
        kind, some = model.materials[number], np.flatnonzero(material == number)
        colour[some] *= kind.colour
        if kind.alpha == "OPAQUE":
            colour[some, 3] = 1.0
        if kind.picture is not None:
            texture = load(kind.picture, kind)
            look = _Look(uv_of, kind.picture, texture, parent[some])
            across[some], stretch[some] = painted_edges(points[some], barycentric[some], samples.spacing[some], look)
            colour[some] *= look(barycentric[some], samples.spacing[some] / stretch[some])
        elif kind.alpha == "MASK":
            colour[some, 3] = colour[some, 3] >= kind.cutoff
        if any(kind.glow):
            glow[some] = kind.glow
            if kind.glow_picture is not None:
                texture = load(kind.glow_picture, kind)
                look = _Look(uv_of, kind.glow_picture, texture, parent[some])
                glow[some] *= look(barycentric[some], samples.spacing[some])[:, :3]
    toward, thin = near_borders(hard_edges(model)[parent], points, barycentric, OVERLAP * samples.spacing)
    across = np.where((thin > stretch)[:, None], toward, across)
    stretch = np.maximum(thin, stretch)
    shading = np.einsum("nk,nkc->nc", barycentric, model.normals[model.triangles[parent]])
    seen = np.flatnonzero(colour[:, 3] > _FAINTEST)
    flat = unit(flat)
    shading = unit(np.where(np.einsum("nc,nc->n", shading, flat)[:, None] < 0, -shading, shading))
    smooth = np.einsum("nc,nc->n", shading, flat)[:, None] > _SMOOTH
    return Discs(
        parent[seen],
        barycentric[seen],
        np.where(smooth, shading, flat)[seen],
        shading[seen],
        samples.spacing[seen],
        across[seen],
        stretch[seen],
        np.clip(colour[seen, :3], 0, _BRIGHTEST),
        np.clip(glow[seen], 0, _BRIGHTEST),
        disc_opacity(colour[seen, 3]),
    )


def _detail_of(model: Model, pieces: _Pieces, uv_of: _Coordinates, load: Load, spacing: float) -> F64:
    """(P,) how many times closer than elsewhere discs should stand on each piece, for discs `spacing` metres apart."""
    detail = np.ones(len(pieces.parent))
    material = model.material[pieces.parent]
    centre = pieces.corners.mean(axis=1)
    for number in np.unique(material):
        kind = model.materials[number]
        if kind.picture is None:
            continue
        texture, some = load(kind.picture, kind), np.flatnonzero(material == number)
        uv, texels = uv_of(kind.picture, texture, pieces.parent[some], centre[some])
        # As wide as the piece, so that no edge on it is overlooked.
        step = texture.contrast_at(uv, np.maximum(spacing, np.sqrt(pieces.area[some])) * texels)
        detail[some] += (_DETAIL - 1) * np.clip(step / SHARP, 0, 1)
    return detail


def _finer(model: Model, pieces: _Pieces, which: NDArray[np.bool_]) -> _Pieces:
    """The pieces, with these cut once more."""
    grid = _grid(_FINER)
    cut = np.einsum("gkj,pjm->pgkm", grid, pieces.corners[which]).reshape(-1, 3, 3)
    corners = np.concatenate([pieces.corners[~which], cut])
    parent = np.concatenate([pieces.parent[~which], np.repeat(pieces.parent[which], len(grid))])
    return _placed(model, parent, corners)


def disc_opacity(alpha: F64) -> F64:
    """(N,) opacity of each disc for a surface of `alpha`.

    Over a surface densely set with discs of opacity o, the logarithm of what passes is on average -cover Li2(o), Li2
    the dilogarithm and cover = 2 pi (deviation / distance)^2; solved for o by a table.
    """
    table = np.linspace(0, 1, 2049)
    hidden = 1 - np.exp(-_COVER * spence(1 - table))
    return np.asarray(np.interp(alpha, hidden, table))


@dataclass(frozen=True)
class _Pieces:
    """Triangles cut up; `corners` (P, 3, 3): barycentric coordinates of a piece's corners in its parent."""

    vertices: F64
    triangles: I64
    parent: I64
    corners: F64
    area: F64


def _pieces(model: Model, count: int) -> _Pieces:
    points = model.vertices[model.triangles]
    areas = _area(points)
    longest = np.linalg.norm(points - np.roll(points, 1, axis=1), axis=2).max(axis=1)
    target = _PIECE * np.sqrt(areas.sum() / count)
    cuts = np.ceil(longest / target).astype(np.int64)
    while np.square(cuts).sum() > max(_MOST_PIECES * count, len(cuts)):
        target *= 1.25
        cuts = np.ceil(longest / target).astype(np.int64)
    parents, corners = [], []
    for cut in np.unique(cuts):
        some = np.flatnonzero(cuts == cut)
        grid = _grid(int(cut))
        parents.append(np.repeat(some, len(grid)))
        corners.append(np.tile(grid, (len(some), 1, 1)))
    parent, corner = np.concatenate(parents), np.concatenate(corners)
    return _placed(model, parent, corner)


def _placed(model: Model, parent: I64, corners: F64) -> _Pieces:
    points = np.einsum("pkj,pjc->pkc", corners, model.vertices[model.triangles[parent]])
    triangles = np.arange(3 * len(points)).reshape(-1, 3)
    return _Pieces(points.reshape(-1, 3), triangles, parent, corners, _area(points))


def _grid(cut: int) -> F64:
    """(cut^2, 3, 3) barycentric corners of a triangle cut into equal ones."""
    found = []
    for i in range(cut):
        for j in range(cut - i):
            a, b, c = (i, j), (i + 1, j), (i, j + 1)
            found.append((a, b, c))
            if i + j < cut - 1:
                found.append((b, (i + 1, j + 1), c))
    grid = np.array(found, np.float64) / cut
    return np.stack([1 - grid.sum(axis=2), grid[..., 0], grid[..., 1]], axis=2)


class _Coordinates:
    """Texture coordinates anywhere on a model, and texels a metre there."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._areas = _area(model.vertices[model.triangles])

    def __call__(self, placed: Placed, texture: Texture, triangle: I64, barycentric: F64) -> tuple[F64, F64]:
        uv = self._model.uv[self._model.triangles[triangle], min(placed.coordinates, 1)]
        corners = placed.placed(uv.reshape(-1, 2)).reshape(-1, 3, 2)
        in_texels = (corners - corners[:, :1]) * texture.size
        a, b = in_texels[:, 1], in_texels[:, 2]
        area = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
        texels = np.sqrt(area / np.maximum(self._areas[triangle], 1e-20))
        return np.einsum("nk,nkc->nc", barycentric, corners), texels


@dataclass(frozen=True)
class _Look:
    """A picture where discs are."""

    uv_of: _Coordinates
    placed: Placed
    texture: Texture
    triangle: I64

    def __call__(self, barycentric: F64, footprint: F64) -> F64:
        """(N, 4) linear colour and alpha over `footprint` (N,) metres."""
        uv, texels = self.uv_of(self.placed, self.texture, self.triangle, barycentric)
        return self.texture.at(uv, footprint * texels)


def _area(points: F64) -> F64:
    cross = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    return np.asarray(np.linalg.norm(cross, axis=1) / 2)
