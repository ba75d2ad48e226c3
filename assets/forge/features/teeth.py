"""Teeth one by one: crowns in a row along the jaw's arch, and the gum that they come out of.

MakeHuman's teeth are a bar; it says how wide the jaw is and how it moves. Widths and heights of crowns are Wheeler's
("Dental Anatomy"). A crown is a stack of rings, narrow and thick at the gum, wide and thin at its edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.forge.anatomy.body import Body
from assets.forge.features.rigid import rigid_motion
from assets.forge.layer import Surface, surface_of
from assets.forge.source import F64, I32

_UPPER: Final = ((8.5, 10.5), (6.6, 9.2), (7.6, 10.2), (7.0, 8.5), (6.8, 8.2), (10.0, 7.4), (9.5, 7.0))
_LOWER: Final = ((5.3, 8.8), (5.8, 9.2), (6.8, 10.4), (7.0, 8.6), (7.1, 8.0), (11.0, 7.4), (10.5, 7.0))
"""Width and height of each crown from the midline backwards, millimetres."""
_SHORT: Final = (0.0, 0.6, 0.1, 0.5, 0.7, 1.0, 1.1)
"""How far each edge stays behind that of the first incisor, millimetres."""
_THICK: Final = (3.3, 3.1, 3.8, 4.2, 4.4, 5.2, 5.2)
"""Half a crown's thickness at the gum, millimetres."""
_CANINE: Final = 2
_LEVELS: Final = np.array([0.0, 0.05, 0.16, 0.40, 0.70, 0.95, 1.15])
"""Heights of a crown's rings, edge to below the gum's line, as shares of its height."""
_AROUND: Final = 16
_FLAT: Final = 2.6
"""Exponent of a ring's superellipse."""
_FALL, _BEND = 0.535, 2.5
"""The arch falls back _FALL |x / 0.1 m|^_BEND metres."""
_BAR: Final = 0.0345
"""Half the width of MakeHuman's bar in a jaw whose teeth are as wide as Wheeler's, metres."""
_PAPILLA: Final = 0.0026
"""How far the gum comes down between neighbours, metres."""
_GUM_ROWS: Final = ((-8.0, 3.0), (-6.0, 0.3), (-1.2, 0.0), (-0.35, 0.15), (0.25, 1.6), (0.1, 4.0), (-1.6, 8.0))
"""Outwards and away from the edge of each line of gum, millimetres from the arch and from the gum's edge."""
_GUM_STEPS: Final = 81


@dataclass(frozen=True)
class Row:
    """One jaw's teeth and gum; crowns stand first in the mesh."""

    surface: Surface
    crowns: int
    """Triangles that are crowns."""
    tooth: I32
    """(V,) from 0 at the midline to 6 at the back; -1 for gum."""
    height: F64
    """(V,) on crowns 0 at the edge and 1 at the gum; on gum metres from its edge."""
    across: F64
    """(V,) -1 to 1 from one neighbour to the other."""


def row(body: Body, part: str, middle: F64) -> Row:
    """The teeth of `upper_teeth` or `lower_teeth`; middle (3,): of the front edge, between the first incisors."""
    upper = part == "upper_teeth"
    bar = surface_of(body, body.triangles[part])
    scale = float(np.abs(bar.vertices[:, 0]).max()) / _BAR
    sizes = scale * np.array(_UPPER if upper else _LOWER) / 1000
    edges = np.concatenate([[0.0], np.cumsum(sizes[:, 0])])
    up = np.array([0.0, 1.0 if upper else -1.0, 0.0])
    points, faces, facts = [], [], []
    first = 0
    for number, (width, height) in enumerate(sizes):
        for side in (1.0, -1.0):
            place, along, out = _arch(np.array([side * (edges[number] + width / 2)]))
            crown, share, aside = _crown(number, float(width), float(height), upper=upper)
            points.append(middle + place + crown @ np.concatenate([along, up[None], out]))
            faces.append(_outwards(points[-1], _stacked(len(_LEVELS))) + first)
            facts.append(np.column_stack([np.full(len(crown), number), share, aside]))
            first += len(crown)
    crowns = sum(len(each) for each in faces)
    gum, gum_faces, from_edge = _gum(sizes, edges, up)
    points.append(middle + gum)
    faces.append(gum_faces + first)
    facts.append(np.column_stack([np.full(len(gum), -1), from_edge, np.zeros(len(gum))]))
    vertices, fact = np.concatenate(points), np.concatenate(facts)
    shapes = np.zeros((len(bar.shapes), len(vertices), 3), np.float32)
    for k, moved in enumerate(bar.shapes):
        if np.any(moved):
            turn, shift = rigid_motion(bar.vertices, bar.vertices + moved)
            shapes[k] = vertices @ (turn - np.eye(3)).T + shift
    surface = Surface(
        vertices,
        np.concatenate(faces).astype(np.int32),
        np.repeat(bar.skin_joints[:1], len(vertices), axis=0),
        np.repeat(bar.skin_weights[:1], len(vertices), axis=0),
        shapes,
    )
    return Row(surface, crowns, fact[:, 0].astype(np.int32), fact[:, 1], fact[:, 2])


