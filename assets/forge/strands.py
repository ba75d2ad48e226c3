"""Grows strands of hair: from a side parting over the skull and down to the chin, in locks, clear of the face.

Each strand is walked in steps of one length. It keeps its direction, bends to gravity, and is held at its own height
above the solid of `Scalp`, so it lies on the skull and hangs as a curtain below. Locks then draw their strands together
towards the tips, and waves bend whole locks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.body import Body
from assets.forge.noise import noise
from assets.forge.sampling import scatter
from assets.forge.scalp import Scalp
from assets.forge.source import F64, I32

STEP: Final = 0.011
"""Metres between two points of a strand."""
UNDER: Final = 0.0014
"""Metres from the scalp to the under-layer that strands lie on."""
_MOST_STEPS: Final = 34
_PARTING_X: Final = 0.026
"""How far left of the middle the hair is parted."""
_PARTING_END: Final = -0.035
"""Where the parting ends, from the skull's centre forwards."""
_CROWN: Final = 0.2
"""How much higher hair stands on top of the head."""
WINDOW: Final = np.radians(57.0)
"""Azimuth up to which the face stays free below the hairline."""
_FREE_HEIGHT: Final = np.array([0.26, 0.42, 0.52, 0.57, 0.62])
_FREE_AZIMUTH: Final = WINDOW * np.array([1.0, 0.80, 0.52, 0.25, 0.0])
"""The same up to the hairline, by height in parts of the way from the eyes to the crown."""


@dataclass(frozen=True)
class Cut:
    """A style, in metres."""

    tip_below_chin: float = 0.014
    """Where the hair ends at the sides."""
    nape_rise: float = 0.014
    """How much higher it ends at the back."""
    volume: float = 0.017
    """Height of the outermost hair above the skull."""
    wave: float = 0.0035
    layering: float = 0.030
    """How much higher than the longest the shortest strands end."""


@dataclass(frozen=True)
class Strands:
    """Polylines of equal steps."""

    points: F64
    """(S, K, 3); beyond its end a strand repeats its last point."""
    steps: I32
    """(S,) segments of each strand, at least 2."""
    depth: F64
    """(S,) 0 against the skull to 1 outermost."""
    lock: I32
    """(S,) which lock a strand belongs to."""


