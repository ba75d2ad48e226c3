"""Pores and the fine lines between them: what makes skin skin from an arm's length.

Pores are widest and stand apart on nose, inner cheeks, forehead and chin, and get wider with oil and years; elsewhere
the net of fine lines shows instead, along Langer's lines, and coarser with age (Flament et al. 2015, Clinical,
Cosmetic and Investigational Dermatology 8).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.skin.canvas import Canvas
from assets.forge.skin.marks import Marks, dots
from assets.forge.source import F64

_PORE: Final = np.array([0.66, 0.54, 0.50])
_LINE: Final = np.array([0.80, 0.70, 0.67])
_LIP_LINE: Final = np.array([0.78, 0.66, 0.68])
_LIP_LIGHT: Final = np.array([1.16, 1.20, 1.20])


def pores(face: Face, canvas: Canvas, open_skin: F64, *, age: float, seed: int, count: int) -> Marks:
    """About `count` pores of the face; open_skin (N,): 1 where a sample of the canvas is skin of the face."""
    random = np.random.default_rng([seed, 21])
    samples = canvas.samples
    zone = oily(face, samples.position)
    chosen, place = strewn(canvas, open_skin * (0.30 + zone), count, random)
    oil = zone[chosen]
    wide = (0.00010 + 0.00009 * oil) * (1 + 0.003 * (age - 25)) * random.lognormal(0, 0.22, len(chosen))
    opacity = np.clip((0.18 + 0.26 * oil) * random.lognormal(0, 0.3, len(chosen)), 0, 0.75)
    return dots(canvas, chosen, place, wide, _PORE, opacity)


def fine_lines(face: Face, canvas: Canvas, open_skin: F64, *, age: float, seed: int, count: int) -> Marks:
    """The skin's net of lines: short, faint at 25 years, long and crossing each other in old age."""
    random = np.random.default_rng([seed, 22])
    samples = canvas.samples
    worn = float(np.clip((age - 25) / 50, 0, 1))
    chosen, place = strewn(canvas, open_skin * (1.1 - 0.8 * oily(face, samples.position)), count, random)
    along = _langer(face, place, samples.normal[chosen])
    across = np.cross(samples.normal[chosen], along)
    turn = random.normal(0, 0.22, len(chosen)) + np.where(random.random(len(chosen)) < 0.22, np.pi / 2, 0)
    along = along * np.cos(turn)[:, None] + across * np.sin(turn)[:, None]
    length = random.uniform(0.0003, 0.0007, len(chosen)) * (1 + 0.6 * worn)
    half = np.column_stack([length, random.uniform(0.00007, 0.00011, len(chosen))])
    opacity = random.uniform(0.08, 0.20, len(chosen)) * (1 + 0.4 * worn)
    return Marks(chosen, place, along, half, np.tile(_LINE, (len(chosen), 1)), opacity)


def lip_lines(canvas: Canvas, lips: F64, *, seed: int, count: int) -> Marks:
    """The furrows of the lips, which run from the mouth to the border, dark and light in turn."""
    random = np.random.default_rng([seed, 23])
    samples = canvas.samples
    chosen, place = strewn(canvas, np.clip(2 * lips - 1, 0, 1), count, random)
    along = np.array([0.0, 1.0, 0.0]) + random.normal(0, 0.10, (len(chosen), 3)) * [1.0, 0.0, 0.0]
    fan = 14.0 * samples.position[chosen, :1]
    along = along + np.where(samples.normal[chosen, 1:2] > 0, 1, -1) * np.column_stack([fan, 0 * fan, 0 * fan])
    half = np.column_stack([random.uniform(0.0007, 0.0017, len(chosen)), random.uniform(0.00009, 0.00017, len(chosen))])
    light = random.random(len(chosen)) < 0.45
    tint = np.where(light[:, None], _LIP_LIGHT, _LIP_LINE)
    return Marks(chosen, place, along, half, tint, random.uniform(0.12, 0.34, len(chosen)))


def oily(face: Face, points: F64) -> F64:
    """(N,) 0 to 1: nose, inner cheeks, middle of the forehead, chin."""
    eye, nose, mouth = face.eyes[0], face.nose, face.mouth

    def near(centre: tuple[float, float, float], width: tuple[float, float, float]) -> F64:
        return np.asarray(np.exp(-(((points - centre) / np.array(width)) ** 2).sum(axis=1)))

    total = near((0.0, nose[1] + 0.006, nose[2]), (0.017, 0.020, 0.04))
    total += 0.55 * near((0.0, eye[1] + 0.040, eye[2]), (0.034, 0.020, 0.05))
    total += 0.6 * near((0.0, mouth[1] - 0.030, mouth[2]), (0.020, 0.012, 0.04))
    for side in (1, -1):
        total += 0.8 * near((side * 0.030, nose[1] + 0.004, nose[2] - 0.02), (0.014, 0.016, 0.03))
    return np.asarray(np.clip(total, 0, 1))


def face_zone(body: Body, texture: F64) -> F64:
    """(N,) 1 on the face's outer skin, 0 on lips, lids' rims, in the mouth, and off the face."""
    face = np.clip(2 * body.mask("face", texture).astype(np.float64) - 0.2, 0, 1)
    lips = np.clip(2 * body.mask("lips", texture).astype(np.float64), 0, 1)
    inside = np.clip(3 * body.mask("inside-mouth", texture).astype(np.float64), 0, 1)
    return np.asarray(face * (1 - lips) * (1 - inside))


def strewn(canvas: Canvas, weight: F64, count: int, random: np.random.Generator) -> tuple[NDArray[np.intp], F64]:
    """`count` samples, by weight per area, each at most once, and a place within half its spacing of each."""
    samples = canvas.samples
    share = weight * canvas.open * samples.spacing**2
    share /= max(share.max(initial=0.0), 1e-300)
    able = np.flatnonzero(share > 1e-6)
    count = min(count, len(able))
    # Efraimidis and Spirakis 2006: the largest of u^(1/w) is a weighted draw without replacement
    key = np.log(np.maximum(random.random(len(able)), 1e-300)) / share[able]
    chosen = np.sort(able[np.argsort(-key, kind="stable")[:count]])
    normal = samples.normal[chosen]
    away = random.normal(0, 0.3, (len(chosen), 3)) * samples.spacing[chosen, None]
    return chosen, samples.position[chosen] + away - (away * normal).sum(axis=1, keepdims=True) * normal


def _langer(face: Face, points: F64, normal: F64) -> F64:
    """(N, 3) unit directions of the lines of relaxed skin: level on the forehead, round eyes and mouth, slanting down
    the cheeks (Langer 1861; Borges 1984)."""
    eye = np.where(points[:, :1] > 0, face.eyes[:1], face.eyes[1:])
    flow = np.tile([1.0, 0.0, 0.0], (len(points), 1))
    cheek = np.column_stack([-0.55 * np.sign(points[:, 0]), np.full(len(points), -0.85), np.zeros(len(points))])
    below = np.clip((eye[:, 1] - 0.008 - points[:, 1]) / 0.015, 0, 1)[:, None]
    flow = flow * (1 - below) + cheek * below
    for centre, reach in ((eye, 0.026), (face.mouth, 0.034)):
        away = points - centre
        near = np.exp(-((np.linalg.norm(away[:, :2], axis=1) / reach) ** 2))[:, None]
        flow = flow * (1 - near) + near * np.column_stack([-away[:, 1], away[:, 0], 0 * away[:, 0]]) / reach
    flow -= (flow * normal).sum(axis=1, keepdims=True) * normal
    return np.asarray(flow / np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-9))
