"""Fills a head with strands between its guides: locks and wisps that draw together, curls, frizz and flyaways."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.anatomy.body import Body
from assets.forge.anatomy.form import Form
from assets.forge.hair.combing import PARTING_END, Comb, clear_of_face
from assets.forge.hair.scalp import Scalp, scalp_triangles
from assets.forge.hair.strands import AHEAD, GUIDE_DEPTH, UNDER, Strands, guides, longest, step_of
from assets.forge.hair.styles import Style
from assets.forge.noise import noise
from assets.forge.sampling import scatter
from assets.forge.source import F64, I32

GUIDES: Final = 420
_NEIGHBOURS: Final = 4
_BROW_TO_FRINGE: Final = 0.34
"""Level (`Scalp.level`) at which a fringe ends, above the brows."""
_EDGE: Final = 0.45
"""Short strands at the hair's borders for every other one."""
_SOFT: Final = 0.013
"""Metres within which very short hair becomes dense."""
_DEEPEST: Final = 0.12
"""Depth of the lowest strands."""


def grow(body: Body, scalp: Scalp, form: Form, style: Style, *, count: int, seed: int) -> Strands:
    """About `count` strands, and short ones at hairline and parting where nothing lies over the roots."""
    random = np.random.default_rng([seed, 31])
    comb = Comb(scalp, style)
    guide_roots, guide_normals = _roots(body, comb, GUIDES, seed + 1)
    path = guides(scalp, form, style, guide_roots, guide_normals, seed)
    root, _ = _roots(body, comb, count, seed)
    depth = _DEEPEST + (1 - _DEEPEST) * random.beta(1.3, 1.0, len(root))
    fine = np.ones(len(root)) if style.open else _eased((depth - 0.45) / 0.25)
    if not style.open:
        edge, _ = _roots(body, comb, round(_EDGE * count), seed + 2, edge=True)
        root, fine = np.concatenate([root, edge]), np.concatenate([fine, np.ones(len(edge))])
        depth = np.concatenate([depth, random.uniform(0.0, 0.5, len(edge))])
    first = len(fine) if style.open else len(fine) - len(edge)
    short = np.arange(len(root)) >= first
    strands, fringe = len(root), comb.fringe(root)
    near, share = _nearest(comb, guide_roots, root)
    points = _between(path, near, share, root, style)
    along: F64 = np.arange(points.shape[1], dtype=np.float64) * step_of(style)
    points = _moved_out(form, points, _outward(comb, root, depth, along), style)
    leader, wisp = _locks(comb, root, style, first)
    loose = (random.random(strands) < style.flyaways) & ~short
    points = _drawn_together(points, leader, style.clump * random.uniform(0.55, 1.0, strands), along, 0.030)
    points = _drawn_together(points, wisp, 0.75 * style.clump * random.uniform(0.4, 1.0, strands), along, 0.012)
    points = _curled(form, points, leader, wisp, style, along, seed, random)
    points = _frizzy(points, style, along, loose, seed, random)
    points = _kept_out(scalp, form, points, along, depth, fringe, random)
    length = _lengths(scalp, form, comb, points, root, leader, random)
    length = np.where(short, np.minimum(length, random.uniform(0.014, 0.036, strands)), length)
    # Both kinds in even shares, so that every prefix is the whole head of hair.
    order = np.argsort(
        np.where(short, (np.arange(strands) - first) / max(strands - first, 1), np.arange(strands) / first),
        kind="stable",
    )
    lock = np.where(loose, -1, leader)
    return Strands(
        points[order], float(along[1]), length[order], depth[order], lock[order].astype(np.int32), fine[order]
    )


def _outward(comb: Comb, root: F64, depth: F64, along: F64) -> F64:
    """(S, K) metres that strands lie farther out than the guides between which they are."""
    layer = (depth - GUIDE_DEPTH) * np.minimum(comb.style.volume, 0.5 * comb.grown(root))
    rise, thin = np.clip(along / 0.06, 0, 1), np.clip(1 - (along - 0.16) / 0.2, 0.55, 1)
    return np.asarray(layer[:, None] * (rise * thin)[None])


