"""What a head of hair is before it is drawn: polylines, and the guides among them that physics has bent.

A guide is walked from its root in even steps. It leaves the skin as it is combed, bends to gravity, is held down to its
layer as long as something lies beneath it, slides off head, neck and shoulders, and keeps clear of the face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.anatomy.form import Form
from assets.forge.hair.combing import Comb, clear_of_face
from assets.forge.hair.scalp import Scalp
from assets.forge.hair.styles import Style, Tail
from assets.forge.source import F64, I32

Index = NDArray[np.integer[Any]]

UNDER: Final = 0.0016
"""Metres that the lowest hair keeps from skin and clothes."""
GUIDE_DEPTH: Final = 0.6
"""Depth of the guides, from 0 against the skin to 1 outermost."""
AHEAD: Final = np.radians(76.0)
"""Azimuth of roots up to which long hair falls before the shoulders."""
_MOST_STEPS: Final = 100
_RISE: Final = 0.022
"""Metres of hair within which it comes up to its layer."""
_CROWN: Final = 0.15
"""How much higher hair stands on top of the head."""


@dataclass(frozen=True)
class Strands:
    """Polylines of equal steps; a strand's points beyond its length have no meaning."""

    points: F64
    """(S, K, 3) metres."""
    step: float
    """Metres between two points."""
    length: F64
    """(S,) metres."""
    depth: F64
    """(S,) 0 against the skin to 1 outermost."""
    lock: I32
    """(S,) which lock a strand belongs to; -1 for flyaways."""
    fine: F64
    """(S,) 1 for a single hair to be seen, 0 for a broad one that fills the hair's inside."""

    @property
    def along(self) -> F64:
        """(K,) metres from the root."""
        return np.asarray(np.arange(self.points.shape[1]) * self.step)

    def at(self, strand: Index, along: F64) -> F64:
        """(N, 3) places on strands (N,), metres (N,) from their roots."""
        place = np.clip(along / self.step, 0, self.points.shape[1] - 1.001)
        k = place.astype(np.int64)
        share = (place - k)[:, None]
        return np.asarray((1 - share) * self.points[strand, k] + share * self.points[strand, k + 1])


def longest(style: Style) -> float:
    """Metres of a style's longest strand, all the way to its tail's tip."""
    return max(style.top, style.side, style.nape) + (0.02 + style.tail.length if style.tail else 0.0)


def step_of(style: Style) -> float:
    """Metres of a step: fine enough for short hair and curls to bend, coarse enough for long hair."""
    bend = 1 / (9 * style.turns) if style.turns else 1.0
    return float(np.clip(min(longest(style) / 14, bend), 0.0012, 0.0105))


def guides(scalp: Scalp, form: Form, style: Style, roots: F64, normals: F64, seed: int) -> F64:
    """(G, K, 3) polylines from roots (G, 3) on skin with normals (G, 3)."""
    random = np.random.default_rng([seed, 33])
    step = step_of(style)
    comb = Comb(scalp, style)
    steps = min(int(np.ceil(longest(style) / step)) + 2, _MOST_STEPS)
    point, heading = roots, comb.start(roots, normals)
    stray = random.normal(0, 1, roots.shape) * [0.020, 0.012, 0.020]
    ahead = np.abs(scalp.azimuth(roots)) < AHEAD
    fringe, grown = comb.fringe(roots), comb.grown(roots)
    near_parting = _RISE * (1 - 0.6 * np.exp(-((comb.beside_parting(roots) / 0.010) ** 2)))
    points = [point]
    for k in range(1, steps):
        out, height = form.normal(point), form.distance(point)
        risen = np.clip(k * step / near_parting, 0, 1)
        wanted = np.maximum(_layer(style, comb, point, out, grown) * risen, UNDER)
        heading = heading + (step / 0.01) * (stray - [0.0, 0.01 * style.gravity if k * step > 0.012 else 0.0, 0.0])
        heading = comb.led(point, heading, out)
        heading = heading + _off_shoulders(scalp, point, ahead)
        heading = heading + _tucked(scalp, style, point)
        climb = np.clip((wanted - height) / (2.5 * step), -0.8, 0.8)
        rising = (_unit(heading) * out).sum(axis=1)
        held = style.hold * np.clip((out[:, 1] + 0.15) / 0.5, 0, 1)
        if style.tail:
            held = np.full(len(point), 1.0)
        lying = np.where(height < wanted, np.maximum(rising, climb), rising + held * (climb - rising))
        flat = heading - (heading * out).sum(axis=1, keepdims=True) * out
        heading = _unit(_unit(flat) * np.sqrt(np.maximum(1 - lying**2, 0.05))[:, None] + lying[:, None] * out)
        free = clear_of_face(scalp, point + step * heading)
        heading = _unit(np.where(fringe[:, None], point + step * heading, free) - point)
        point = point + step * heading
        points.append(point)
    path = np.stack(points, axis=1)
    return path if style.tail is None else _gathered(path, comb.gather, style.tail, step)


