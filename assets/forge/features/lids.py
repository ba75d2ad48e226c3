"""What lies between the lids and the eyeball: the shadow of the lids, the tear line, the caruncle, reddened corners.

All of it hangs on the lids' edges, so a shadow stays under its lid when the eye turns below it, and comes down with the
lid in a blink; light baked into the ball would turn with the ball.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.forge.anatomy.aperture import Aperture, aperture
from assets.forge.anatomy.body import Body
from assets.forge.features.globe import Globe, globe
from assets.forge.layer import Layer, bind, chosen, falling_importance, surface_of
from assets.forge.noise import noise
from assets.forge.palette import linear
from assets.forge.source import F64, I32

_SHADE: Final = np.array([0.030, 0.016, 0.012])
_RED: Final = linear(178, 96, 84)
_FLESH: Final = linear(206, 138, 124)
_TEAR: Final = np.array([0.92, 0.92, 0.94])
_UPPER_ROWS: Final = np.arange(0.0, 0.0042, 0.0006)
_LOWER_ROWS: Final = np.arange(0.0, 0.0014, 0.0006)
_STEP: Final = 2
"""Columns of the opening from one shadow to the next: half a millimetre."""
_ABOVE_BALL: Final = 0.00022
"""Metres."""
_THIN: Final = 0.00004
_FAINT: Final = 0.004
_CARUNCLE: Final = 46


@dataclass(frozen=True)
class _Part:
    """Gaussians that hang on triangles of the skin; lit: whether their colour is albedo."""

    triangle: I32
    position: F64
    normal: F64
    along: F64
    half: F64
    """(N, 2) standard deviations along and across, metres."""
    colour: F64
    opacity: F64
    lit: float


def lids(body: Body, *, seed: int, count: int) -> Layer:
    """Both eyes' lids as far as they are not skin, in at most `count` Gaussians; about 1,500 are all there are."""
    skin = body.triangles["body"]
    parts: list[_Part] = []
    for k, side in enumerate("lr"):
        ball = globe(body, side)
        opening = aperture(body.vertices, skin, ball.centre, ball.radius)
        parts += [_shadow(opening, ball, 0, _UPPER_ROWS, 0.120, 0.0019)]
        parts += [_shadow(opening, ball, 1, _LOWER_ROWS, 0.045, 0.0007)]
        parts += [_corners(opening, ball), *_tear_line(opening, ball)]
        parts += [_caruncle(opening, ball, np.random.default_rng([seed, 61, k]))]
    hung: I32 = np.concatenate([part.triangle for part in parts])
    used, own = np.unique(hung, return_inverse=True)
    normal: F64 = np.concatenate([part.normal for part in parts])
    along = np.concatenate([part.along for part in parts])
    along = along - (along * normal).sum(axis=1, keepdims=True) * normal
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    surface = surface_of(body, skin[used])
    gaussians = bind(
        surface,
        own.reshape(-1).astype(np.int32),
        np.full((len(normal), 3), 1 / 3),
        np.stack([normal, along, np.cross(normal, along)], axis=2),
        np.column_stack([np.full(len(normal), _THIN), np.concatenate([part.half for part in parts])]),
        np.concatenate([part.colour for part in parts]),
        position=np.concatenate([part.position for part in parts]),
        opacity=np.concatenate([part.opacity for part in parts]),
    )
    order = np.random.default_rng([seed, 62]).permutation(np.flatnonzero(gaussians.opacity > _FAINT))[:count]
    # widened for a short prefix, shadows would fill the eye: they thin out first
    return Layer(
        surface=surface,
        gaussians=chosen(gaussians, order),
        normals=normal[order].astype(np.float32),
        importance=0.5 * falling_importance(len(order)),
        lit=np.concatenate([np.full(len(part.triangle), part.lit) for part in parts])[order].astype(np.float32),
        gloss=np.zeros(len(order), np.float32),
    )


def _shadow(opening: Aperture, ball: Globe, lid: int, rows: F64, most: float, reach: float) -> _Part:
    """Of the upper (0) or lower (1) lid: darkest at its edge, gone `reach` farther, twice over."""
    columns = np.arange(0, len(opening.x), _STEP)
    column, row = np.repeat(columns, len(rows)), np.tile(rows, len(columns))
    down = row if lid == 0 else -row
    edge = (opening.upper if lid == 0 else opening.lower)[column]
    position, normal = _on_ball(ball, np.column_stack([opening.x[column], edge - down]))
    middle = (opening.upper[column] + opening.lower[column]) / 2
    inside = (position[:, 1] - middle) * (1 if lid == 0 else -1) > -0.0005
    opacity = most * np.exp(-((row / reach) ** 2)) * inside
    return _Part(
        opening.lids[lid][0][column],
        position,
        normal,
        np.tile([1.0, 0.0, 0.0], (len(row), 1)),
        np.full((len(row), 2), 0.00056),
        np.tile(_SHADE, (len(row), 1)),
        opacity,
        0.0,
    )


