"""Hair from MakeHuman's asset packs: its cards and shells become strands that run along them, textures or none.

Where strands run is read from the texture coordinates, along which such packs paint hair: along v, or u where the cards
are longer that way. From points all over the mesh strands are traced both ways until their card ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.form import Form, form_of
from assets.forge.clothes.makehuman import Clothing, fitted, read_mhclo
from assets.forge.hair.colour import strand_colours
from assets.forge.hair.fibres import backing, carried, chains, layered
from assets.forge.hair.pieces import piece_count
from assets.forge.hair.scalp import Scalp, scalp_of
from assets.forge.hair.strands import UNDER, Strands
from assets.forge.hair.styles import Style
from assets.forge.layer import Layer, Surface, vertex_normals
from assets.forge.noise import noise
from assets.forge.palette import Palette
from assets.forge.sampling import scatter, uniform
from assets.forge.source import F32, F64, I32

CARDS: Final = Style(0.2, 0.2, 0.2, thick=1.15)
"""What is drawn as this style would be."""
_HATS: Final = ("hat", "cap", "helmet", "headwear", "beanie", "hood")
"""Words in the tags of pieces that are worn on the head and are no hair."""
_NAPE: Final = -1.0
"""Level (`Scalp.level`) of the lowest hair that grows."""
_BACKING: Final = 0.24
_GRAIN: Final = 4e-6
"""Square metres of mesh for each point from which its direction is looked up."""
_MOST_GRAIN: Final = 200_000
_STEP: Final = 0.005
_EACH_WAY: Final = 11
"""Steps that a strand is traced from its middle to both sides."""
_EDGE: Final = 0.004
"""Metres from the nearest grain beyond which a strand has left its card."""
_APART: Final = 10.0
"""Metres between cards in the look-up, so that a strand keeps to its own."""
_LEAST_AREA: Final = 1e-9
"""Square metres; less is no triangle."""
_SAMPLE: Final = 400


@dataclass(frozen=True)
class _Field:
    """Points of the mesh with the direction of hair there."""

    tree: cKDTree
    """Of (place, card)."""
    places: F64
    directions: F64
    normals: F64


def is_hair(clothing: Clothing, body: Body) -> bool:
    """Whether a piece is hair: most of it hangs on MakeHuman's hair helper, or lies over the scalp and is no hat."""
    helped = np.isin(clothing.binding.corners, body.groups["helper-hair"]).any(axis=1)
    place, scalp = fitted(clothing, body), scalp_of(body)
    over = (scalp.inside_hairline(place) > 0) & (scalp.level(place) > _NAPE)
    hat = any(word in tag for tag in clothing.binding.tags for word in _HATS)
    return bool(helped.mean() > 0.5 or (over.mean() > 0.5 and not hat))


def wear_hair(
    path: Path,
    body: Body,
    palette: Palette,
    *,
    seed: int,
    count: int = 50_000,
    grey: float = 0.0,
    clothes: Sequence[Surface] = (),
) -> Layer:
    """The hair of an .mhclo as about `count` Gaussians, fitted to the body, in the palette's colour.

    grey: share of white strands. clothes: what it must stay outside of, besides the body. Raises ForgeError where a
    file is missing, damaged, or made for another mesh.
    """
    clothing = read_mhclo(path)
    scalp, form = scalp_of(body), form_of(body, clothes)
    vertices = form.pushed_out(fitted(clothing, body), UNDER)
    corners = vertices[clothing.mesh.triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    whole = area > _LEAST_AREA
    if not whole.any():
        raise ForgeError(f"{path} has no triangle that could carry hair.")
    triangles = clothing.mesh.triangles[whole]
    card = _cards(triangles, len(vertices))[triangles[:, 0]]
    joints, weights = carried(body, scalp, form, vertices)
    still = np.zeros((len(body.shapes), len(vertices), 3), np.float32)
    surface = Surface(vertices, triangles, joints, weights, still)
    along = _directions(vertices, triangles, clothing.mesh.uv[whole], card, scalp)
    grain, inside = uniform(vertices, triangles, min(int(area.sum() / 2 / _GRAIN) + 1, _MOST_GRAIN), seed)
    places = np.einsum("nk,nkc->nc", inside, vertices[triangles[grain]])
    normals = np.einsum("nk,nkc->nc", inside, vertex_normals(vertices, triangles)[triangles[grain]])
    tree = cKDTree(np.column_stack([places, _APART * card[grain]]), balanced_tree=False)
    field = _Field(tree, places, along[grain], _unit(normals))
    few = _traced(form, field, surface, card, _SAMPLE, seed)
    wanted = round((1 - _BACKING) * count * _SAMPLE / piece_count(few))
    strands = _traced(form, field, surface, card, wanted, seed)
    tones = strand_colours(palette.hair, grey, scalp, strands, seed)
    closing = backing(surface, len(triangles), strands, CARDS, tones.mean(axis=0), round(_BACKING * count), seed)
    return layered(closing, chains(form, surface, strands, CARDS, tones, seed))


def _cards(triangles: I32, vertices: int) -> I32:
    """(V,) number of the connected piece that each vertex belongs to."""
    a, b = triangles[:, [0, 1]].ravel(), triangles[:, [1, 2]].ravel()
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(vertices, vertices))
    return np.asarray(connected_components(graph, directed=False)[1], np.int32)


