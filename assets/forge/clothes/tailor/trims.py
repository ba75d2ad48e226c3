"""Stitches, seams, ribs and buttons: what tells cloth from paint when one stands before it."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from assets.forge.clothes.cloth import Hemmed
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.lines import Places, chained, isolines, onto, smoothed, stepped
from assets.forge.clothes.tailor.part import Trims
from assets.forge.source import F64

_PITCH: Final = 0.0036
"""From stitch to stitch."""


def places_on(cloth: Hemmed, points: F64) -> Places:
    """The nearest places of the cloth."""
    return onto(cloth.shell.vertices, cloth.shell.triangles, points, cloth.facing)


def lines_at(cloth: Hemmed, field: F64, where: F64 | None = None) -> list[F64]:
    """The lines on which `field` (V,) is zero, where `where` (V,) is positive."""
    shell = cloth.shell
    triangles = shell.triangles if where is None else shell.triangles[(where[shell.triangles] > 0).all(axis=1)]
    return [smoothed(line, 3) for line in isolines(shell.vertices, triangles, field)]


def stitches(cloth: Hemmed, lines: list[F64], colour: F64, *, pitch: float = _PITCH, thick: float = 0.00036) -> Trims:
    """A row of stitches along each line."""
    points, ways = _walked(lines, pitch)
    return bars(
        cloth,
        points,
        ways,
        np.array([0.5 * thick, thick, 0.31 * pitch]),
        0.0005,
        colour,
    )


def seams(cloth: Hemmed, lines: list[F64], fabric: Fabric, *, wide: float = 0.0007) -> Trims:
    """The groove where two cloths meet, along each line."""
    pitch = 0.004
    points, ways = _walked(lines, pitch)
    return bars(cloth, points, ways, np.array([0.0002, wide, 0.5 * pitch]), 0.0003, 0.5 * fabric.colour, solid=0.75)


def rims(cloth: Hemmed) -> list[F64]:
    """The borders of the cloth as closed lines (P, 3), longest first; nicks shorter than a hand's breadth left out."""
    lines = chained(cloth.shell.vertices, cloth.border.edges)
    return [smoothed(line, 4) for line in lines if np.linalg.norm(np.diff(line, axis=0), axis=1).sum() > 0.1]


def inset(cloth: Hemmed, line: F64, depth: float) -> F64:
    """A rim moved into the cloth by `depth` metres."""
    points, _ = stepped(line, 0.004)
    moved = _inward(cloth, points, depth, max(int(np.ceil(depth / 0.008)), 1))[-1].position
    return smoothed(np.concatenate([moved, moved[:1]]), 2)


def contact(cloth: Hemmed, patches: list[Hemmed], fabric: Fabric) -> Trims:
    """The thin shadow that the edges of patches throw on the cloth beneath: finer than the light sees."""
    points, ways = [np.zeros((0, 3))], [np.zeros((0, 3))]
    for made in patches:
        tree = cKDTree(made.shell.vertices[made.border.vertices], balanced_tree=False)
        for line in rims(made):
            at, way = stepped(line, 0.004)
            points.append(at + 0.0016 * made.border.onward[tree.query(at)[1]])
            ways.append(way)
    shape = np.array([0.0003, 0.0011, 0.0026])
    return bars(cloth, np.concatenate(points), np.concatenate(ways), shape, 0.0004, 0.25 * fabric.colour, solid=0.4)


def lip(cloth: Hemmed, fabric: Fabric) -> Trims:
    """The light that the rolled edge of a thick patch catches, along its rims."""
    points, ways = _walked([inset(cloth, line, 0.0012) for line in rims(cloth)], 0.004)
    return bars(cloth, points, ways, np.array([0.0004, 0.0007, 0.0024]), 0.0008, 1.7 * fabric.colour, solid=0.7)


def ribs(cloth: Hemmed, line: F64, band: float, fabric: Fabric, *, pitch: float = 0.0048) -> Trims:
    """Ridges of the knit across a band of this width along a rim."""
    rows = max(round(band / 0.0065), 1)
    step = band / rows
    points, _ = stepped(line, pitch)
    found = _inward(cloth, points, band, 2 * rows)[0::2]
    after = _inward(cloth, points, band, 2 * rows)[1::2]
    ways = [b.position - a.position for a, b in zip(found, after, strict=True)]
    shape = np.array([0.0005, 0.21 * pitch, 0.55 * step])
    return bars(
        cloth, np.concatenate([p.position for p in found]), np.concatenate(ways), shape, 0.0009, 1.12 * fabric.colour
    )


