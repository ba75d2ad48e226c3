"""The gestures: where hands prepare a stroke, and where it ends.

A gesture is prepared, struck on a stressed syllable, held, and taken back (Kendon 1980; McNeill 1992). None of these
stands for a word, as the voice alone is known here, not the words: they are those that go with any talk, open hands
above all (Kendon 2004, ch. 13; McNeill's beats). Arms are told as in `controls.ARM`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Fingers = tuple[float, float, float, float, float, float]

RELAXED: Final[Fingers] = (0.15, 0.20, 0.25, 0.30, 0.34, 0.0)
LOOSE: Final[Fingers] = (0.20, 0.30, 0.36, 0.40, 0.44, 0.0)
SOFT: Final[Fingers] = (0.10, 0.12, 0.16, 0.20, 0.24, 2.0)
OPEN: Final[Fingers] = (0.0, 0.03, 0.06, 0.08, 0.10, 5.0)
FLAT: Final[Fingers] = (0.05, 0.03, 0.04, 0.05, 0.06, 1.0)
ONE: Final[Fingers] = (0.75, 0.03, 0.80, 0.88, 0.92, 0.0)
TWO: Final[Fingers] = (0.80, 0.04, 0.05, 0.88, 0.92, 6.0)
THREE: Final[Fingers] = (0.90, 0.04, 0.05, 0.06, 0.92, 6.0)
RING: Final[Fingers] = (0.55, 0.52, 0.32, 0.28, 0.26, 3.0)


def arm(
    outward: float,
    up: float,
    ahead: float,
    palm: float,
    *,
    flexed: float = 0.0,
    aside: float = 0.0,
    elbow: float = 0.05,
    fingers: Fingers = SOFT,
) -> F64:
    """(13,) numbers of an arm."""
    return np.array((outward, up, ahead, elbow, palm, flexed, aside, *fingers))


SIDE: Final = arm(0.0, -0.965, 0.06, 8.0, flexed=0, elbow=0.25, fingers=RELAXED)
"""Hanging at ease."""
HOME: Final = arm(-0.17, -0.64, 0.42, 10.0, flexed=4, elbow=0.05, fingers=LOOSE)
"""Before the belly, between two gestures."""


@dataclass(frozen=True)
class Gesture:
    """One entry of the vocabulary."""

    name: str
    ready: F64
    """(13,) where the stroke begins."""
    struck: F64
    """(13,) where it ends."""
    both: bool = False
    weight: float = 1.0
    """How often it is chosen, beside the others."""
    shrug: float = 0.0
    """Degrees by which the shoulders go up with it."""
    tilt: float = 0.0
    """Degrees by which the head leans with it."""
    after: str = ""
    """The gesture that it may only follow."""


GESTURES: Final = (
    Gesture(
        "offer",
        arm(-0.08, -0.50, 0.40, -5.0, flexed=8),
        arm(0.10, -0.50, 0.56, -58.0, flexed=-8, fingers=OPEN),
        weight=3.0,
    ),
    Gesture(
        "offer both",
        arm(-0.10, -0.52, 0.40, 0.0, flexed=8),
        arm(0.14, -0.54, 0.52, -55.0, flexed=-6, fingers=OPEN),
        both=True,
        weight=2.0,
    ),
    Gesture("beat", arm(-0.04, -0.36, 0.46, 25.0, flexed=-12), arm(-0.02, -0.50, 0.52, 20.0, flexed=10), weight=3.0),
    Gesture(
        "beat both",
        arm(-0.06, -0.42, 0.44, 10.0, flexed=-10),
        arm(-0.02, -0.54, 0.50, 5.0, flexed=8),
        both=True,
        weight=1.6,
    ),
    Gesture(
        "frame",
        arm(-0.14, -0.50, 0.44, 10.0, flexed=6),
        arm(0.00, -0.48, 0.52, -4.0, flexed=-4, fingers=OPEN),
        both=True,
        weight=1.6,
    ),
    Gesture(
        "point",
        arm(-0.06, -0.36, 0.40, 30.0, flexed=0, fingers=RING),
        arm(0.02, -0.40, 0.56, 40.0, flexed=8, fingers=RING),
        weight=1.2,
    ),
    Gesture(
        "self",
        arm(-0.20, -0.42, 0.42, 15.0, flexed=4),
        arm(-0.34, -0.28, 0.36, 10.0, flexed=32, elbow=0.45, fingers=FLAT),
        weight=0.9,
    ),
    Gesture(
        "count one",
        arm(-0.04, -0.36, 0.40, 10.0, fingers=RELAXED),
        arm(0.00, -0.24, 0.46, -10.0, flexed=-12, fingers=ONE),
        weight=0.5,
    ),
    Gesture(
        "count two",
        arm(-0.04, -0.36, 0.40, 10.0, fingers=ONE),
        arm(0.02, -0.24, 0.48, -10.0, flexed=-12, fingers=TWO),
        weight=12.0,
        after="count one",
    ),
    Gesture(
        "count three",
        arm(-0.04, -0.36, 0.40, 10.0, fingers=TWO),
        arm(0.03, -0.25, 0.50, -10.0, flexed=-12, fingers=THREE),
        weight=12.0,
        after="count two",
    ),
    Gesture(
        "sweep",
        arm(-0.20, -0.46, 0.46, 62.0, flexed=-6, fingers=FLAT),
        arm(0.18, -0.50, 0.54, 70.0, flexed=-10, aside=-6, fingers=FLAT),
        weight=0.9,
    ),
    Gesture(
        "shrug",
        arm(-0.02, -0.56, 0.40, -20.0),
        arm(0.24, -0.52, 0.42, -70.0, flexed=-12, elbow=0.0, fingers=OPEN),
        both=True,
        weight=0.7,
        shrug=7.0,
        tilt=5.0,
    ),
)


def choose(x: float, last: str) -> Gesture:
    """A gesture for x in [0, 1), not the `last` one again."""
    others = [gesture for gesture in GESTURES if gesture.name != last and gesture.after in ("", last)]
    left = x * sum(gesture.weight for gesture in others)
    for gesture in others:
        left -= gesture.weight
        if left < 0:
            return gesture
    return others[-1]