def _roots(body: Body, comb: Comb, count: int, seed: int, *, edge: bool = False) -> tuple[F64, F64]:
    """Positions and skin normals, each (S, 3), in progressive order; closer at the parting and the front hairline, or
    only there."""
    scalp, style = comb.scalp, comb.style
    faces = body.triangles["body"][scalp_triangles(body, style.recede)]
    centres = body.vertices[faces].mean(axis=1)
    ahead = centres[:, 2] - scalp.centre[2]
    parting = np.exp(-((comb.beside_parting(centres) / 0.014) ** 2)) * (ahead > PARTING_END - 0.02)
    inside = scalp.inside_hairline(centres, style.recede)
    front = np.exp(-((inside / 0.016) ** 2)) * (ahead > 0.0)
    border = np.maximum(1.2 * parting, 1.3 * front)
    detail = np.where(border > 0.25, border, 0.0) if edge else 1 + border
    found = scatter(body.vertices, faces, round(count / 0.93), seed, detail=detail)
    ragged = 0.0035 * noise(found.position, 0.006, seed, 2)
    random = np.random.default_rng([seed, 35])
    thinned = np.clip((scalp.level(found.position) - 0.35) / 0.4, 0, 1) * (1 - style.density)
    patchy = 0.25 * noise(found.position, 0.012, seed + 2) if style.density < 1 else 0.0
    rim = 0.0025 - 0.0035 * random.random(len(found)) ** 3 * edge
    inside = scalp.inside_hairline(found.position, style.recede)
    kept = inside > rim + ragged
    if style.open:  # no hair lies over the border: it is soft because fewer and fewer grow there
        kept &= inside + ragged > _SOFT * (1 + style.recede) * random.random(len(found)) ** 1.5
    kept &= random.random(len(found)) + patchy > 1.2 * thinned
    return found.position[kept], found.normal[kept]


def _sided(comb: Comb, roots: F64) -> F64:
    """(N, 6) roots, kept apart where a parting, the fringe's edge or a shoulder divides them."""
    ahead = np.abs(comb.scalp.azimuth(roots)) < AHEAD
    divided = 0.05 * ahead if longest(comb.style) > 0.3 else np.zeros(len(roots))
    return np.column_stack([roots, comb.side(roots), 0.2 * comb.fringe(roots), divided])


def _nearest(comb: Comb, guide_roots: F64, roots: F64) -> tuple[I32, F64]:
    """(S, k) guides beside each root, and their shares."""
    away, near = cKDTree(_sided(comb, guide_roots), balanced_tree=False).query(_sided(comb, roots), k=_NEIGHBOURS)
    share = 1 / (away**2 + 1e-5)
    return near, share / share.sum(axis=1, keepdims=True)


def _between(path: F64, near: I32, share: F64, root: F64, style: Style) -> F64:
    """(S, K, 3) strands that go as the guides around them go; gathered ones come together with them."""
    mean = np.einsum("sk,skpc->spc", share, path[near])
    offset = (root - mean[:, 0])[:, None]
    if style.tail:
        arc = np.arange(path.shape[1]) * step_of(style)
        offset = offset * np.clip(1 - arc / 0.07, 0, 1)[None, :, None]
    return np.asarray(mean + offset)


def _moved_out(form: Form, points: F64, by: F64, style: Style) -> F64:
    """Strands at their own depth in the hair around their guides."""
    out = form.normal(points.reshape(-1, 3)).reshape(points.shape)
    if style.tail:  # beyond the skull depth has no meaning: a tail is round already
        by = by * np.clip(1 - (form.distance(points.reshape(-1, 3)).reshape(by.shape) - 0.012) / 0.01, 0, 1)
    return np.asarray(points + by[..., None] * out)


