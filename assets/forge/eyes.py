"""The eyeballs: sclera, limbal ring, iris, pupil, the shadow of the upper lid, and the reflection of the key light.

MakeHuman's eyeballs are spheres of 140 triangles; they are refined here, and since each look shape is a rotation of the
ball, the rotation is fitted and the refined ball really turns. The reflection stays where the light is: it sits on
triangles of its own that no shape moves, so that lids close over it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from assets.avatar import Gaussians
from assets.forge.body import Body
from assets.forge.face import Face
from assets.forge.layer import (
    Layer,
    Surface,
    falling_importance,
    joined,
    shifted,
    stacked,
    surface_of,
    surfels,
    vertex_normals,
)
from assets.forge.noise import noise
from assets.forge.palette import Palette, linear
from assets.forge.sampling import Samples, scatter
from assets.forge.source import F64

_IRIS: Final = np.radians(23.5)
"""Half the angle that the iris takes up, seen from the eyeball's centre."""
_PUPIL: Final = np.radians(8.0)
_SHRINK: Final = 0.975
_BACK: Final = np.radians(100.0)
"""Nothing is put farther round than this: no look or view reaches it."""
_SCLERA: Final = linear(226, 218, 212)
_GLANCES: Final = np.array([[0.15, 0.17, 0.97], [-0.19, -0.10, 0.96]])
"""From the eyeball's centre to where key and fill are mirrored in the cornea, for a viewer in front."""
_GLANCE_SIZES: Final = np.array([0.0006, 0.0011])
_GLANCE_COLOURS: Final = np.array([[1.3, 1.28, 1.25], [0.5, 0.55, 0.62]])
_GLANCE_OPACITIES: Final = np.array([0.95, 0.22])
_GLANCE_IMPORTANCE: Final = np.array([0.88, 0.75])
"""Widened for a short prefix, a reflection would hide the iris: it goes first."""


