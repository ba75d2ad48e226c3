"""Shoes: a smooth upper grown round each foot, on a sole that stands on the floor.

The foot is voxelised, dilated and eroded by more than the gaps between its toes (morphological closing, Serra 1982),
and the upper is the level of that shape's distance field one thickness out. The sole is its outline, drawn downwards.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.ndimage import binary_fill_holes, distance_transform_edt, gaussian_filter
from scipy.spatial import cKDTree

from assets.forge.body import Body
from assets.forge.isosurface import isosurface
from assets.forge.layer import Layer, Surface, falling_importance, stacked, surfels
from assets.forge.noise import noise
from assets.forge.sampling import scatter, uniform_points
from assets.forge.source import F64, I32

_CELL: Final = 0.005
_UPPER: Final = 0.005
"""Thickness of the upper."""
_CLOSING: Final = 0.028
"""Radius of the closing: what is narrower than twice this is filled."""
_SOLE: Final = 0.016
_LIP: Final = 0.002
"""How far the sole stands out."""
_SPRING: Final = 0.009
"""How far the toe is lifted off the floor."""
_COLLAR: Final = 0.060
"""Height above the foot's own sole where the shoe ends, inside the trouser leg."""


def shoes(body: Body, upper: F64, sole: F64, *, seed: int, count: int) -> Layer:
    """Both shoes of about `count` surfels. Soles stand on y = 0: what is left of the foot is thought a sole higher."""
    surfaces, marks = [], []
    for side, sign in (("l", 1.0), ("r", -1.0)):
        for meshed, part in zip(_shoe(body, side, sign), (False, True), strict=True):
            surfaces.append(_skinned(body, sign, *meshed))
            marks.append(np.full(len(surfaces[-1].triangles), part))
    surface, _ = stacked(surfaces)
    soled = np.concatenate(marks)
    samples = scatter(surface.vertices, surface.triangles, count, seed, detail=np.where(soled, 1.7, 1.0))
    rubber = soled[samples.triangle]
    ball, toe = body.joint("ball_l")[2], float(surface.vertices[:, 2].max())
    cap = np.exp(-(((samples.position[:, 2] - (0.45 * ball + 0.55 * toe)) / 0.0025) ** 2))
    grain = 1 + 0.07 * noise(samples.position, 0.01, seed + 2, 2)
    tone = np.where(rubber, 1.0, 1 - 0.35 * cap) * grain
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface,
            samples.triangle,
            samples.barycentric,
            samples.normal,
            samples.spacing,
            np.clip(np.where(rubber[:, None], sole, upper) * tone[:, None], 0.0, 0.9),
            overlap=0.66,
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(len(samples)),
        lit=np.ones(len(samples), np.float32),
        gloss=np.where(rubber, 0.01, 0.025).astype(np.float32),
    )


def _shoe(body: Body, side: str, sign: float) -> list[tuple[F64, I32]]:
    """Upper and sole of one foot, each vertices and triangles."""
    triangles = body.triangles["body"]
    corners = body.vertices[triangles]
    foot = (corners[..., 1].max(axis=1) < _COLLAR + 0.05) & (sign * corners[..., 0].mean(axis=1) > 0)
    points = uniform_points(body.vertices, triangles[foot], 0.4 * _CELL, 0)
    low = points.min(axis=0) - (_CLOSING + 3 * _CELL)
    shape = np.ceil((points.max(axis=0) + _CLOSING + 3 * _CELL - low) / _CELL).astype(int) + 1
    solid = np.zeros(tuple(shape), bool)
    solid[tuple(np.round((points - low) / _CELL).astype(int).T)] = True
    for level in range(shape[1]):
        solid[:, level] = binary_fill_holes(solid[:, level])
    y = low[1] + _CELL * np.arange(shape[1])
    dilated = distance_transform_edt(~solid) * _CELL < _CLOSING
    closed = gaussian_filter(distance_transform_edt(dilated) * _CELL - _CLOSING, 1.2) + _UPPER
    height = np.broadcast_to(y[None, :, None], closed.shape)
    ground = (y > 0) & (y < 0.03)
    outline = gaussian_filter(closed[:, ground].max(axis=1), 1.5)[:, None, :] + _LIP
    # The sole's own grid begins below the foot: its field is made in heights above the floor.
    floor = np.arange(-4, int(_SOLE / _CELL) + 8) * _CELL
    slab = np.minimum(floor, _SOLE + _LIP - floor)[None, :, None]
    sole = _rounded(np.broadcast_to(outline, (shape[0], len(floor), shape[2])), slab + 0 * outline, 0.004)
    upper = np.minimum(np.minimum(closed, height - _CELL), _COLLAR - height)
    meshes = [
        isosurface(upper, low + np.array([0.0, _SOLE, 0.0]), _CELL),
        isosurface(sole, np.array([low[0], floor[0], low[2]]), _CELL),
    ]
    ball, toe = body.joint(f"ball_{side}")[2], float(points[:, 2].max())
    for vertices, _ in meshes:
        vertices[:, 1] += _SPRING * np.clip((vertices[:, 2] - ball) / (toe - ball), 0, 1.2) ** 2
    return meshes


def _rounded(a: F64, b: F64, radius: float) -> F64:
    """The smaller of two fields, its edge rounded."""
    near_a, near_b = np.maximum(radius - a, 0), np.maximum(radius - b, 0)
    return np.asarray(np.maximum(np.minimum(a, b), radius) - np.hypot(near_a, near_b))


def _skinned(body: Body, sign: float, vertices: F64, triangles: I32) -> Surface:
    """Moved as the nearest skin is, a smooth mean of eight vertices."""
    skin = np.unique(body.triangles["body"])
    skin = skin[(sign * body.vertices[skin, 0] > 0) & (body.vertices[skin, 1] < 0.2)]
    away, near = cKDTree(body.vertices[skin]).query(vertices - [0.0, 0.5 * _SOLE, 0.0], k=8)
    share = 1 / (away + 0.01) ** 2
    full = np.zeros((len(vertices), len(body.skeleton.names)))
    joints, weights = body.skin_joints[skin[near]].astype(np.intp), body.skin_weights[skin[near]] * share[..., None]
    np.add.at(full, (np.arange(len(vertices))[:, None, None], joints), weights)
    heaviest = np.argsort(-full, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(full, heaviest, axis=1)
    kept /= kept.sum(axis=1, keepdims=True)
    still = np.zeros((len(body.shapes), len(vertices), 3), np.float32)
    return Surface(vertices, triangles, heaviest.astype(np.uint16), kept.astype(np.float32), still)
