"""Lines that expression and years leave in a face and a neck, as furrows of the skin.

Where they run: Bulpitt et al. 2001, Postgraduate Medical Journal 77; a young face has the fold under its eyes and the
one over its chin, hardly more. A furrow darkens what lies in it and tilts the normals of its banks, so that the bank
towards the key light is light and the other dark; its bottom is a row of thin dark marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.anatomy.face import Face
from assets.forge.noise import noise
from assets.forge.skin.canvas import Canvas
from assets.forge.skin.marks import Marks
from assets.forge.source import F64

_STEP: Final = 0.0007
"""Metres from one point of a furrow to the next."""
_SHADOW: Final = np.array([0.50, 0.86, 0.80])
"""How much of what a full furrow swallows each colour loses: light that comes out of it has gone through blood."""


@dataclass(frozen=True)
class _Line:
    """A line of the face: its course from landmarks, what it is in old age, and the years at which it begins."""

    points: tuple[tuple[str, float, float], ...]
    """A landmark (see `_courses`), then millimetres towards the person's left and upwards."""
    onset: float
    full: float
    width: float
    """Standard deviation of its cross-section, millimetres."""
    slope: float
    both: bool = True


def _brow(height: float, wide: float) -> tuple[tuple[str, float, float], ...]:
    lift = ((-50, -4), (-33, 1), (-16, 1), (0, -1.5), (16, 1), (33, 1), (50, -4))
    return tuple(("between", wide * x, height + y) for x, y in lift)


_LINES: Final = (
    _Line(_brow(33.5, 1.00), 30, 0.85, 1.2, 0.42, both=False),
    _Line(_brow(41.5, 0.94), 32, 0.75, 1.2, 0.42, both=False),
    _Line(_brow(50.0, 0.88), 34, 0.65, 1.2, 0.42, both=False),
    _Line(_brow(58.5, 0.82), 36, 0.55, 1.2, 0.42, both=False),
    # frown
    _Line((("between", 6.2, 13), ("between", 7.5, 21), ("between", 6.8, 29)), 34, 0.8, 1.0, 0.40),
    # crow's feet
    _Line((("eye", 22.0, 1.0), ("eye", 27.2, 4.6), ("eye", 31.8, 6.8)), 29, 0.9, 0.9, 0.40),
    _Line((("eye", 23.0, -1.4), ("eye", 31.8, 0.2), ("eye", 40.2, 0.3)), 29, 0.9, 0.9, 0.40),
    _Line((("eye", 23.0, -3.0), ("eye", 31.8, -4.0), ("eye", 40.2, -4.0)), 29, 0.9, 0.9, 0.40),
    _Line((("eye", 22.4, -4.8), ("eye", 28.2, -8.6), ("eye", 33.6, -10.8)), 31, 0.8, 0.9, 0.40),
    # below the eyes
    _Line((("eye", -15, -9.5), ("eye", -6, -15.7), ("eye", 8, -16.0)), 12, 0.55, 1.3, 0.30),
    _Line((("eye", -14, -15.5), ("eye", -4, -21.5), ("eye", 11, -20.5)), 33, 0.70, 1.4, 0.35),
    _Line((("eye", -10, -9.5), ("eye", 0, -11.5), ("eye", 12, -9.5)), 27, 0.55, 0.6, 0.35),
    # from the nose to the corners of the mouth, and from there down
    _Line((("nose", 18.5, 1), ("nose", 24.5, -8.5), ("corner", 7, 9), ("corner", 9.5, -6)), 20, 0.95, 1.8, 0.42),
    _Line((("corner", 1.8, -2.5), ("corner", 3.5, -10), ("corner", 3, -19)), 32, 0.8, 1.4, 0.40),
    # over the upper lip
    _Line((("mouth", 4.0, 8.8), ("mouth", 4.7, 13.5)), 48, 0.55, 0.7, 0.35),
    _Line((("mouth", 9.2, 8.2), ("mouth", 9.9, 13.3)), 48, 0.55, 0.7, 0.35),
    _Line((("mouth", 14.4, 7.6), ("mouth", 15.4, 12.8)), 48, 0.55, 0.7, 0.35),
    # over the chin
    _Line(
        (("mouth", -14, -19.5), ("mouth", -7, -17.8), ("mouth", 0, -17.2), ("mouth", 7, -17.8), ("mouth", 14, -19.5)),
        12,
        0.42,
        2.2,
        0.25,
        both=False,
    ),
)


@dataclass(frozen=True)
class Crease:
    """A furrow along points on the skin."""

    sample: NDArray[np.intp]
    """(M,) the canvas' samples that the points lie on, -1 where there is no skin."""
    points: F64
    """(M, 3) metres."""
    strength: F64
    """(M,) 0 to 1: tapers towards the ends."""
    width: float
    """Standard deviation of the furrow's cross-section, metres."""
    slope: float
    """Steepest slope of its banks at full strength; negative for a ridge."""
    dark: float = 0.34
    """Share of the light that its bottom swallows; a ridge has none, nor dark marks along it."""


