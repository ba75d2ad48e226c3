"""Strands as Gaussians: chains of thin ones over a dark backing, on strips that carry the hair's motion.

The strips follow some guides of the hair and overlap, so that together they close the view to the skin; what hangs
below the chin goes over from the head's motion to that of the neck and shoulders beneath it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from assets.forge.anatomy.body import U16, Body
from assets.forge.anatomy.form import Form
from assets.forge.hair.pieces import pieces
from assets.forge.hair.scalp import Scalp, scalp_triangles
from assets.forge.hair.strands import UNDER, Index, Strands
from assets.forge.hair.styles import Style
from assets.forge.layer import Layer, Surface, bind, chosen, falling_importance, joined, stacked, surface_of, surfels
from assets.forge.noise import noise
from assets.forge.sampling import scatter
from assets.forge.source import F32, F64

_SCATTER: Final = (0.40, 0.34, 0.30)
GLOSS: Final = 0.02
_CARRIERS: Final = ("head", "neck_01", "spine_03", "clavicle_l", "clavicle_r", "spine_02")
_STUBBLE: Final = 0.45
"""Opacity of the shade that hair too short to hide the skin lays on it."""
_BORDER: Final = 0.008
"""Metres from the hairline within which hair is thin."""
_STRIPS: Final = (110, 300)
"""Fewest and most."""
_STRIP_AREA: Final = 1.3
"""Square metres of strips, which then overlap some five times."""
_HALF: Final = 0.011
_BARE_ROOT: Final = 0.012
"""Metres of hair at the root that have no ribbon: it would smear hairline and parting."""
_PARTING: Final = 0.0022
"""Metres to each side of a parting without backing."""
_SKIN_DETAIL: Final = 4.0
"""How much closer the backing stands on skin than on ribbons, which overlap."""
_CLOSE: Final = 0.0055
"""Metres that a disc of the backing stands for at most, or it would show between the strands..."""
_CLOSED: Final = 12_000
"""... where it has this many; fewer have to be wider."""
_FINE: Final = 0.00013
"""Deviation across of a fine strand, metres."""
_WIDE: Final = 0.0011
"""Deviation across of what fills the hair's inside."""


