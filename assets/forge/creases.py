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

from assets.forge.canvas import Canvas
from assets.forge.face import Face
from assets.forge.marks import Marks
from assets.forge.noise import noise
from assets.forge.source import F64

_STEP: Final = 0.0007
"""Metres from one point of a furrow to the next."""
_SHADOW: Final = np.array([0.50, 0.86, 0.80])
"""How much of what a full furrow swallows each colour loses: light that comes out of it has gone through blood."""


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
    """Steepest slope of its banks at full strength."""


def face_creases(face: Face, canvas: Canvas, *, age: float, seed: int) -> list[Crease]:
    """Furrows of the face of somebody `age` years old."""
    random = np.random.default_rng([seed, 11])
    found = []
    for path, onset, full, width, slope in _courses(face):
        strength = full * _grown(age, onset) * random.uniform(0.75, 1.1)
        if strength > 0.03:
            found.append(_drawn(canvas, path, strength, width, slope, random))
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
        left[near] *= 1 - 0.34 * here[:, None] * _SHADOW
    return tilted / np.linalg.norm(tilted, axis=1, keepdims=True), left


def bottoms(creases: Sequence[Crease]) -> Iterator[Marks]:
    """The dark bottom of each furrow as thin marks along it."""
    for crease in creases:
        if len(crease.points) < 3:
            continue
        yield Marks(
            crease.sample,
            crease.points,
            np.gradient(crease.points, axis=0),
            np.column_stack([np.full(len(crease.points), 0.9 * _STEP), 0.00013 + 0.00012 * crease.strength]),
            np.tile(1 - 0.55 * _SHADOW, (len(crease.points), 1)),
            0.50 * crease.strength,
        )


def _courses(face: Face) -> Iterator[tuple[F64, float, float, float, float]]:
    """Points (K, 2) of each line's course seen from the front; the years at which it begins; strength in old age;
    width and slope of the furrow."""
    eye, mouth, nose, corner = face.eyes[0], face.mouth, face.nose, face.mouth_half_width
    for k, height in enumerate((0.0335, 0.0415, 0.0500, 0.0585)):
        x = np.array([-0.050, -0.033, -0.016, 0.0, 0.016, 0.033, 0.050]) * (1 - 0.06 * k)
        lift = np.array([-0.004, 0.001, 0.001, -0.0015, 0.001, 0.001, -0.004])
        yield np.column_stack([x, eye[1] + height + lift]), 30.0 + 2 * k, 0.85 - 0.1 * k, 0.0012, 0.42
    for s in (1.0, -1.0):
        inner, outer = s * (eye[0] - 0.016), s * (eye[0] + 0.0185)

        def path(*points: tuple[float, float], side: float = s) -> F64:
            return np.array([(side * x, y) for x, y in points])

        yield path((0.0062, eye[1] + 0.013), (0.0075, eye[1] + 0.021), (0.0068, eye[1] + 0.029)), 34.0, 0.8, 0.0010, 0.4
        for angle, length in ((34.0, 0.013), (12.0, 0.018), (-10.0, 0.018), (-32.0, 0.014)):
            turn = np.radians(angle)
            start = np.array([abs(outer) + 0.0045, eye[1] - 0.002 + 0.004 * np.sin(turn)])
            way = np.array([np.cos(turn), np.sin(turn)])
            bend = np.array([0.0, -0.0022]) * np.sign(angle)
            yield (
                path(*(tuple(start + t * length * way + t * t * bend) for t in (0.0, 0.5, 1.0))),
                29.0,
                0.9,
                0.0009,
                0.4,
            )
        below = eye[1] - 0.0125
        yield (
            path(
                (abs(inner) + 0.001, below + 0.003), (eye[0] - 0.006, below - 0.0032), (eye[0] + 0.008, below - 0.0035)
            ),
            12.0,
            0.55,
            0.0013,
            0.30,
        )
        yield (
            path(
                (abs(inner) + 0.002, below - 0.003), (eye[0] - 0.004, below - 0.0090), (eye[0] + 0.011, below - 0.0080)
            ),
            33.0,
            0.7,
            0.0014,
            0.35,
        )
        yield (
            path((eye[0] - 0.010, below + 0.0030), (eye[0], below + 0.0010), (eye[0] + 0.012, below + 0.0030)),
            27.0,
            0.55,
            0.0006,
            0.35,
        )
        yield (
            path(
                (0.0185, nose[1] + 0.001),
                (0.0245, nose[1] - 0.0085),
                (corner + 0.0070, mouth[1] + 0.009),
                (corner + 0.0095, mouth[1] - 0.006),
            ),
            20.0,
            0.95,
            0.0018,
            0.42,
        )
        yield (
            path(
                (corner + 0.0018, mouth[1] - 0.0025),
                (corner + 0.0035, mouth[1] - 0.010),
                (corner + 0.003, mouth[1] - 0.019),
            ),
            32.0,
            0.8,
            0.0014,
            0.4,
        )
        for k in range(4):
            x = 0.004 + 0.0052 * k
            yield path((x, mouth[1] + 0.0088 - 0.0006 * k), (x + 0.0007, mouth[1] + 0.0135)), 48.0, 0.55, 0.0007, 0.35
    chin = np.array([(-0.014, -0.0195), (-0.007, -0.0178), (0.0, -0.0172), (0.007, -0.0178), (0.014, -0.0195)])
    yield chin + mouth[:2], 12.0, 0.42, 0.0022, 0.25


def _grown(age: float, onset: float) -> float:
    """How far a line that begins at `onset` years has come: slow at first, all of it at 85."""
    t = float(np.clip((age - onset) / (85.0 - onset), 0, 1))
    return t**0.75


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