def eyes(body: Body, palette: Palette, *, seed: int, count: int) -> Layer:
    """Both eyeballs with about `count` surfels in all."""
    face = Face(body)
    surfaces: list[Surface] = []
    parts: list[Gaussians] = []
    normals: list[F64] = []
    for k, (side, centre) in enumerate(zip("lr", face.eyes, strict=True)):
        ball = _ball(body, side, centre)
        samples = _samples(ball, centre, seed + k, count // 2)
        outward = (samples.position - centre) / np.linalg.norm(samples.position - centre, axis=1, keepdims=True)
        colour = _colour(outward, palette, seed + k)
        skin = surfels(ball, samples.triangle, samples.barycentric, outward, samples.spacing, colour, overlap=0.68)
        front = float(np.max(ball.vertices[:, 2]) - centre[2])
        mirror, glints, facing = _reflections(body, centre, front)
        surfaces += [ball, mirror]
        parts += [skin, glints]
        normals += [outward, facing]
    surface, first = stacked(surfaces)
    gaussians = joined([shifted(part, k) for part, k in zip(parts, first, strict=True)])
    is_glint = np.concatenate([np.full(len(part), k % 2 == 1) for k, part in enumerate(parts)])
    importance = [_GLANCE_IMPORTANCE if k % 2 else falling_importance(len(part)) for k, part in enumerate(parts)]
    return Layer(
        surface=surface,
        gaussians=gaussians,
        normals=np.concatenate(normals).astype(np.float32),
        importance=np.concatenate(importance).astype(np.float32),
        lit=np.where(is_glint, 0, 0.9).astype(np.float32),
        gloss=np.zeros(len(gaussians), np.float32),
        scatter=(0.25, 0.2, 0.2),
    )


def _ball(body: Body, side: str, centre: F64) -> Surface:
    """One eyeball with each triangle cut in 16, round, its look shapes rigid; a little smaller, to clear the lids."""
    coarse = surface_of(body, body.triangles[f"eye_{side}"])
    vertices, triangles = coarse.vertices - centre, coarse.triangles
    radius = np.linalg.norm(vertices, axis=1)
    for _ in range(2):
        edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
        ends, place = np.unique(edges, axis=0, return_inverse=True)
        ab, bc, ca = (
            place.reshape(-1)[k * len(triangles) : (k + 1) * len(triangles)] + len(vertices) for k in range(3)
        )
        a, b, c = triangles.T
        radius = np.concatenate([radius, radius[ends].mean(axis=1)])
        vertices = np.concatenate([vertices, vertices[ends].mean(axis=1)])
        quarters = [np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
        triangles = np.concatenate(quarters).astype(np.int32)
    vertices *= (_SHRINK * radius / np.linalg.norm(vertices, axis=1))[:, None]
    shapes = np.zeros((len(coarse.shapes), len(vertices), 3), np.float32)
    for k, moved in enumerate(coarse.shapes):
        if np.any(moved):
            turn, shift = _rigid(coarse.vertices - centre, coarse.vertices - centre + moved)
            shapes[k] = vertices @ (turn - np.eye(3)).T + shift
    return Surface(
        vertices + centre,
        triangles,
        np.repeat(coarse.skin_joints[:1], len(vertices), axis=0),
        np.repeat(coarse.skin_weights[:1], len(vertices), axis=0),
        shapes,
    )


def _rigid(before: F64, after: F64) -> tuple[F64, F64]:
    """Rotation (3, 3) and shift (3,) that best take one set of points to the other (Kabsch 1976)."""
    a, b = before - before.mean(0), after - after.mean(0)
    u, _, vt = np.linalg.svd(b.T @ a)
    turn = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
    return turn, after.mean(0) - turn @ before.mean(0)


def _samples(ball: Surface, centre: F64, seed: int, count: int) -> Samples:
    """Close together on the iris, loose on the sclera, none at the back."""
    middle = ball.vertices[ball.triangles].mean(axis=1) - centre
    angle = np.arccos(np.clip(middle[:, 2] / np.linalg.norm(middle, axis=1), -1, 1))
    detail = np.where(angle < _IRIS * 1.25, 3.0, np.where(angle < np.radians(65), 1.3, 0.9)) * (angle < _BACK)
    used = np.flatnonzero(detail > 0)
    samples = scatter(
        ball.vertices,
        ball.triangles[used],
        count,
        seed,
        detail=detail[used],
        normals=vertex_normals(ball.vertices, ball.triangles),
    )
    return replace(samples, triangle=used[samples.triangle].astype(np.int32))


def _colour(outward: F64, palette: Palette, seed: int) -> F64:
    """(N, 3) by the angle from the gaze axis, which is +z at rest."""
    angle = np.arccos(np.clip(outward[:, 2], -1, 1))[:, None]
    around = np.arctan2(outward[:, 1], outward[:, 0])
    ring = np.stack([np.cos(around), np.sin(around), np.full_like(around, 0.3)], axis=1)
    fibres = noise(ring, 0.045, seed)[:, None] + 0.6 * noise(ring, 0.12, seed + 1)[:, None]
    outer = (angle - _PUPIL) / (_IRIS - _PUPIL)
    iris = palette.iris * (1.15 + 0.38 * fibres) * (1.25 - 0.35 * np.clip(outer, 0, 1))
    collar = np.exp(-(((outer - 0.28) / 0.14) ** 2))
    iris = iris * (1 + 0.35 * collar)
    iris += _step(outer, 0.70, 1.0) * (palette.iris_edge * 0.45 - iris)
    veins = np.clip(noise(outward, 0.09, seed + 2, 2), 0, 1)[:, None] * np.clip((angle - 0.7) / 0.6, 0, 1)
    white = _SCLERA * (1 - veins * [0.05, 0.22, 0.20]) * np.exp(-0.10 * np.clip(angle - 0.8, 0, 1) * [0.6, 1.4, 1.5])
    colour = iris + _step(angle, _IRIS * 0.97, _IRIS * 1.07) * (white - iris)
    colour += (1 - _step(angle, _PUPIL * 0.92, _PUPIL * 1.08)) * (0.006 - colour)
    lid = _step(outward[:, 1:2], 0.10, 0.42) * 0.55 + _step(-outward[:, 1:2], 0.30, 0.60) * 0.2
    return np.asarray(np.clip(colour * (1 - lid), 0.003, 0.9))


def _reflections(body: Body, centre: F64, radius: float) -> tuple[Surface, Gaussians, F64]:
    """A tiny still triangle for each light that is mirrored in an eye, its Gaussian, and its normal."""
    directions = _GLANCES / np.linalg.norm(_GLANCES, axis=1, keepdims=True)
    middle = centre + directions * (radius + 0.0004)
    side = np.cross([0.0, 1.0, 0.0], directions)
    up = np.cross(directions, side)
    corners = np.stack([middle + 0.001 * up, middle - 0.001 * (up + side), middle - 0.001 * (up - side)], axis=1)
    count = len(directions)
    head = body.skeleton.names.index("head")
    surface = Surface(
        corners.reshape(-1, 3),
        np.arange(3 * count, dtype=np.int32).reshape(-1, 3),
        np.full((3 * count, 4), head, np.uint16),
        np.tile(np.array([1, 0, 0, 0], np.float32), (3 * count, 1)),
        np.zeros((body.shapes.shape[0], 3 * count, 3), np.float32),
    )
    gaussians = surfels(
        surface,
        np.arange(count, dtype=np.int32),
        np.full((count, 3), 1 / 3),
        directions,
        _GLANCE_SIZES,
        _GLANCE_COLOURS,
        overlap=1.0,
        opacity=_GLANCE_OPACITIES,
    )
    return surface, gaussians, directions


def _step(value: F64, low: float, high: float) -> F64:
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
