"""The shape of an eyeball: sclera, a recessed iris behind the cornea, and how they turn with each look shape.

MakeHuman's eyeballs are spheres of 140 triangles, so look shapes bend them; here each shape's rotation is fitted, and a
finer globe really turns. The iris is a disc in the plane of the limbus, where a real one stands: painted on the ball it
would bulge, and from the side that shows at once. The cornea above it is clear and draws nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.features.rigid import rigid_motion
from assets.forge.layer import Surface, surface_of
from assets.forge.source import F64, I32

IRIS: Final = 0.0059
"""Metres from the middle to the limbus: much the same in everybody (Caroline and Andre 2002), whatever the ball."""
CORNEA: Final = 0.0078
"""Metres, the radius of the cornea's front (Gullstrand)."""
_SHRINK: Final = 0.975
"""A little smaller than MakeHuman's, to clear the lids."""
_BACK: Final = np.radians(100.0)
"""Nothing is put farther round than this: no look or view reaches it."""
_RINGS, _SPOKES = 22, 48
_BOWL: Final = 0.00035
"""How far the iris falls towards its rim, metres: the lens pushes its middle forward."""


@dataclass(frozen=True)
class Globe:
    """One eye; its surface is the sclera's triangles, then the iris'."""

    centre: F64
    """(3,) metres, what it turns about."""
    radius: float
    surface: Surface
    scleral: int
    """Triangles of the sclera; those after it are the iris'."""
    turns: F64
    """(52, 3, 3) rotation of each ARKit shape at weight 1; the identity for most."""
    shifts: F64
    """(52, 3) metres, how far the centre moves."""

    @property
    def limbus(self) -> float:
        """Half the angle that the iris takes up, seen from the eyeball's centre."""
        return _limbus(self.radius)

    @property
    def cornea(self) -> F64:
        """(3,) centre of the cornea's front, metres."""
        depth = self.radius * np.cos(self.limbus) - np.sqrt(CORNEA**2 - IRIS**2)
        return np.asarray(self.centre + np.array([0.0, 0.0, depth]))

    def moved(self, points: F64) -> F64:
        """(52, M, 3) what each shape moves points (M, 3) by that turn with the eye."""
        away = points - self.centre
        return np.asarray(np.einsum("eij,mj->emi", self.turns - np.eye(3), away) + self.shifts[:, None])


def globe(body: Body, side: str) -> Globe:
    """The eyeball of one `side`, l or r."""
    centre = Face(body).eyes["lr".index(side)]
    coarse = surface_of(body, body.triangles[f"eye_{side}"])
    ball = coarse.vertices - centre
    radius = float(_SHRINK * np.linalg.norm(ball, axis=1).mean())
    turns, shifts = np.tile(np.eye(3), (len(coarse.shapes), 1, 1)), np.zeros((len(coarse.shapes), 3))
    for k, moved in enumerate(coarse.shapes):
        if np.any(moved):
            turns[k], shifts[k] = rigid_motion(ball, ball + moved)
    bare = Globe(centre, radius, coarse, 0, turns, shifts)
    sclera, iris = _sphere(radius), _disc(radius)
    vertices = np.concatenate([sclera[0], iris[0]]) + centre
    surface = Surface(
        vertices,
        np.concatenate([sclera[1], iris[1] + len(sclera[0])]).astype(np.int32),
        np.repeat(coarse.skin_joints[:1], len(vertices), axis=0),
        np.repeat(coarse.skin_weights[:1], len(vertices), axis=0),
        bare.moved(vertices).astype(np.float32),
    )
    return Globe(centre, radius, surface, len(sclera[1]), turns, shifts)


def _sphere(radius: float) -> tuple[F64, I32]:
    """Vertices and triangles of the ball from the limbus backwards, close rings in front."""
    share = np.linspace(0, 1, _RINGS)
    limbus = _limbus(radius)
    polar = limbus + (_BACK - limbus) * share**1.4
    around = np.arange(_SPOKES) * 2 * np.pi / _SPOKES
    ring = np.stack([np.cos(around), np.sin(around)], axis=1)
    xy = np.sin(polar)[:, None, None] * ring
    z = np.broadcast_to(np.cos(polar)[:, None, None], (*xy.shape[:2], 1))
    return radius * np.concatenate([xy, z], axis=2).reshape(-1, 3), _bands(_RINGS)


def _disc(radius: float) -> tuple[F64, I32]:
    """Vertices and triangles of the iris, pupil and all."""
    share = np.linspace(1.0, 0.02, 8)
    around = np.arange(_SPOKES) * 2 * np.pi / _SPOKES
    xy = IRIS * share[:, None, None] * np.stack([np.cos(around), np.sin(around)], axis=1)
    z = radius * np.cos(_limbus(radius)) - _BOWL * share**2
    points = np.concatenate([xy, np.broadcast_to(z[:, None, None], (*xy.shape[:2], 1))], axis=2).reshape(-1, 3)
    return points, _bands(len(share))[:, [0, 2, 1]]


def _limbus(radius: float) -> float:
    return float(np.arcsin(min(IRIS / radius, 0.9)))


def _bands(rings: int) -> I32:
    """Triangles between rings of _SPOKES vertices each, facing out of a ball whose rings go backwards."""
    number = np.arange(rings * _SPOKES).reshape(rings, _SPOKES)
    a, b = number[:-1], number[1:]
    c, d = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    return np.concatenate([np.stack([a, b, c], 2).reshape(-1, 3), np.stack([c, b, d], 2).reshape(-1, 3)]).astype(
        np.int32
    )
