"""Lines, tendons and veins of the hands: creases over the joints, the palm's three lines, the back's relief."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from assets.forge.anatomy.hand import Finger, Hand
from assets.forge.noise import noise
from assets.forge.skin.canvas import Canvas
from assets.forge.skin.creases import Crease
from assets.forge.skin.marks import Marks
from assets.forge.skin.pores import strewn
from assets.forge.source import F64

_HEART: Final = ((0.80, -0.56), (0.79, -0.2), (0.86, 0.12), (0.97, 0.30))
_HEAD: Final = ((0.72, 0.50), (0.66, 0.20), (0.57, -0.15), (0.48, -0.42))
_LIFE: Final = ((0.74, 0.50), (0.64, 0.26), (0.44, 0.08), (0.14, 0.06))
_WRIST: Final = ((-0.02, 0.30), (-0.04, 0.0), (-0.02, -0.30))
_VEINS: Final = (
    ((0.10, 0.10), (0.45, 0.22), (0.70, 0.24), (0.92, 0.24)),
    ((0.05, -0.08), (0.40, -0.05), (0.66, -0.10), (0.92, -0.12)),
    ((0.20, -0.22), (0.50, -0.34), (0.72, -0.42), (0.90, -0.44)),
    ((0.45, 0.22), (0.56, 0.10), (0.66, -0.10)),
    ((0.40, -0.05), (0.50, -0.20), (0.50, -0.34)),
)
_VEIN: Final = np.array([0.80, 0.93, 1.0])
_LINE: Final = np.array([0.80, 0.68, 0.64])
_STEP: Final = 0.0008


def hand_creases(hands: list[Hand], canvas: Canvas, *, age: float, seed: int) -> list[Crease]:
    """Furrows of both hands; tendons and veins are furrows turned inside out."""
    worn = float(np.clip((age - 25) / 50, 0, 1))
    random = np.random.default_rng([seed, 71])
    found = []
    for hand in hands:
        for finger in hand.fingers:
            found += list(_knuckles(finger, canvas, worn, random))
        for path in (_HEART, _HEAD, _LIFE, _WRIST):
            points = _traced([hand.at(u, v, inside=True) for u, v in path])
            found.append(_furrow(canvas, points, 0.75, 0.0008, 0.35))
        for finger in hand.fingers[1:]:
            root = 0.82 * finger.joints[0] + 0.18 * hand.knuckle
            points = _traced([hand.wrist + t * (root - hand.wrist) - 0.02 * hand.palm for t in (0.35, 0.65, 0.95)])
            found.append(_furrow(canvas, points, 1.0, 0.0024, -0.10 - 0.14 * worn, dark=0.0))
        for path in _VEINS:
            points = _traced([hand.at(u, v, inside=False) for u, v in path])
            found.append(_furrow(canvas, points, 0.5 + 0.5 * worn, 0.0013, -0.22, dark=0.0))
    return found


def hand_marks(hands: list[Hand], canvas: Canvas, skin: F64, *, age: float, seed: int, count: int) -> list[Marks]:
    """Blue of the veins, and the net of fine lines on hands; skin (N,): 1 where a sample of the canvas is no nail."""
    worn = float(np.clip((age - 25) / 50, 0, 1))
    random = np.random.default_rng([seed, 72])
    marks = []
    reach = np.zeros(len(canvas.samples))
    for hand in hands:
        wrist = (canvas.samples.position - hand.wrist) @ (hand.knuckle - hand.wrist)
        own = np.linalg.norm(canvas.samples.position - hand.knuckle, axis=1) < 0.16
        reach += own * (wrist > -0.002)
        for path in _VEINS:
            sample, points = canvas.nearest(_traced([hand.at(u, v, inside=False) for u, v in path]))
            half = np.tile([1.2 * _STEP, 0.0011], (len(points), 1))
            tint = np.tile(_VEIN, (len(points), 1))
            faint = np.full(len(points), 0.055 + 0.05 * worn)
            marks.append(Marks(sample, points, np.gradient(points, axis=0), half, tint, faint))
    chosen, place = strewn(canvas, reach * skin, count, random)
    along = np.cross(canvas.samples.normal[chosen], random.normal(0, 1, (len(chosen), 3)))
    half = np.column_stack([random.uniform(0.0006, 0.0013, len(chosen)), np.full(len(chosen), 0.00013)])
    opacity = random.uniform(0.10, 0.24, len(chosen)) * (1 + 0.5 * worn)
    marks.append(Marks(chosen, place, along, half, np.tile(_LINE, (len(chosen), 1)), opacity))
    return marks


def _knuckles(finger: Finger, canvas: Canvas, worn: float, random: np.random.Generator) -> Iterator[Crease]:
    """Arcs over the back of the two outer joints, and one across the inside of each joint."""
    turn = np.linspace(-1, 1, 17)
    for number, offsets in ((1, (-2.6, -1.2, 0.2, 1.6, 2.9)), (2, (-1.5, -0.2, 1.1))):
        joint = finger.joints[number]
        before = joint - finger.joints[number - 1]
        along = before / np.linalg.norm(before)
        for offset in offsets:
            bow = 0.0012 * turn**2 * np.sign(offset + 0.1)
            points = _ring(finger, joint, along, offset / 1000 + bow, 0.95 * turn)
            points += 0.00035 * noise(points + random.uniform(0, 1, 3), 0.006, 5)[:, None] * along
            yield _furrow(canvas, points, (0.26 + 0.45 * worn) * random.uniform(0.6, 1.0), 0.0007, 0.40)
        yield _furrow(canvas, _ring(finger, joint, along, 0 * turn, np.pi + 1.0 * turn), 0.75, 0.0007, 0.35)


def _ring(finger: Finger, joint: F64, along: F64, offset: F64, turn: F64) -> F64:
    """Points around a finger, 9 mm from its axis; turn 0 is its back."""
    back = finger.back - (finger.back @ along) * along
    back /= np.linalg.norm(back)
    side = np.cross(along, back)
    return np.asarray(
        joint + offset[:, None] * along + 0.009 * (np.cos(turn)[:, None] * back + np.sin(turn)[:, None] * side)
    )


def _traced(points: list[F64]) -> F64:
    """A smooth course (M, 3) through a few points."""
    given = np.stack(points)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(given, axis=0), axis=1))])
    t = np.linspace(0, length[-1], max(int(length[-1] / _STEP), 4))
    fits = [np.polynomial.Polynomial.fit(length, given[:, k], min(len(given) - 1, 3)) for k in range(3)]
    return np.column_stack([fit(t) for fit in fits])


def _furrow(canvas: Canvas, points: F64, strength: float, width: float, slope: float, dark: float = 0.34) -> Crease:
    sample, place = canvas.nearest(points)
    ends = np.linspace(0, 1, len(points))
    taper = np.clip(np.minimum(ends, 1 - ends) / 0.25, 0, 1)
    return Crease(sample, place, strength * taper, width, slope, dark)
