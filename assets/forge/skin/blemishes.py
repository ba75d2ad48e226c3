"""What the sun, the years and chance put on a skin: freckles, moles, age spots, small red vessels."""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.anatomy.face import Face
from assets.forge.skin.canvas import Canvas
from assets.forge.skin.marks import Marks, dots, together
from assets.forge.skin.pores import strewn
from assets.forge.source import F64

_FRECKLE: Final = np.array([0.80, 0.62, 0.50])
_MOLE: Final = np.array([0.42, 0.30, 0.26])
_SPOT: Final = np.array([0.78, 0.62, 0.50])
_VESSEL: Final = np.array([1.0, 0.66, 0.66])


def blemishes(face: Face, canvas: Canvas, bare: F64, *, depth: float, age: float, seed: int) -> Marks:
    """Everything of this kind on one person; bare (N,): 1 where a sample of the canvas is plain skin; depth: of the
    skin's colour, 0 to 1."""
    random = np.random.default_rng([seed, 31])
    place = canvas.samples.position
    worn = float(np.clip((age - 30) / 45, 0, 1))
    parts = [_freckles(face, canvas, bare, random.beta(0.9, 2.2) * float(np.clip(1.2 - 1.6 * depth, 0, 1)), random)]
    head = place[:, 1] > face.body.joint("neck_01")[1]
    chosen, at = strewn(canvas, bare * (1 + 4 * head), 14 + int(10 * worn), random)
    parts.append(dots(canvas, chosen, at, random.lognormal(np.log(0.0005), 0.35, len(chosen)), _MOLE, 0.75))
    if worn > 0:
        parts += [_spots(face, canvas, bare, worn, random), _vessels(face, canvas, bare, worn, random)]
    return together(parts)


def _freckles(face: Face, canvas: Canvas, bare: F64, amount: float, random: np.random.Generator) -> Marks:
    """Over the bridge of the nose and the cheeks, fewer on the forehead, the arms and the hands."""
    place = canvas.samples.position
    sunny = np.exp(-(((place - face.nose - [0, 0.012, -0.02]) / [0.048, 0.020, 0.06]) ** 2).sum(axis=1))
    sunny += 0.25 * np.exp(-(((place - face.nose - [0, 0.075, -0.04]) / [0.05, 0.03, 0.06]) ** 2).sum(axis=1))
    arms = np.abs(place[:, 0]) > np.abs(face.body.joint("lowerarm_l")[0])
    chosen, at = strewn(canvas, bare * (sunny + 0.03 * arms), int(1400 * amount), random)
    radius = random.lognormal(np.log(0.00042), 0.35, len(chosen))
    return dots(canvas, chosen, at, radius, _FRECKLE, random.uniform(0.15, 0.55, len(chosen)))


def _spots(face: Face, canvas: Canvas, bare: F64, worn: float, random: np.random.Generator) -> Marks:
    """Brown spots of old age on temples, forehead and the backs of the hands: a few dots that run into each other."""
    place, normal = canvas.samples.position, canvas.samples.normal
    temple = np.exp(-(((np.abs(place) - [0.058, 0, 0]) / [0.02, 9, 9]) ** 2).sum(axis=1))
    temple = temple * (place[:, 1] > face.eyes[0, 1] - 0.02) * (normal[:, 2] > -0.3)
    hands = 0.5 * (np.abs(place[:, 0]) > np.abs(face.body.joint("hand_l")[0]) - 0.02) * (normal[:, 1] > -0.1)
    middle, at = strewn(canvas, bare * (temple + hands), int(46 * worn), random)
    each = 5
    size = np.repeat(random.lognormal(np.log(0.0011), 0.4, len(middle)), each)
    scattered = np.repeat(at, each, axis=0) + random.normal(0, 0.8, (len(size), 3)) * size[:, None]
    chosen, at = canvas.nearest(scattered)
    return dots(canvas, chosen, at, 0.8 * size, _SPOT, np.repeat(random.uniform(0.14, 0.34, len(middle)), each))


def _vessels(face: Face, canvas: Canvas, bare: F64, worn: float, random: np.random.Generator) -> Marks:
    """Fine red threads at the wings of the nose and on the cheeks."""
    place, normal = canvas.samples.position, canvas.samples.normal
    side = np.array([0.030, face.nose[1] - 0.002, face.nose[2] - 0.03])
    cheeks = np.exp(-(((np.abs(place) * [1, 0, 0] + place * [0, 1, 1] - side) / [0.020, 0.013, 0.04]) ** 2).sum(axis=1))
    chosen, at = strewn(canvas, bare * cheeks, int(260 * worn), random)
    along = np.cross(normal[chosen], random.normal(0, 1, (len(chosen), 3)))
    half = np.column_stack([random.uniform(0.0006, 0.0018, len(chosen)), np.full(len(chosen), 0.00010)])
    return Marks(chosen, at, along, half, np.tile(_VESSEL, (len(chosen), 1)), random.uniform(0.15, 0.4, len(chosen)))