def strips(body: Body, scalp: Scalp, form: Form, style: Style, strands: Strands) -> tuple[Surface, int]:
    """Ribbons along the first of the strands, across their outward direction, and the skin under dense hair; also the
    number of triangles in ribbons, which come first."""
    wanted = int(np.clip(_STRIP_AREA / (2 * _HALF * float(np.median(strands.length))), *_STRIPS))
    chosen = np.arange(min(wanted, len(strands.length)))
    length = strands.length[chosen]
    rows = max(int(np.ceil(float(np.median(length)) / 0.022)) + 1, 3)
    begin = np.minimum(_BARE_ROOT, 0.25 * length)[:, None]
    along = begin + np.linspace(0, 1, rows)[None] * (0.88 * length[:, None] - begin)
    which = np.repeat(chosen, rows)
    middle = strands.at(which, along.ravel())
    out = form.normal(middle)
    depth = np.repeat(strands.depth[chosen], rows)
    low = np.clip(form.distance(middle), 0, None)
    middle = middle - (np.clip(depth - 0.3, 0, 1) * np.minimum(style.volume, low))[:, None] * out
    middle = form.pushed_out(middle, 0.7 * UNDER)
    line = middle.reshape(len(chosen), rows, 3)
    if style.tail:  # inside the tail, where it shades no strand
        within = np.clip((low - 0.012) / 0.01, 0, 0.85).reshape(len(chosen), rows, 1)
        line = line + within * (line.mean(axis=0) - line)
        middle = line.reshape(-1, 3)
    tangent = _unit(np.asarray(np.gradient(line, axis=1))).reshape(-1, 3)
    across = _unit(np.cross(out, tangent))
    half = _HALF * np.clip(np.minimum(1.0, 1.6 - np.tile(np.linspace(0, 1.3, rows), len(chosen))), 0.3, 1)
    if style.tail:
        half = half * np.clip(1.15 - low / 0.02, 0.35, 1)
    edges = np.stack([middle - half[:, None] * across, middle + half[:, None] * across], axis=1)
    vertices = form.pushed_out(edges.reshape(-1, 3), 0.7 * UNDER)
    first = 2 * (np.arange(len(chosen))[:, None] * rows + np.arange(rows - 1)[None]).ravel()
    a, b, c, d = first, first + 1, first + 2, first + 3
    triangles = np.concatenate([np.stack([a, c, b], axis=1), np.stack([b, c, d], axis=1)]).astype(np.int32)
    facing = np.cross(vertices[b] - vertices[a], vertices[c] - vertices[a])
    inward = (facing * out[first // 2]).sum(axis=1) < 0
    flip = np.concatenate([~inward, ~inward])
    triangles[flip] = triangles[flip][:, [0, 2, 1]]
    joints, weights = carried(body, scalp, form, vertices)
    still = np.zeros((len(body.shapes), len(vertices), 3), np.float32)
    ribbons = Surface(vertices, triangles, joints, weights, still)
    if style.density < 1 and not style.open:
        return ribbons, len(triangles)
    return stacked([ribbons, _cap(body, scalp, style)])[0], len(triangles)


def _cap(body: Body, scalp: Scalp, style: Style) -> Surface:
    """The skin that dense hair hides."""
    triangles = body.triangles["body"]
    inside = scalp.inside_hairline(body.vertices[triangles].mean(axis=1), style.recede) > _BORDER
    return surface_of(body, triangles[inside & scalp_triangles(body, style.recede)])


def carried(body: Body, scalp: Scalp, form: Form, points: F64) -> tuple[U16, F32]:
    """Skin joints and weights, (N, 4) each, of hair at points (N, 3): the head's, or the skin's beneath where it lies
    on that or hangs as low as the shoulders."""
    names = body.skeleton.names
    top, bottom = scalp.chin_height - 0.015, float(body.joint("neck_01")[1]) - 0.01
    lying = np.exp(-((np.maximum(form.distance(points) - UNDER, 0) / 0.005) ** 2))
    like_skin = np.maximum(_eased((top - points[:, 1]) / max(top - bottom, 0.03)), lying)[:, None]
    used = np.unique(body.triangles["body"])
    joints = np.array([names.index(name) for name in _CARRIERS])
    full = np.zeros((len(used), len(names)))
    np.add.at(full, (np.arange(len(used))[:, None], body.skin_joints[used]), body.skin_weights[used])
    near = cKDTree(body.vertices[used], balanced_tree=False).query(points, k=24)[1]
    below = full[:, joints][near].mean(axis=1) + 1e-9 * (joints == names.index("spine_03"))
    weights = like_skin * below / below.sum(axis=1, keepdims=True)
    weights[:, 0] += 1 - like_skin[:, 0]
    order = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    heaviest = np.take_along_axis(weights, order, axis=1)
    heaviest /= heaviest.sum(axis=1, keepdims=True)
    return joints[order].astype(np.uint16), heaviest.astype(np.float32)


def backing(
    surface: Surface,
    ribbons: int,
    strands: Strands,
    style: Style,
    colour: F64,
    count: int,
    seed: int,
    beside_parting: Callable[[F64], F64] | None = None,
) -> Layer:
    """Dark surfels on skin and on ribbons, where strands are on all sides: at the edges they would show, as they would
    at a parting; `beside_parting` tells the distance (N,) of points (N, 3) from that."""
    closer = np.where(np.arange(len(surface.triangles)) < ribbons, 0.0 if style.open else 1.0, _SKIN_DETAIL)
    samples = scatter(surface.vertices, surface.triangles, count, seed, detail=closer)
    along = np.linspace(0.0, 0.94, 24)[None] * strands.length[:, None]
    places = strands.at(np.repeat(np.arange(len(strands.length)), 24), along.ravel())
    tree = cKDTree(places[np.random.default_rng([seed, 47]).permutation(len(places))[:80_000]], balanced_tree=False)
    away, near = tree.query(samples.position, k=32, distance_upper_bound=0.02)
    found = np.isfinite(away)
    offset = np.where(found[..., None], tree.data[np.where(found, near, 0)] - samples.position[:, None], 0.0)
    mean = offset.sum(axis=1) / np.maximum(found.sum(axis=1), 1)[:, None]
    mean -= (mean * samples.normal).sum(axis=1, keepdims=True) * samples.normal
    reach = np.where(found, away, 0).max(axis=1)
    on_skin = samples.triangle >= ribbons
    kept = on_skin | (found.all(axis=1) & (np.linalg.norm(mean, axis=1) < 0.36 * reach))
    if beside_parting is not None:
        kept &= beside_parting(samples.position) > _PARTING
    samples = samples.keep(kept)
    widest = _CLOSE * np.clip(np.sqrt(_CLOSED / count), 1.0, 1.8)
    mottled = 1 + 0.3 * noise(samples.position * [1.0, 0.25, 1.0], 0.004, seed)
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface,
            samples.triangle,
            samples.barycentric,
            samples.normal,
            np.minimum(samples.spacing, np.where(samples.triangle < ribbons, widest, _CLOSE)),
            0.6 * colour * mottled[:, None],
            overlap=0.75,
            position=samples.position + 0.4 * UNDER * samples.normal * (samples.triangle >= ribbons)[:, None],
            opacity=_STUBBLE if style.open else 1.0,
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(len(samples)),
        lit=np.ones(len(samples), np.float32),
        gloss=np.zeros(len(samples), np.float32),
    )


def chains(form: Form, surface: Surface, strands: Strands, style: Style, colour: F64, seed: int) -> Layer:
    """Pieces of strands, strand after strand: a prefix has fewer strands, not shorter ones."""
    random = np.random.default_rng([seed, 41])
    total = len(strands.length)
    strand, begin, end = pieces(strands)
    start, stop = strands.at(strand, begin), strands.at(strand, end)
    middle = (start + stop + 2 * strands.at(strand, (begin + end) / 2)) / 4
    reach = stop - start
    length = np.linalg.norm(reach, axis=1)
    tangent = reach / np.maximum(length, 1e-9)[:, None]
    along = (begin + end) / (2 * strands.length[strand])
    outer, loose = strands.fine[strand], strands.lock[strand] < 0
    out = form.normal(middle)
    if style.tail:
        away = np.clip((form.distance(middle) - 0.012) / 0.01, 0, 1)[:, None]
        out = _unit((1 - away) * out + away * _from_middle(middle))
    normal = _unit(out - (out * tangent).sum(axis=1, keepdims=True) * tangent)
    tilt = random.normal(0, 0.20, total)[strand, None]
    shading = _unit(normal + tilt * np.cross(tangent, normal))
    across = (_WIDE + (_FINE - _WIDE) * outer) * style.thick * random.uniform(0.75, 1.3, total)[strand]
    root = np.clip(0.35 + begin / 0.012, 0, 1)
    taper = np.clip((1 - along) / 0.35 + 0.25, 0, 1)
    across = np.where(loose, 0.55 * _FINE * style.thick, across * (root + (1 - root) * outer)) * taper
    opacity = np.where(loose, 0.45, 0.97) * np.clip(0.35 + taper, 0, 1)
    nearest = cKDTree(surface.vertices[surface.triangles].mean(axis=1), balanced_tree=False).query(middle)[1]
    return Layer(
        surface=surface,
        gaussians=bind(
            surface,
            nearest.astype(np.int32),
            np.full((len(middle), 3), 1 / 3),
            np.stack([tangent, normal, np.cross(tangent, normal)], axis=2),
            np.stack([0.43 * length, np.minimum(across, 0.0005), across], axis=1),
            colour[strand] * _shade(strands, strand, along, random)[:, None],
            position=middle,
            opacity=opacity,
        ),
        normals=shading.astype(np.float32),
        importance=falling_importance(len(middle)),
        lit=np.ones(len(middle), np.float32),
        gloss=(GLOSS * (0.25 + 0.75 * outer) * random.gamma(4, 0.25, total)[strand]).astype(np.float32),
        tangents=tangent.astype(np.float32),
    )


def layered(closing: Layer, flowing: Layer) -> Layer:
    """Backing and strands of one surface as one layer."""
    importance = np.concatenate([closing.importance, flowing.importance])
    order = np.argsort(-importance, kind="stable")
    tangents = np.zeros_like(flowing.normals) if flowing.tangents is None else flowing.tangents
    return Layer(
        surface=flowing.surface,
        gaussians=chosen(joined([closing.gaussians, flowing.gaussians]), order),
        normals=np.concatenate([closing.normals, flowing.normals])[order],
        importance=importance[order],
        lit=np.ones(len(order), np.float32),
        gloss=np.concatenate([closing.gloss, flowing.gloss])[order],
        scatter=_SCATTER,
        tangents=np.concatenate([np.zeros_like(closing.normals), tangents])[order],
    )


def _from_middle(points: F64) -> F64:
    """(N, 3) unit directions away from the middle of what hangs around each point: the outside of a tail."""
    few = points[:: max(len(points) // 6000, 1)]
    near = cKDTree(few, balanced_tree=False).query(points, k=60, distance_upper_bound=0.03)[1]
    found = near < len(few)
    total: F64 = np.where(found[..., None], few[np.where(found, near, 0)], 0).sum(axis=1)
    return _unit(points - total / np.maximum(found.sum(axis=1), 1)[:, None])


def _shade(strands: Strands, strand: Index, along: F64, random: np.random.Generator) -> F64:
    """(N,) tone of pieces: strands and locks differ, roots and depths are darker, tips a little bleached."""
    total = len(strands.length)
    locks = np.exp(random.normal(0, 0.14, total))[np.maximum(strands.lock, 0)]
    own = np.exp(random.normal(0, 0.26, total))
    return np.asarray((locks * own * (0.55 + 0.45 * strands.depth))[strand] * (0.84 + 0.32 * along))


def _eased(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