def _directions(vertices: F64, triangles: I32, uv: F32, card: I32, scalp: Scalp) -> F64:
    """(F, 3) unit direction of hair on each triangle, away from the crown."""
    corners = vertices[triangles]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    (u1, v1), (u2, v2) = (uv[:, 1] - uv[:, 0]).T.astype(np.float64), (uv[:, 2] - uv[:, 0]).T.astype(np.float64)
    turn = np.where(u1 * v2 - u2 * v1 < 0, -1.0, 1.0)[:, None]
    along_v = _unit(turn * (two * u1[:, None] - one * u2[:, None]))
    along_u = _unit(turn * (one * v2[:, None] - two * v1[:, None]))
    area = np.linalg.norm(np.cross(one, two), axis=1)
    centre = corners.mean(axis=1)
    votes = 0.0
    for number in np.unique(card):
        mine = card == number
        spread = centre[mine] - centre[mine].mean(axis=0)
        sizes, axes = np.linalg.eigh(spread.T @ spread + 1e-12 * np.eye(3))
        if sizes[2] > 4 * sizes[1]:
            lean = np.abs(along_v[mine] @ axes[:, 2]) - np.abs(along_u[mine] @ axes[:, 2])
            votes += float((lean * area[mine]).sum())
    along = along_v if votes >= 0 else along_u
    flat = np.linalg.norm(along, axis=1) < 0.5
    normal = _unit(np.cross(one, two))
    down = np.array([0.0, -1.0, 0.0]) + 0.0 * centre
    along[flat] = _unit(down - (down * normal).sum(axis=1, keepdims=True) * normal)[flat]
    away = (along * _unit(centre - scalp.whorl + [0.0, -0.03, 0.0])).sum(axis=1) * area
    sense = np.zeros(int(card.max()) + 1)
    np.add.at(sense, card, away)
    return np.asarray(along * np.where(sense[card] < 0, -1.0, 1.0)[:, None])


def _traced(form: Form, field: _Field, surface: Surface, card: I32, count: int, seed: int) -> Strands:
    random = np.random.default_rng([seed, 71])
    start = scatter(surface.vertices, surface.triangles, count, seed + 6)
    level: F64 = _APART * card[start.triangle].astype(np.float64)
    ways = [_walk(field, start.position, level, sign) for sign in (-1.0, 1.0)]
    points = np.concatenate([ways[0][0][:, :0:-1], ways[1][0]], axis=1)
    held = np.concatenate([ways[0][1][:, :0:-1], ways[1][1]], axis=1)
    # A strand begins where its backward walk was last on the card: points before that repeat it, and are moved behind.
    first = np.argmax(held, axis=1)
    order = np.minimum(first[:, None] + np.arange(points.shape[1])[None], points.shape[1] - 1)
    rows = np.arange(len(points))[:, None]
    steps = held.sum(axis=1) - 1
    long = np.flatnonzero(steps >= 2)
    points, steps = points[rows, order][long], steps[long]
    lift = random.uniform(-0.0004, 0.0016, len(long))
    flat = points.reshape(-1, 3)
    wander = np.stack([noise(flat + 5.0 * k, 0.02, seed + k, 2) for k in range(3)], axis=1).reshape(points.shape)
    out = form.normal(flat).reshape(points.shape)
    points = points + lift[:, None, None] * out + 0.0012 * wander + 0.0004 * random.normal(0, 1, (len(points), 1, 3))
    points = form.pushed_out(points.reshape(-1, 3), 0.7 * UNDER).reshape(points.shape)
    length = steps * _STEP * random.uniform(0.75, 1.0, len(points))
    lock = cKDTree(start.position[: max(len(start) // 14, 1)], balanced_tree=False).query(points[:, 0])[1]
    fine = (random.random(len(points)) > 0.30).astype(np.float64)
    depth = np.clip(0.55 + 350 * lift, 0.3, 1.0)
    return Strands(points, _STEP, length, depth, np.asarray(lock, np.int32), fine)


def _walk(field: _Field, start: F64, level: F64, sign: float) -> tuple[F64, F64]:
    """(S, K, 3) points from the start along the field or against it, and (S, K) which are still on the card."""
    point = start
    on = np.ones(len(start), bool)
    points, held = [point], [on]
    for _ in range(_EACH_WAY):
        nearest = field.tree.query(np.column_stack([point, level]))[1]
        ahead = point + sign * _STEP * field.directions[nearest]
        away, nearest = field.tree.query(np.column_stack([ahead, level]))
        above = ((ahead - field.places[nearest]) * field.normals[nearest]).sum(axis=1, keepdims=True)
        on = on & (away < _EDGE)
        point = np.where(on[:, None], ahead - above * field.normals[nearest], point)
        points.append(point)
        held.append(on)
    return np.stack(points, axis=1), np.stack(held, axis=1)


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