def face_creases(face: Face, canvas: Canvas, *, age: float, seed: int) -> list[Crease]:
    """Furrows of the face of somebody `age` years old."""
    random = np.random.default_rng([seed, 11])
    found = []
    for path, line in _courses(face):
        strength = line.full * _grown(age, line.onset) * random.uniform(0.75, 1.1)
        if strength > 0.03:
            found.append(_drawn(canvas, path, strength, line.width / 1000, line.slope, random))
    return found


def neck_creases(face: Face, canvas: Canvas, *, age: float, seed: int) -> list[Crease]:
    """Rings of the neck: everybody has two, years deepen them."""
    random = np.random.default_rng([seed, 12])
    throat = face.body.joint("neck_01")[1]
    chin = face.mouth[1] - 0.045
    found = []
    for part in (0.28, 0.52, 0.76):
        strength = (0.20 + 0.75 * _grown(age, 30.0)) * random.uniform(0.7, 1.1)
        x = np.array([-0.052, -0.03, 0.0, 0.03, 0.052])
        y = throat + part * (chin - throat) + np.array([0.012, 0.003, 0.0, 0.003, 0.012]) + random.normal(0, 0.0015, 5)
        found.append(_drawn(canvas, np.column_stack([x, y]), strength, 0.0010, 0.35, random))
    return found


def furrowed(position: F64, normal: F64, creases: Sequence[Crease]) -> tuple[F64, F64]:
    """Normals (N, 3) with the furrows' banks in them, and (N, 3) what of the light is left in the furrows."""
    tilted, left = normal.copy(), np.ones((len(position), 3))
    for crease in creases:
        there = crease.sample >= 0
        if not there.any():
            continue
        points, strength = crease.points[there], crease.strength[there]
        distance, nearest = cKDTree(points, balanced_tree=False).query(position, distance_upper_bound=4 * crease.width)
        near = np.flatnonzero(np.isfinite(distance))
        away = (position[near] - points[nearest[near]]) / crease.width
        away -= (away * normal[near]).sum(axis=1, keepdims=True) * normal[near]
        across = np.linalg.norm(away, axis=1)
        here = strength[nearest[near]] * np.exp(-0.5 * across**2)
        # the bank looks into the furrow: outwards from its middle the ground rises
        tilted[near] -= (1.65 * crease.slope * here)[:, None] * away
        left[near] *= 1 - crease.dark * here[:, None] * _SHADOW
    return tilted / np.linalg.norm(tilted, axis=1, keepdims=True), left


def bottoms(creases: Sequence[Crease]) -> Iterator[Marks]:
    """The dark bottom of each furrow as thin marks along it."""
    for crease in creases:
        if len(crease.points) < 3 or not crease.dark:
            continue
        yield Marks(
            crease.sample,
            crease.points,
            np.gradient(crease.points, axis=0),
            np.column_stack([np.full(len(crease.points), 0.9 * _STEP), 0.00013 + 0.00012 * crease.strength]),
            np.tile(1 - 0.55 * _SHADOW, (len(crease.points), 1)),
            0.50 * crease.strength,
        )


def _courses(face: Face) -> Iterator[tuple[F64, _Line]]:
    """Each line of the face with its points (K, 2) as seen from the front, on both sides where it has two."""
    eye, mouth, corner = face.eyes[0], face.mouth, face.mouth_half_width
    anchors = {
        "between": np.array([0.0, eye[1]]),
        "eye": eye[:2],
        "nose": np.array([0.0, face.nose[1]]),
        "mouth": mouth[:2],
        "corner": np.array([corner, mouth[1]]),
    }
    for line in _LINES:
        path = np.array([anchors[name] + np.array([x, y]) / 1000 for name, x, y in line.points])
        yield path, line
        if line.both:
            yield path * [-1.0, 1.0], line


def _grown(age: float, onset: float) -> float:
    """How far a line that begins at `onset` years has come: slow at first, all of it at 85."""
    t = float(np.clip((age - onset) / (85.0 - onset), 0, 1))
    return float(t**0.75)


def _drawn(
    canvas: Canvas, path: F64, strength: float, width: float, slope: float, random: np.random.Generator
) -> Crease:
    """A course through its points, unsteady as lines in skin are, tapered and here and there interrupted."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    count = max(int(along[-1] / _STEP), 4)
    t = np.linspace(0, 1, count)
    xy = np.column_stack([_smooth(t * along[-1], along, path[:, k]) for k in range(2)])
    offset = random.uniform(0, 10, 3)
    place = np.column_stack([xy, np.zeros(count)]) + offset
    xy = xy + 0.0007 * np.column_stack([noise(place, 0.010, 1, 2), noise(place, 0.008, 2, 2)])
    sample, points = canvas.from_front(xy)
    taper = np.clip(np.minimum(t, 1 - t) / 0.3, 0, 1)
    broken = np.clip(0.85 + 0.75 * noise(place, 0.007, 3, 2), 0.1, 1)
    return Crease(sample, points, strength * taper * broken, width, slope)


def _smooth(at: F64, knots: F64, values: F64) -> F64:
    """A curve through few points without corners: linear where there are two, quadratic or cubic else."""
    fit = np.polynomial.Polynomial.fit(knots, values, min(len(knots) - 1, 4))
    return np.asarray(fit(at))
