"""Fingernails: bed, lunula, free edge, the fold of skin around the plate, and its gloss."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.anatomy.hand import Finger, Hand
from assets.forge.palette import Palette, linear
from assets.forge.sampling import Samples
from assets.forge.source import F64

GLOSS: Final = 0.045
_BED: Final = np.array([linear(222, 156, 142), linear(146, 96, 82)])
_LUNULA: Final = np.array([linear(236, 200, 188), linear(186, 146, 130)])
_EDGE: Final = np.array([linear(238, 226, 212), linear(206, 188, 168)])
"""On fair and on deep skin."""
_CURVE: Final = 0.65
"""How far the plate's sides turn away from its middle: slope at its edge."""


def nailed(albedo: F64, samples: Samples, hands: list[Hand], palette: Palette) -> tuple[F64, F64, F64]:
    """The skin's albedo (N, 3) with nails; normals (N, 3) with the plates' curve and the groove around them; and (N,)
    how much of each sample is nail."""
    albedo, normal, share = albedo.copy(), samples.normal.copy(), np.zeros(len(samples))
    bed, lunula, free = (each[0] + palette.depth * (each[1] - each[0]) for each in (_BED, _LUNULA, _EDGE))
    for finger in (finger for hand in hands for finger in hand.fingers):
        near, along, aside = _plate(samples, finger)
        if not len(near):
            continue
        # negative inside the plate's outline, which is round at the cuticle and square at the edge; about millimetres
        corner = np.where(along < 0.5, 2.6, 5.0)
        outline = (np.abs(aside) ** corner + np.abs(2 * along - 1) ** corner) ** (1 / corner) - 1
        plate = _fade(-outline, -0.03, 0.05)[:, None]
        moon = _fade(0.30 - along - 0.22 * aside**2, -0.03, 0.03)[:, None] * (0.9 if finger.name == "thumb" else 0.55)
        tip = _fade(along, 0.915, 0.95)[:, None]
        colour = bed * (1 - 0.12 * along[:, None]) + moon * (lunula - bed)
        colour = colour + tip * (free - colour)
        ridge = 1 + 0.02 * np.sin(26 * aside)[:, None]
        around = np.exp(-(((outline - 0.06) / 0.09) ** 2))[:, None] * (along < 0.93)[:, None]
        skin = albedo[near] * (1 - around * [0.08, 0.20, 0.18])
        albedo[near] = skin + plate * (colour * ridge - skin)
        groove = np.exp(-(((outline - 0.02) / 0.05) ** 2)) * (along < 0.9)
        tilt = plate * _CURVE * aside[:, None] - 0.9 * groove[:, None] * np.sign(aside)[:, None]
        normal[near] += tilt * finger.across
        share[near] = np.maximum(share[near], plate[:, 0])
    return albedo, normal / np.linalg.norm(normal, axis=1, keepdims=True), share


def nail_zone(points: F64, normal: F64, finger: Finger) -> F64:
    """(N,) 1 where points (N, 3) are on or right beside a finger's nail."""
    away = points - finger.joints[2]
    low, high = finger.nail
    middle, half = (low + high) / 2, (high - low) / 2
    near = np.maximum(np.abs(away @ finger.along - middle) / half, np.abs(away @ finger.across) / finger.half_width)
    facing = np.clip(4 * (normal @ finger.back) + 0.2, 0, 1)
    return np.asarray(np.clip(4 * (1.4 - near), 0, 1) * facing * (np.linalg.norm(away, axis=1) < 0.05))


def _plate(samples: Samples, finger: Finger) -> tuple[NDArray[np.intp], F64, F64]:
    """Samples around a finger's nail; 0 to 1 along it from the cuticle, -1 to 1 across it."""
    near = np.flatnonzero(nail_zone(samples.position, samples.normal, finger) > 0)
    away = samples.position[near] - finger.joints[2]
    low, high = finger.nail
    return near, (away @ finger.along - low) / (high - low), (away @ finger.across) / finger.half_width


def _fade(value: F64, low: float, high: float) -> F64:
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