def _layer(style: Style, comb: Comb, point: F64, out: F64, grown: F64) -> F64:
    """(G,) height above the skin that a guide wants to be at."""
    crown = 1 + _CROWN * np.clip(out[:, 1], 0, 1) ** 2
    parted = 1 - 0.15 * np.exp(-((comb.beside_parting(point) / 0.009) ** 2))
    return np.asarray(GUIDE_DEPTH * np.minimum(style.volume, 0.5 * grown) * crown * parted)


def _off_shoulders(scalp: Scalp, point: F64, ahead: NDArray[np.bool_]) -> F64:
    """(G, 3) draws long hair together in front of or behind the shoulders, so that it does not slide out along them."""
    low = _eased((scalp.chin_height + 0.03 - point[:, 1]) / 0.09)
    wide = np.clip((np.abs(point[:, 0]) - np.where(ahead, 0.085, 0.055)) / 0.04, 0, 1)
    push = np.zeros_like(point)
    push[:, 0] = -np.sign(point[:, 0]) * np.where(ahead, 0.25, 0.42) * wide * low
    behind = np.clip((point[:, 2] - scalp.centre[2] + 0.075) / 0.05, 0, 1)
    before = np.clip((scalp.centre[2] + 0.075 - point[:, 2]) / 0.05, 0, 1)
    push[:, 2] = np.where(ahead, 0.40 * before, -0.45 * behind) * low
    return push


def _tucked(scalp: Scalp, style: Style, point: F64) -> F64:
    """(G, 3) turns tips inwards towards the neck."""
    if style.below_chin is None or not style.tuck:
        return np.zeros_like(point)
    end = scalp.chin_height - style.below_chin
    near = np.clip(1 - (point[:, 1] - end) / 0.09, 0, 1)
    inward = scalp.centre - point
    inward[:, 1] = 0
    return np.asarray(0.35 * style.tuck * near[:, None] * _unit(inward))


def _gathered(path: F64, gather: F64, tail: Tail, step: float) -> F64:
    """Guides that end where all come together, and go on along the tail from there."""
    away = np.linalg.norm(path - gather, axis=2)
    arrival = np.argmin(away, axis=1)
    count, steps = path.shape[:2]
    middle, tangent = _tail_line(gather, tail, step, steps)
    strand = np.arange(count)
    offset = path[strand, arrival] - gather
    offset -= (offset @ tangent[0])[:, None] * tangent[0]
    offset *= np.minimum(1, 0.009 / np.maximum(np.linalg.norm(offset, axis=1), 1e-9))[:, None]
    after = np.arange(steps)[None] - arrival[:, None]
    u = np.clip(after, 0, steps - 1)
    along = u * step / tail.length
    swell = 1 + (tail.radius / 0.009 - 1) * _eased(along / 0.25) * (1 - 0.65 * np.clip(along - 0.45, 0, 1))
    on_tail = middle[u] + swell[..., None] * _turned(offset, tangent[0], tangent[u])
    blend = _eased((after + 6) / 12.0)[..., None]
    return np.asarray((1 - blend) * path + blend * on_tail)


def _tail_line(gather: F64, tail: Tail, step: float, steps: int) -> tuple[F64, F64]:
    """(K, 3) the middle of a tail and its unit tangents: a falling arc, or a coil behind the gathering."""
    s = np.arange(steps) * step
    if tail.coil:
        turn = s / tail.coil
        out, side = _unit(gather * [0.0, 0.0, 1.0] + [0.0, 0.25, -1.0]), np.array([1.0, 0.0, 0.0])
        up = np.cross(out, side)
        radius = tail.coil * np.clip(1 - 0.18 * turn / (2 * np.pi), 0.3, 1)
        rise = 0.010 + 0.006 * np.sin(turn / 3)
        middle = (
            gather + rise[:, None] * out + radius[:, None] * (np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * up)
        )
    else:
        fall = np.radians(20) + np.radians(68) * (1 - np.exp(-s / 0.035))
        heading = np.stack([0.06 * np.sin(s * 16), -np.sin(fall), -np.cos(fall)], axis=1)
        middle = gather + np.concatenate([np.zeros((1, 3)), np.cumsum(step * heading, axis=0)[:-1]])
    return middle, _unit(np.gradient(middle, axis=0))


def _turned(offset: F64, first: F64, tangents: F64) -> F64:
    """Offsets (G, 3) across `first`, turned to lie across tangents (G, K, 3) by the shortest rotation."""
    axis = np.cross(first, tangents)
    cosine = (tangents @ first)[..., None]
    across = np.broadcast_to(offset[:, None], tangents.shape)
    along_axis = (axis * across).sum(axis=2, keepdims=True)
    return np.asarray(across * cosine + np.cross(axis, across) + axis * along_axis / np.maximum(1 + cosine, 0.2))


def _eased(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