def grow(body: Body, scalp: Scalp, triangles: NDArray[np.bool_], cut: Cut, *, count: int, seed: int) -> Strands:
    """About `count` strands from the body triangles marked in `triangles` (F,)."""
    random = np.random.default_rng([seed, 31])
    start, normal = _roots(body, scalp, triangles, count, seed)
    spots = np.arange(max(len(start) // 9, 1))
    # Locks do not reach over the parting.
    behind = np.clip((start[:, 2] - scalp.centre[2] - _PARTING_END) / 0.03, 0, 1)
    apart = np.column_stack([start, 0.04 * behind * np.sign(start[:, 0] - _parting(scalp, start))])
    lock = cKDTree(apart[spots]).query(apart)[1].astype(np.int32)
    height = cut.volume * (0.12 + 0.88 * random.beta(1.6, 1.0, len(start)))
    beside = np.abs(random.normal(0, np.radians(8.0), len(start)))
    points = _walk(scalp, cut, start, _combed(scalp, start, normal), height, beside, seed)
    points = _in_locks(points, lock, random)
    points = _waved(points, lock, cut, seed)
    points = _held(scalp, points, height)
    flat = _clear_of_face(scalp, points.reshape(-1, 3), np.repeat(beside, points.shape[1]))
    points = flat.reshape(points.shape)
    steps = _lengths(scalp, cut, points, lock, random)
    return Strands(points, steps, height / cut.volume, lock)


def _roots(body: Body, scalp: Scalp, triangles: NDArray[np.bool_], count: int, seed: int) -> tuple[F64, F64]:
    """Positions and skin normals, each (S, 3), in progressive order; closer at the parting and the front hairline."""
    faces = body.triangles["body"][triangles]
    centres = body.vertices[faces].mean(axis=1)
    ahead = centres[:, 2] - scalp.centre[2]
    parting = np.exp(-(((centres[:, 0] - _parting(scalp, centres)) / 0.016) ** 2)) * (ahead > _PARTING_END - 0.02)
    front = np.exp(-((scalp.inside_hairline(centres) / 0.016) ** 2)) * (ahead > 0.02)
    roots = scatter(body.vertices, faces, count, seed, detail=1 + np.maximum(1.6 * parting, 1.2 * front))
    return roots.position, roots.normal


def _combed(scalp: Scalp, start: F64, normal: F64) -> F64:
    """(S, 3) the direction in which hair leaves the skull: away from the parting, radially round its hind end."""
    hind = scalp.centre[2] + _PARTING_END
    line = np.stack([_parting(scalp, start), start[:, 1], np.maximum(start[:, 2], hind)], axis=1)
    away = start - line
    away[:, 1] = 0
    away = _unit(away)
    backwards = 0.12 + 0.45 * np.clip((hind + 0.03 - start[:, 2]) / 0.05, 0, 1)
    ahead = np.clip((start[:, 2] - scalp.centre[2]) / 0.09, 0, 1) ** 2
    away[:, 2] -= backwards + ahead * (0.3 + 0.7 * np.exp(-((scalp.inside_hairline(start) / 0.012) ** 2)))
    away[:, 1] -= 2.5 * np.clip((scalp.centre[1] + 0.04 - start[:, 1]) / 0.05, 0, 1)
    tangent = away - (away * normal).sum(1, keepdims=True) * normal
    return _unit(_unit(tangent) + 0.35 * normal)


def _parting(scalp: Scalp, points: F64) -> F64:
    """(N,) x of the parting at the points' z; a little crooked, as a comb draws it."""
    along = points[:, 2] - scalp.centre[2] - _PARTING_END
    return np.asarray(_PARTING_X - 0.012 * np.clip(1 - along / 0.12, 0, 1) + 0.0012 * np.sin(along * 190))


def _walk(scalp: Scalp, cut: Cut, start: F64, direction: F64, height: F64, beside: F64, seed: int) -> F64:
    random = np.random.default_rng([seed, 33])
    points = [start]
    point, heading = start.copy(), direction.copy()
    stray = random.normal(0, 1, (len(start), 3)) * [0.022, 0.012, 0.022]
    end = scalp.chin_height - cut.tip_below_chin
    for step in range(_MOST_STEPS):
        out = scalp.normal(point)
        left = np.clip((point[:, 1] - end) / 0.07, 0, 1)
        rise = min(0.35 + 0.65 * (step + 1) * STEP / 0.04, 1.0)
        lift = 1 + _CROWN * np.clip(out[:, 1], 0, 1) ** 2
        lift -= (
            0.45 * np.exp(-(((point[:, 0] - _parting(scalp, point)) / 0.030) ** 2)) * (point[:, 1] > scalp.centre[1])
        )
        wanted = height * lift * rise * (0.6 + 0.4 * left) - 0.006 * (1 - left) ** 2
        wanted = np.maximum(wanted, UNDER + 0.001)
        heading = heading + np.array([0.0, -0.19 if step > 1 else -0.04, 0.0]) + stray
        heading -= (heading * out).sum(1, keepdims=True) * out
        climb = np.clip((wanted - scalp.distance(point)) / STEP, -0.7, 0.7)
        heading = _unit(_unit(heading) + climb[:, None] * out)
        heading = _unit(_clear_of_face(scalp, point + STEP * heading, beside) - point)
        point = point + STEP * heading
        points.append(point)
    return np.stack(points, axis=1)


def _in_locks(points: F64, lock: I32, random: np.random.Generator) -> F64:
    """Strands drawn towards the leader of their lock (strand k leads lock k), the more the farther from the root."""
    along = np.arange(points.shape[1]) * STEP
    pull = (0.2 + 0.5 * random.random(len(points)))[:, None] * np.clip((along - 0.01) / 0.14, 0, 1)[None]
    offset = points[lock] - points
    # A strand goes its own way where its leader went far off, as on the other side of the parting.
    near = np.exp(-((np.linalg.norm(offset, axis=2) / 0.03) ** 2))
    return np.asarray(points + (pull * np.minimum.accumulate(near, axis=1))[..., None] * offset)


def _waved(points: F64, lock: I32, cut: Cut, seed: int) -> F64:
    """Locks sway a little sideways, and every strand wanders within its lock."""
    random = np.random.default_rng([seed, 32])
    locks = int(lock.max()) + 1
    along = np.arange(points.shape[1]) * STEP
    phase, pace = random.uniform(0, 2 * np.pi, locks)[lock, None], random.uniform(45, 80, locks)[lock, None]
    size = cut.wave * (random.gamma(3.0, 1 / 3.0, locks)[lock, None] * np.clip(along / 0.14, 0, 1) ** 1.5)
    tangent = _unit(np.gradient(points, axis=1))
    side = _unit(np.cross(tangent, points - points[:, :1] + [0.0, 0.0, 1e-3]) + 1e-9)
    wander = np.stack([noise(points.reshape(-1, 3) + 7.0 * k, 0.03, seed + k, 2) for k in range(3)], axis=1)
    loose = 0.0025 * np.clip(along / 0.12, 0, 1)[None, :, None]
    own = random.normal(0, 0.0011, (len(points), 1, 3)) * np.clip(along / 0.05, 0, 1)[None, :, None]
    swayed = points + (size * np.sin(along * pace + phase))[..., None] * side
    return np.asarray(swayed + loose * wander.reshape(points.shape) + own)


def _held(scalp: Scalp, points: F64, height: F64) -> F64:
    """Pushes what waves lifted off its layer back down, and what they pressed into the skull out."""
    flat = points.reshape(-1, 3)
    above = scalp.distance(flat)
    out = scalp.normal(flat)
    most = np.repeat(height, points.shape[1]) * (1 + _CROWN * np.clip(out[:, 1], 0, 1) ** 2) + 0.001
    least = np.tile(np.minimum(np.arange(points.shape[1]), 1) * UNDER, len(points))
    excess = above - np.clip(above, least, np.maximum(most, least))
    return np.asarray((flat - 0.8 * excess[:, None] * out).reshape(points.shape))


def _clear_of_face(scalp: Scalp, points: F64, margin: F64) -> F64:
    """Turns what hangs below the hairline before the face aside about the vertical axis; `margin` (N,) more radians."""
    away = points - scalp.centre
    azimuth, level = np.arctan2(away[:, 0], away[:, 2]), np.hypot(away[:, 0], away[:, 2])
    height = (points[:, 1] - scalp.eye_height) / (scalp.crown_height - scalp.eye_height)
    free = np.interp(height, _FREE_HEIGHT, _FREE_AZIMUTH)
    free = free + margin * np.clip(free / WINDOW, 0, 1)
    turned = np.where(np.abs(azimuth) < free, np.sign(azimuth) * free, azimuth)
    return np.asarray(scalp.centre + np.stack([level * np.sin(turned), away[:, 1], level * np.cos(turned)], axis=1))


def _lengths(scalp: Scalp, cut: Cut, points: F64, lock: I32, random: np.random.Generator) -> I32:
    behind = np.clip((scalp.centre[2] - points[..., 2]) / 0.09, 0, 1)
    tip = scalp.chin_height - cut.tip_below_chin + cut.nape_rise * behind
    locks = random.random(int(lock.max()) + 1)[lock]
    tip = tip + (cut.layering * (0.5 * locks + 0.5 * random.random(len(points))) ** 2)[:, None]
    steps = (points[..., 1] > tip).sum(axis=1) - 1
    return np.asarray(np.clip(steps, 2, points.shape[1] - 1), np.int32)


def _eased(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))