def button(cloth: Hemmed, place: F64, fabric: Fabric, *, radius: float = 0.0052) -> list[Trims]:
    """A button with a rim and four holes about the nearest place to (3,)."""
    place = places_on(cloth, place[None]).position[0]
    normal = places_on(cloth, place[None]).normal[0]
    across = np.cross(normal, [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across)
    up = np.cross(across, normal)
    rings = [(0.0, 1), (0.45, 6), (0.85, 13)]
    disc = [(r * np.cos(t), r * np.sin(t)) for r, n in rings for t in 2 * np.pi * np.arange(n) / n]
    holes = [(0.22 * np.cos(t), 0.22 * np.sin(t)) for t in np.pi / 4 + np.pi / 2 * np.arange(4)]

    def at(spots: list[tuple[float, float]]) -> F64:
        spread = radius * np.array(spots)
        return np.asarray(place + spread[:, :1] * across + spread[:, 1:] * up)

    # mother-of-pearl on what is washed, horn on wool
    body = 0.8 * fabric.colour + 0.015 if fabric.weave == "wool" else np.clip(0.35 * fabric.colour + 0.40, 0, 0.8)
    tone = np.array([0.9] + [0.92] * 6 + [1.08] * 13)[:, None] * body
    ways = np.tile(up, (len(disc), 1))
    face = bars(cloth, at(disc), ways, radius * np.array([0.10, 0.26, 0.26]), 0.0022, tone, gloss=0.05)
    dots = bars(cloth, at(holes), ways[:4], radius * np.array([0.04, 0.09, 0.09]), 0.0030, 0.15 * body)
    return [face, dots]


def _inward(cloth: Hemmed, points: F64, depth: float, steps: int) -> list[Places]:
    """Places at even steps from a rim into the cloth: in the middle of the first of `steps`, of the second, ..."""
    border = cloth.border
    tree = cKDTree(cloth.shell.vertices[border.vertices], balanced_tree=False)
    back = -border.onward[tree.query(points)[1]]
    step = depth / steps
    places, at = [], points + 0.5 * step * back
    for _ in range(steps):
        place = places_on(cloth, at)
        places.append(place)
        back = back - (back * place.normal).sum(axis=1, keepdims=True) * place.normal
        back /= np.maximum(np.linalg.norm(back, axis=1, keepdims=True), 1e-12)
        at = place.position + step * back
    return places


def _walked(lines: list[F64], pitch: float) -> tuple[F64, F64]:
    walked = [stepped(line, pitch) for line in lines] or [(np.zeros((0, 3)), np.zeros((0, 3)))]
    return np.concatenate([points for points, _ in walked]), np.concatenate([ways for _, ways in walked])


def bars(
    cloth: Hemmed,
    points: F64,
    ways: F64,
    shape: F64,
    lift: float,
    colour: F64,
    *,
    gloss: float = 0.01,
    solid: float = 1.0,
) -> Trims:
    """Gaussians of deviations `shape` (3,) (off the cloth, across the way, along it) at points (N, 3)."""
    places = places_on(cloth, points) if len(points) else _nowhere()
    along = ways - (ways * places.normal).sum(axis=1, keepdims=True) * places.normal
    length = np.linalg.norm(along, axis=1)
    # a line that turns back on itself has no direction there
    sound = length > 1e-6
    places, along = places.at(sound), along[sound] / length[sound, None]
    colour = np.broadcast_to(colour, (len(points), 3))[sound]
    count = len(along)
    return Trims(
        places=places,
        axes=np.stack([places.normal, np.cross(along, places.normal), along], axis=2),
        deviations=np.tile(shape, (count, 1)),
        lift=np.full(count, lift),
        colour=colour,
        gloss=gloss,
        solid=solid,
    )


def _nowhere() -> Places:
    return Places(np.zeros(0, np.int32), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)))
