"""From finished cloth to a layer: surfels that lie along the thread and close up at edges, and trims on top.

Hollows of the folds are darker than the light alone would have it: it sees no further than half a centimetre.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from assets.avatar import Gaussians
from assets.forge.clothes.cloth import Hemmed, averaging, parted
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part, Trims
from assets.forge.clothes.tailor.threads import THREADS, threads
from assets.forge.layer import Layer, Surface, bind, chosen, joined, shifted, stacked, vertex_normals
from assets.forge.sampling import Samples, scatter
from assets.forge.source import F64, I32

_OVERLAP: Final = 0.77
_FIRM: Final = 0.68
"""Deviations of surfels over their spacing, of cloth and of what has no thread."""
_ABOVE: Final = 0.32
"""What lies on cloth is lifted by this share of the deviation of the surfels beneath."""
_HOLLOW: Final = ((8, 85.0), (30, 18.0))
"""Rounds of smoothing, and how much darker cloth is for each metre that it lies below what they leave."""
_STANDS: Final = 0.65
"""Metres from who talks to whom."""
_FALL: Final = 0.45
"""Power with which samples stand closer as they are nearer."""
_BEHIND: Final = 0.45
_BEHIND_WEAVE: Final = 1.6
"""Backs are seen from farther away, by this share; their weave is looked at less still."""
_ON_FEET: Final = 1.35
"""How much closer samples stand on feet than that: shoes and hems have shapes finer than other cloth."""
_FEET: Final = 0.17
"""Metres above the floor, for a person of 1.68 m, where that ends."""
_TURNED: Final = 0.3
"""Cosine between a sample's own normal and its cloth's below which it lies on a rolled edge or a lining."""
_MOST_TRIMS: Final = 0.25
"""Of all Gaussians of a piece."""


def sewn(measures: Measures, parts: list[Part], count: int, seed: int) -> Layer:
    """The piece as about `count` Gaussians in a progressive order."""
    parts = [_restricted(part) for part in parts if part.seen().any()]
    surfaces = [part.cloth.shell.surface(measures.body) for part in parts]
    whole, first = stacked(surfaces)
    random = np.random.default_rng([seed, 61])
    weights = [_weight(measures, part, surface) for part, surface in zip(parts, surfaces, strict=True)]
    wants = [float((w * w * _areas(s.vertices, s.triangles)).sum()) for w, s in zip(weights, surfaces, strict=True)]
    spacing = np.sqrt(sum(wants) / count)
    made = [
        _Made.of_trims(trims, surfaces[k], spacing / weights[k], first[k], random)
        for k, part in enumerate(parts)
        for trims in part.trims
    ]
    wanted = sum(len(each.order) for each in made)
    share = min(1.0, _MOST_TRIMS * count / max(wanted, 1))
    made = [each.thinned(share) for each in made]
    left = count - sum(len(each.order) for each in made)
    for k, (part, surface, weight) in enumerate(zip(parts, surfaces, weights, strict=True)):
        number = max(round(left * wants[k] / sum(wants)), 8)
        shade = _hollows(part.cloth) * np.asarray(part.tone)
        if part.fabric.weave in THREADS:
            far = _far(measures, surface.vertices[surface.triangles].mean(axis=1), _BEHIND_WEAVE)
            fine = round(THREADS[part.fabric.weave].share * number)
            on_top = threads(measures, part, surface, shade, fine, far, random)
            made.append(_Made.of_trims(on_top, surface, spacing / weight, first[k], random))
            number -= len(made[-1].order)
            shade = shade * THREADS[part.fabric.weave].beneath
        made.append(_Made.of_cloth(measures, part, surface, shade, weight, number, first[k], seed + k))
    order = np.argsort(-np.concatenate([each.order for each in made]), kind="stable")
    gaussians = chosen(joined([each.gaussians for each in made]), order)
    return Layer(
        surface=whole,
        gaussians=gaussians,
        normals=np.concatenate([each.normals for each in made])[order].astype(np.float32),
        importance=(1 - (np.arange(len(order)) + 0.5) / len(order)).astype(np.float32),
        lit=np.ones(len(order), np.float32),
        gloss=np.concatenate([each.gloss for each in made])[order].astype(np.float32),
        scatter=(0.12, 0.12, 0.12),
        fuzz=parts[0].fabric.yarn.fuzz,
    )


def demand(measures: Measures, parts: list[Part]) -> float:
    """How many Gaussians the parts want, next to those of other pieces."""
    total = 0.0
    for part in parts:
        shell, seen = part.cloth.shell, part.seen()
        triangles = shell.triangles[seen]
        detail = np.broadcast_to(np.asarray(part.detail, np.float64), len(shell.vertices))[triangles].mean(axis=1)
        weight = detail * _near(measures, shell.vertices[triangles].mean(axis=1))
        total += float((weight**2 * _areas(shell.vertices, triangles)).sum())
    return total


def _restricted(part: Part) -> Part:
    """Without the triangles that nobody sees."""
    seen = part.seen()
    if seen.all():
        return part
    cloth, triangles = part.cloth, part.cloth.shell.triangles[seen]
    used = np.unique(triangles)

    def of(values: F64 | float) -> F64 | float:
        return values[used] if isinstance(values, np.ndarray) else values

    kept = replace(
        cloth,
        shell=parted(cloth.shell, triangles),
        facing=cloth.facing[used],
        onward=cloth.onward[used],
        lining=cloth.lining_among(used),
    )
    trims = tuple(each.on(seen) for each in part.trims)
    return Part(kept, part.fabric, of(part.detail), of(part.tone), trims)


@dataclass(frozen=True)
class _Made:
    gaussians: Gaussians
    normals: F64
    gloss: F64
    order: F64
    """(N,) importance, 0 to 1."""

    def thinned(self, share: float) -> _Made:
        if share >= 1:
            return self
        kept = np.argsort(-self.order, kind="stable")[: int(share * len(self.order))]
        order = 1 - (1 - self.order[kept]) / share  # as evenly among all others as before
        return _Made(chosen(self.gaussians, kept), self.normals[kept], self.gloss[kept], order)

    @staticmethod
    def of_trims(trims: Trims, surface: Surface, spacing: F64, first: int, random: np.random.Generator) -> _Made:
        """They stand so high above surfels `spacing` (F,) metres apart that none of those is drawn over them."""
        places = trims.places
        lift = trims.lift + _ABOVE * _OVERLAP * spacing[places.triangle]
        gaussians = bind(
            surface,
            places.triangle,
            places.barycentric,
            trims.axes,
            trims.deviations,
            np.clip(trims.colour, 0.0, 0.9),
            position=places.position + lift[:, None] * places.normal,
            opacity=trims.solid,
        )
        count = len(places.triangle)
        order = (random.permutation(count) + 0.5) / max(count, 1)
        return _Made(shifted(gaussians, first), places.normal, np.full(count, trims.gloss), order)

    @staticmethod
    def of_cloth(
        measures: Measures,
        part: Part,
        surface: Surface,
        shade: F64,
        weight: F64,
        count: int,
        first: int,
        seed: int,
    ) -> _Made:
        cloth, fabric, shell = part.cloth, part.fabric, part.cloth.shell
        corners = surface.triangles
        samples = scatter(surface.vertices, corners, count, seed, detail=weight)
        facing = _unit(samples.corner_values(cloth.facing[corners]))
        axes, deviations = _shapes(measures, part, samples, facing)
        flat = samples.corner_values(shell.at[corners])
        arm = samples.corner_values(shell.of(measures.arm)[corners])
        across, along = measures.around(flat, arm)
        albedo = fabric.albedo(across, along, seed) * samples.corner_values(shade[corners])[:, None]
        gaussians = bind(surface, samples.triangle, samples.barycentric, axes, deviations, np.clip(albedo, 0.0, 0.9))
        number = len(samples)
        order = 1 - (np.arange(number) + 0.5) / max(number, 1)
        # the shading normal is the folds' own, the rolled edge's and the lining's that of the cloth beside it
        turned = (samples.normal * facing).sum(axis=1, keepdims=True) < _TURNED
        normal = np.where(turned, facing, _unit(samples.normal + facing))
        return _Made(shifted(gaussians, first), normal, np.full(number, fabric.yarn.gloss), order)


def _shapes(measures: Measures, part: Part, samples: Samples, facing: F64) -> tuple[F64, F64]:
    """Axes (N, 3, 3) and deviations (N, 3): along the thread within, along the edge and no wider than it at edges."""
    cloth, corners = part.cloth, part.cloth.shell.triangles
    away, nearest = cKDTree(cloth.edge, balanced_tree=False).query(samples.position)
    on = cloth.edge[nearest] - samples.position + 0.004 * samples.corner_values(cloth.onward[corners])
    on = _unit(on - (on * facing).sum(axis=1, keepdims=True) * facing)
    flat = samples.corner_values(cloth.shell.at[corners])
    down = measures.down(flat, samples.corner_values(cloth.shell.of(measures.arm)[corners]))
    down += 1e-3 * np.array([0.3, 0.1, 1.0])  # what faces straight down has a way too
    down = _unit(down - (down * facing).sum(axis=1, keepdims=True) * facing)
    radius = (_FIRM if part.fabric.weave in ("leather", "rubber") else _OVERLAP) * samples.spacing
    at_edge = away < 2.2 * radius
    stretch = np.sqrt(part.fabric.yarn.elongation)
    second = np.where(at_edge[:, None], on, np.cross(facing, down))
    across = np.where(at_edge, np.clip(0.6 * away + 0.0006, 0.0, radius), radius / stretch)
    along = np.where(at_edge, radius, radius * stretch)
    axes = np.stack([facing, second, np.cross(facing, second)], axis=2)
    return axes, np.stack([0.12 * radius, across, along], axis=1)


def _far(measures: Measures, points: F64, behind: float) -> F64:
    """(N,) metres from the nearest eye of somebody who stands before the wearer and talks, or walks around and keeps
    farther away there, by the share `behind`."""
    head = measures.joint("head") + np.array([0.0, 0.08 * measures.size, 0.0])
    turns = np.radians([-150, -110, -70, -35, 0, 35, 70, 110, 150, 180])
    eyes = head + np.stack([_STANDS * np.sin(turns), 0 * turns, _STANDS * np.cos(turns)], axis=1)
    away = np.linalg.norm(points[:, None] - eyes, axis=2) * (1 + behind * (1 - np.cos(turns)) / 2)
    return np.asarray(away.min(axis=1))


def _near(measures: Measures, points: F64) -> F64:
    """(N,) how close samples stand: nearly as pictures of them would be."""
    near = (_STANDS / np.maximum(_far(measures, points, _BEHIND), 0.5 * _STANDS)) ** _FALL
    foot = np.clip((_FEET * measures.size - points[:, 1]) / (0.3 * _FEET * measures.size), 0, 1)
    return np.asarray(near * (1 + (_ON_FEET - 1) * foot))


def _weight(measures: Measures, part: Part, surface: Surface) -> F64:
    """(F,) how close samples stand: closest where people look, at edges and beside trims."""
    centre = surface.vertices[surface.triangles].mean(axis=1)
    away = cKDTree(part.cloth.edge, balanced_tree=False).query(centre)[0]
    close = _near(measures, centre) * (1 + 0.6 * np.exp(-((away / 0.008) ** 2)))
    if part.trims:
        lines = np.concatenate([trims.places.position for trims in part.trims])
        if len(lines):
            away = cKDTree(lines, balanced_tree=False).query(centre)[0]
            close *= 1 + 0.4 * np.exp(-((away / 0.008) ** 2))
    detail = np.broadcast_to(np.asarray(part.detail, np.float64), len(surface.vertices))[surface.triangles].mean(axis=1)
    return np.asarray(detail * close)


def _hollows(cloth: Hemmed) -> F64:
    """(V,) 1 on the level, less in the hollows of folds, a little more on their ridges.

    What is hollow before the cloth falls is the body's own shape, and the light's business.
    """
    shell = cloth.shell
    inner = len(shell.vertices) - len(cloth.lining)
    triangles = shell.triangles[(shell.triangles < inner).all(axis=1)]
    vertices, flat = shell.vertices[:inner], shell.at[:inner]
    normal = vertex_normals(vertices, triangles)
    step = averaging(triangles, inner)
    smooth, shade, done = np.stack([vertices, flat], axis=2), np.zeros(inner), 0
    before = smooth
    for rounds, strength in _HOLLOW:
        for _ in range(rounds - done):
            smooth = 0.5 * smooth + 0.5 * (step @ smooth.reshape(inner, 6)).reshape(smooth.shape)
        done = rounds
        height = np.einsum("vck,vc->vk", before - smooth, normal)
        shade += strength * (height[:, 0] - height[:, 1])
    for _ in range(2):
        shade = np.asarray(step @ shade)
    shade = 1 + np.clip(shade, -0.24, 0.10)
    return np.concatenate([shade, shade[cloth.lining]])


def _areas(vertices: F64, triangles: I32) -> F64:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return np.asarray(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2)


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
