"""Colours of the eye: the iris with its fibres, collarette and limbal ring, the pupil, the sclera with its veins.

An iris is a sheet of radial fibres over a dark layer: thick at the collarette, a wavy line a third of the way out that
is often of another colour, with gaps (crypts) beyond it (Sturm and Larsson 2009, Pigment Cell & Melanoma Research 22).
The cornea gathers light onto the side of the iris away from the lamp.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.noise import noise
from assets.forge.palette import Palette, linear
from assets.forge.source import F64

PUPIL: Final = 0.34
"""Share of the iris' radius: 4 mm in a lit room."""
_SCLERA: Final = linear(214, 206, 198)
_LIMBUS_BLUE: Final = linear(148, 148, 148)
_CORNER: Final = linear(196, 158, 146)
_BLACK: Final = 0.0045


def iris_colour(xy: F64, palette: Palette, light_from: F64, seed: int) -> F64:
    """(N, 3) at places (N, 2) in the iris' plane, in units of its radius; light_from (3,): where the key light is."""
    out = np.linalg.norm(xy, axis=1)
    around = np.arctan2(xy[:, 1], xy[:, 0])
    turn = np.stack([np.cos(around), np.sin(around)], axis=1)
    waves = 0.045 * noise(np.column_stack([turn, np.zeros(len(xy))]), 0.28, seed + 5, 2)
    share = np.clip((out - PUPIL) / (1 - PUPIL), 0, 1) + waves

    def streaks(width: float, run: float, salt: int) -> F64:
        """Noise drawn out along the fibres, `width` of the circle's radius wide."""
        bend = around + 0.10 * noise(np.column_stack([turn, share[:, None]]), 0.5, seed + 9)
        ring = np.stack([np.cos(bend), np.sin(bend), share * width / run], axis=1)
        return noise(ring, width, seed + salt)

    fibre = 0.55 * streaks(0.045, 0.5, 0) + 0.45 * streaks(0.10, 0.35, 1) + 0.35 * streaks(0.022, 0.8, 2)
    crypts = np.clip(streaks(0.16, 0.16, 3) - 0.38, 0, 1) * np.exp(-(((share - 0.42) / 0.18) ** 2))
    collar = np.exp(-(((share - 0.30) / 0.075) ** 2))
    inner = 1 / (1 + np.exp((share - 0.30) / 0.05))
    base = palette.iris + 0.55 * inner[:, None] * (palette.iris_collar - palette.iris)
    colour = base * np.clip(1.02 + 0.62 * fibre + 0.30 * collar - 1.2 * crypts, 0.18, 2.2)[:, None]
    edge = _step(share, 0.70, 0.99)[:, None]
    colour = colour + edge * (0.55 * palette.iris_edge - colour)
    ruff = np.exp(-((share / 0.045) ** 2))[:, None]
    colour = colour + 0.75 * ruff * (0.02 - colour)
    away = -light_from[:2] / max(float(np.linalg.norm(light_from[:2])), 1e-9)
    gathered = 1 + 0.50 * np.clip(xy @ away, -0.7, 1) * _step(out, 0.25, 0.8)
    colour = colour * gathered[:, None] * 1.18
    pupil = 1 - _step(out, PUPIL * 0.94, PUPIL * 1.05)
    return np.asarray(np.clip(colour + pupil[:, None] * (_BLACK - colour), _BLACK, 0.9))


def sclera_colour(outward: F64, edge: float, palette: Palette, seed: int) -> F64:
    """(N, 3) by unit directions (N, 3) from the ball's centre, gaze along +z; `edge`: the limbus, radians."""
    angle = np.arccos(np.clip(outward[:, 2], -1, 1))
    aside = np.abs(outward[:, 0])[:, None]
    white = _SCLERA + np.clip((aside - 0.34) / 0.5, 0, 1) ** 1.5 * (_CORNER - _SCLERA)
    mottled = noise(outward, 0.10, seed, 3)[:, None] * np.clip((angle[:, None] - 0.45) / 0.5, 0, 1)
    white = white * (1 + mottled * np.array([-0.01, -0.05, -0.06]))
    near = np.clip((angle - edge) / 0.075, 0, 1)[:, None]
    rim = 0.45 * palette.iris_edge + 0.25 * _LIMBUS_BLUE
    white = _LIMBUS_BLUE * 0.9 + _step(near, 0.15, 1.0) * (white - _LIMBUS_BLUE * 0.9)
    return np.asarray(np.clip(rim + _step(near, 0.0, 0.42) * (white - rim), 0.0, 0.9))


def veins(random: np.random.Generator, edge: float) -> tuple[F64, F64]:
    """Unit directions (M, 3) along the veins of a sclera, and how strong (M,) each point is: from the corners towards
    the limbus, wandering, thinning, forking."""
    points, strength = [], []
    for _ in range(34):
        around = (0.0 if random.random() < 0.5 else np.pi) + random.normal(0, 0.42)
        polar, heading, force = random.uniform(0.95, 1.15), random.normal(0, 0.25), random.uniform(0.35, 1.0)
        stop = edge + random.uniform(0.06, 0.35)
        while polar > stop and force > 0.08:
            points.append([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)])
            strength.append(force)
            heading += random.normal(0, 0.22) - 0.10 * heading
            polar -= 0.016 * np.cos(heading)
            around += 0.016 * np.sin(heading) / np.sin(polar)
            force *= 0.975
    return np.array(points), np.array(strength)


def _step(value: F64, low: float, high: float) -> F64:
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