def _locks(comb: Comb, root: F64, style: Style, count: int) -> tuple[I32, I32]:
    """(S,) the leading strand of each one's lock, and of its wisp, six times smaller; leaders are among
    the first `count`."""
    apart = _sided(comb, root)
    found = []
    for size in (style.lock, max(style.lock // 6, 3)):
        leaders = max(count // size, 1)
        found.append(cKDTree(apart[:leaders], balanced_tree=False).query(apart)[1].astype(np.int32))
    return found[0], found[1]


def _drawn_together(points: F64, leader: I32, pull: F64, along: F64, reach: float) -> F64:
    """Strands drawn towards the leader of their lock, the more the farther from the root."""
    share = pull[:, None] * np.clip((along - 0.008) / max(0.10, 1e-3), 0, 1)[None] ** 0.8
    offset = points[leader] - points
    # A strand goes its own way where its leader went far off.
    near = np.exp(-((np.linalg.norm(offset, axis=2) / reach) ** 2))
    return np.asarray(points + (share * np.minimum.accumulate(near, axis=1))[..., None] * offset)


def _curled(
    form: Form, points: F64, leader: I32, wisp: I32, style: Style, along: F64, seed: int, random: np.random.Generator
) -> F64:
    """Waves and curls: a helix around each strand's line, in step within a lock and nearly so between wisps."""
    if not style.curl:
        return points
    strands = len(points)
    tight = style.turns > 20
    # Neighbouring locks wave alike; curls go their own ways.
    phase = (6.0 if tight else 2.2) * noise(points[leader, 0], 0.045, seed + 3, 2)
    phase = phase + random.normal(0, 0.35, strands)[wisp] + random.normal(0, 0.2, strands)
    pace = style.turns * (1 + random.normal(0, 0.10 if tight else 0.04, strands)[leader])
    radius = style.curl * random.uniform(0.7, 1.2, strands)[leader] * random.uniform(0.85, 1.15, strands)
    tangent = _unit(np.gradient(points, axis=1))
    out = form.normal(points.reshape(-1, 3)).reshape(points.shape)
    steep = np.abs((tangent * out).sum(axis=2, keepdims=True))
    helper = np.where(steep > 0.9, [1.0, 0.0, 0.0], out)
    side = _unit(np.cross(tangent, helper))
    up = np.cross(side, tangent)
    hand = np.where(random.random(strands) < 0.5, -1.0, 1.0)[leader][:, None]
    angle = 2 * np.pi * pace[:, None] * along[None] + phase[:, None]
    grown = radius[:, None] * np.clip(along / (0.06 if tight else 0.20), 0, 1)[None] ** 1.2
    flat = 0.95 if tight else 0.5
    return np.asarray(
        points + (grown * np.sin(angle))[..., None] * side + (flat * hand * grown * np.cos(angle))[..., None] * up
    )


def _frizzy(
    points: F64, style: Style, along: F64, loose: NDArray[np.bool_], seed: int, random: np.random.Generator
) -> F64:
    """Every strand wanders a little within its lock; flyaways wander far."""
    strands = len(points)
    flat = points.reshape(-1, 3)
    wander = np.stack([noise(flat + 7.0 * k, 0.03, seed + k, 2) for k in range(3)], axis=1).reshape(points.shape)
    own = random.normal(0, 0.6, (strands, 1, 3))
    bend = random.normal(0, 1, (2, strands, 1, 3))
    angle = random.uniform(25, 75, (strands, 1)) * along + random.uniform(0, 2 * np.pi, (strands, 1))
    wave = bend[0] * np.sin(angle)[..., None] + bend[1] * np.cos(1.7 * angle)[..., None]
    grown = np.clip(along / 0.05, 0, 1)[None, :, None]
    size = np.where(loose, 3.2, 1.0)[:, None, None] * style.frizz
    return np.asarray(points + grown * (1.2 * style.frizz * wander + size * (0.55 * own + 0.35 * wave)))


def _lengths(
    scalp: Scalp, form: Form, comb: Comb, points: F64, root: F64, leader: I32, random: np.random.Generator
) -> F64:
    """(S,) metres: grown by where it grows, then cut; also where a strand would enter the body."""
    style = comb.style
    uneven = (0.6 * random.random(len(root))[leader] + 0.4 * random.random(len(root))) ** 2
    grown = comb.grown(root)
    length = grown - np.minimum(style.layering, 0.5 * grown) * uneven
    if style.tail:
        length = np.full(len(root), longest(style)) - 0.35 * style.tail.length * uneven
    step = step_of(style)
    if style.below_chin is not None:
        back = np.clip((scalp.centre[2] - points[..., 2]) / 0.09, 0, 1)
        tip = scalp.chin_height - style.below_chin + style.nape_rise * back + style.layering * uneven[:, None]
        length = np.minimum(length, _until(points[..., 1] < tip, step))
    if style.fringe:
        inward = np.abs(scalp.azimuth(points)) / np.radians(50)
        end = _BROW_TO_FRINGE - 0.10 * np.clip(inward, 0, 1) ** 3 + 0.10 * uneven[:, None]
        cut = _until(scalp.level(points) < end, step)
        length = np.where(comb.fringe(root), np.minimum(length, cut), length)
    inside = form.distance(points.reshape(-1, 3)).reshape(points.shape[:2]) < 0
    inside[:, 0] = False
    # What kept a strand out may also have torn it apart.
    coiled = np.sqrt(1 + (2 * np.pi * style.curl * style.turns) ** 2)
    torn = np.linalg.norm(np.diff(points, axis=1), axis=2) > 1.8 * coiled * step + 0.001
    length = np.minimum(length, np.minimum(_until(inside, step), _until(torn, step) - 0.5 * step))
    return np.asarray(np.clip(length, 0.002, (points.shape[1] - 1) * step))


def _until(ended: NDArray[np.bool_], step: float) -> F64:
    """(S,) metres to the first point where `ended` (S, K) is true; all of it where it never is."""
    return np.asarray(np.where(ended.any(axis=1), np.argmax(ended, axis=1) - 0.5, ended.shape[1] - 1) * step)


def _kept_out(
    scalp: Scalp,
    form: Form,
    points: F64,
    along: F64,
    depth: F64,
    fringe: NDArray[np.bool_],
    random: np.random.Generator,
) -> F64:
    """Strands moved out of skin and clothes, and from before the face."""
    strands, steps = points.shape[:2]
    flat = points[:, 1:].reshape(-1, 3)
    shy = np.repeat(np.abs(random.normal(0, np.radians(7.0), strands)), steps - 1)
    free = clear_of_face(scalp, flat, shy)
    flat = np.where(np.repeat(fringe, steps - 1)[:, None], flat, free)
    least = UNDER + 0.0020 * np.repeat(depth, steps - 1)
    least = np.minimum(least, 0.6 * np.tile(along[1:], strands))
    points = points.copy()
    points[:, 1:] = form.pushed_out(flat, least).reshape(strands, steps - 1, 3)
    return points


def _eased(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