def _crown(number: int, width: float, height: float, *, upper: bool) -> tuple[F64, F64, F64]:
    """Points (M, 3) of one crown (along the arch, away from the edge, outwards), each one's share of the height, and
    where it is across the tooth."""
    t = np.repeat(_LEVELS, _AROUND)
    turn = np.tile(np.arange(_AROUND) * 2 * np.pi / _AROUND, len(_LEVELS))
    c, s = np.cos(turn), np.sin(turn)
    a = np.sign(c) * np.abs(c) ** (2 / _FLAT)
    b = np.sign(s) * np.abs(s) ** (2 / _FLAT)
    round_edge = np.sqrt(np.clip(1 - (1 - np.minimum(t / 0.16, 1)) ** 2, 0, 1))
    half_width = 0.5 * width * (1.0 - 0.24 * np.clip(t, 0, 1) ** 1.8) * (0.80 + 0.19 * round_edge)
    thick = _THICK[number] / 1000 * (0.16 if number <= _CANINE else 0.62)
    half_depth = thick + (_THICK[number] / 1000 - thick) * np.clip(t, 0, 1) ** 0.8
    half_depth = half_depth * (0.35 + 0.65 * round_edge)
    # the front leans in towards the edge and swells above the gum
    front = 0.0003 - 0.0011 * (t - 0.72) ** 2 / 0.5
    outwards = front - half_depth + half_depth * b
    point = 0.0015 * np.abs(a) if number == _CANINE else 0.0003 * np.abs(a) ** 3
    from_edge = t * height + _SHORT[number] / 1000 * (1 if upper else 0.5)
    from_edge = from_edge + (1 - np.clip(t / 0.3, 0, 1)) * point
    return np.column_stack([half_width * a, from_edge, outwards]), t, a


def _gum(sizes: F64, edges: F64, up: F64) -> tuple[F64, I32, F64]:
    """Points, triangles, and each point's metres from the gum's edge."""
    along = np.linspace(-edges[-1], edges[-1], _GUM_STEPS)
    tooth = np.clip(np.searchsorted(edges, np.abs(along)) - 1, 0, len(sizes) - 1)
    aside = 2 * (np.abs(along) - edges[tooth]) / sizes[tooth, 0] - 1
    edge = sizes[tooth, 1] + np.array(_SHORT)[tooth] / 1000 - _PAPILLA * np.abs(aside) ** 2.4
    place, _, out = _arch(along)
    points = []
    for outwards, away in np.array(_GUM_ROWS) / 1000:
        height = edge + away if away > 0 else edge - 0.0004
        points.append(place + outwards * out + height[:, None] * up)
    count = len(_GUM_ROWS)
    number = np.arange(count * _GUM_STEPS).reshape(count, _GUM_STEPS)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    faces = np.concatenate([np.stack([a, b, c], 2).reshape(-1, 3), np.stack([b, d, c], 2).reshape(-1, 3)])
    if up[1] < 0:
        faces = faces[:, ::-1]
    from_edge = np.repeat(np.array(_GUM_ROWS)[:, 1] / 1000, _GUM_STEPS)
    return np.concatenate(points), faces.astype(np.int32), from_edge


def _arch(along: F64) -> tuple[F64, F64, F64]:
    """Places (N, 3) this far along the arch from the midline, directions along it and outwards."""
    x = np.linspace(0, 0.06, 241)
    z = -_FALL * (x / 0.1) ** _BEND
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    side, away = np.where(along < 0, -1.0, 1.0), np.abs(along)
    place = np.column_stack([side * np.interp(away, length, x), np.zeros(len(away)), np.interp(away, length, z)])
    slope = -_FALL * _BEND / 0.1 * (np.abs(place[:, 0]) / 0.1) ** (_BEND - 1) * side
    heading = np.column_stack([np.ones(len(away)), np.zeros(len(away)), slope])
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    return place, heading, np.column_stack([-heading[:, 2], np.zeros(len(away)), heading[:, 0]])


def _stacked(rings: int) -> I32:
    """Triangles between rings of _AROUND points, and over the first of them."""
    number = np.arange(rings * _AROUND).reshape(rings, _AROUND)
    a, b = number[:-1], number[1:]
    c, d = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    cap = np.stack([np.zeros(_AROUND - 2, np.int64), np.arange(2, _AROUND), np.arange(1, _AROUND - 1)], axis=1)
    faces = [np.stack([a, b, c], 2).reshape(-1, 3), np.stack([c, b, d], 2).reshape(-1, 3), cap]
    return np.concatenate(faces).astype(np.int32)


def _outwards(points: F64, faces: I32) -> I32:
    """The faces of a closed piece, all turned over if they look into it."""
    corners = points[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outward = ((corners.mean(axis=1) - points.mean(axis=0)) * normal).sum() > 0
    return faces if outward else faces[:, ::-1]