def _corners(opening: Aperture, ball: Globe) -> _Part:
    """Both ends of the opening are redder and darker than its middle."""
    columns, shares = np.arange(0, len(opening.x), _STEP), np.array([0.2, 0.5, 0.8])
    column, share = np.repeat(columns, len(shares)), np.tile(shares, len(columns))
    y = opening.lower[column] + share * (opening.upper - opening.lower)[column]
    position, normal = _on_ball(ball, np.column_stack([opening.x[column], y]))
    from_end = np.minimum(opening.x[column] - opening.x[0], opening.x[-1] - opening.x[column])
    near = np.exp(-((from_end / 0.0038) ** 2))
    return _Part(
        opening.lids[1][0][column],
        position,
        normal,
        np.tile([1.0, 0.0, 0.0], (len(column), 1)),
        np.full((len(column), 2), 0.0008),
        0.8 * np.tile(_RED, (len(column), 1)),
        0.075 * near,
        0.9,
    )


def _tear_line(opening: Aperture, ball: Globe) -> list[_Part]:
    """The strip of tears along the lower lid: a moist rim, and the lamp's reflection drawn out in it."""
    middle = slice(2, len(opening.x) - 2)
    x, lower = opening.x[middle], opening.lower[middle]
    count = len(x)
    lid = opening.lids[1][1][middle]
    rim, rim_normal = _on_ball(ball, np.column_stack([x, lower + 0.00008]))
    rim = 0.35 * lid + 0.65 * rim
    bright = 0.10 + 0.5 * np.exp(-(((x - ball.centre[0] - 0.0035) / 0.0028) ** 2))
    bright += 0.22 * np.exp(-(((x - ball.centre[0] + 0.0052) / 0.0022) ** 2))
    up = rim_normal + np.array([0.0, 0.6, 0.0])
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    ends = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / 8, 0, 1)
    margin = _Part(
        opening.lids[1][0][middle],
        rim - [0.0, 0.00035, 0.0],
        up,
        np.gradient(rim, axis=0),
        np.tile([0.00026, 0.00034], (count, 1)),
        np.tile(_FLESH, (count, 1)),
        0.62 * ends,
        1.0,
    )
    shine = _Part(
        opening.lids[1][0][middle],
        rim + 0.00012 * up,
        up,
        np.gradient(rim, axis=0),
        np.tile([0.00024, 0.00007], (count, 1)),
        np.tile(_TEAR, (count, 1)),
        bright * ends,
        0.0,
    )
    return [margin, shine]


def _caruncle(opening: Aperture, ball: Globe, random: np.random.Generator) -> _Part:
    """The pink mound in the inner corner, and the fold of the conjunctiva beside it."""
    sign = np.sign(ball.centre[0])
    start = 0 if sign > 0 else len(opening.x) - 1
    at = int(start + sign * 6)
    middle = np.array([opening.x[at], (opening.upper[at] + opening.lower[at]) / 2])
    radius, turn = np.sqrt(random.random(_CARUNCLE)), random.uniform(0, 2 * np.pi, _CARUNCLE)
    height = 0.40 * (opening.upper[at] - opening.lower[at])
    aside = np.column_stack([0.0014 * radius * np.cos(turn), height * radius * np.sin(turn)])
    position, normal = _on_ball(ball, middle + aside)
    dome = np.sqrt(1 - radius**2)
    position += normal * (0.0003 + 0.0004 * dome)[:, None]
    out = normal + 0.9 * np.column_stack([aside / [0.0014, height], np.zeros(_CARUNCLE)])
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    wet = noise(position, 0.0006, 3)[:, None]
    return _Part(
        np.full(_CARUNCLE, opening.lids[1][0][at], np.int32),
        position,
        out,
        np.tile([1.0, 0.0, 0.0], (_CARUNCLE, 1)),
        np.full((_CARUNCLE, 2), 0.00036),
        _FLESH * (0.80 + 0.10 * wet),
        0.16 + 0.26 * dome,
        0.8,
    )


def _on_ball(ball: Globe, xy: F64) -> tuple[F64, F64]:
    """Places (N, 3) right above the ball at points (N, 2) seen from the front, and the ball's normals there."""
    away = xy - ball.centre[:2]
    away *= np.minimum(1, 0.97 * ball.radius / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9))
    normal = np.column_stack([away, np.sqrt(ball.radius**2 - (away**2).sum(axis=1))]) / ball.radius
    return ball.centre + (ball.radius + _ABOVE_BALL) * normal, normal
