"""The eyeballs as Gaussians, and the reflections of the lamps in their corneas.

A lamp far away is mirrored in the cornea where its normal halves the angle between lamp and viewer. That place is fixed
to the cornea's centre, not to the iris: when the eye turns, the pupil moves by the ball's radius and the reflection
only by the distance between the two centres, so it stays near the lamp's direction while the pupil goes by below it.
Reflections are Gaussians of their own that shapes and joints move just so. They lie within the ball's sphere: closed
lids cover them, and so does the sclera where the cornea no longer reaches under them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians
from assets.forge.anatomy.body import Body
from assets.forge.features.globe import CORNEA, IRIS, Globe, globe
from assets.forge.features.iris import iris_colour, sclera_colour, veins
from assets.forge.layer import (
    Layer,
    Surface,
    bind,
    falling_importance,
    joined,
    shifted,
    stacked,
    surfels,
)
from assets.forge.palette import Palette
from assets.forge.sampling import Samples, scatter
from assets.forge.source import F64
from assets.forge.studio import Studio

_DETAIL_IRIS, _DETAIL_WHITE, _DETAIL_BACK = 2.6, 1.1, 0.45
_SEEN: Final = np.radians(68.0)
"""Farther round than this the ball shows only at the ends of looks."""
_VEIN: Final = np.array([0.50, 0.085, 0.065])
_VEINED: Final = 0.13
"""Share of the Gaussians that are veins."""
_LIT: Final = 0.7
"""Share of the ball's light that is baked and turns with it; the lids' shadow is the lids' own (see `lids`)."""
_INSIDE: Final = 0.99
"""Where reflections lie, as a share of the ball's radius."""
_WINDOW: Final = np.array([(x, y) for x in (-1.0, 0.0, 1.0) for y in (-1.0, 0.0, 1.0)])
_WINDOW_SHARE: Final = 1 - 0.55 * (np.abs(_WINDOW).sum(axis=1) > 1.5)
"""Of the lamp's softbox, its corners rounded."""
_KEY_HALF, _FILL_HALF = 0.00036, 0.00080
"""Half a side of the square that a lamp's softbox makes in the cornea, metres."""
_KEY_IMPORTANCE, _FILL_IMPORTANCE = 0.62, 0.5
"""Widened for a short prefix, a reflection would hide the iris: it goes first."""


def eyes(body: Body, palette: Palette, *, seed: int, count: int, studio: Studio | None = None) -> Layer:
    """Both eyeballs with about `count` Gaussians in all, mirroring the lamps of `studio`."""
    studio = studio or Studio()
    surfaces: list[Surface] = []
    parts: list[Gaussians] = []
    normals: list[F64] = []
    lit: list[F64] = []
    importance: list[NDArray[np.floating]] = []
    for k, side in enumerate("lr"):
        ball = globe(body, side)
        random = np.random.default_rng([seed, k, 51])
        threads = round(_VEINED * count / 2)
        samples = _samples(ball, seed + k, count // 2 - threads)
        colour = _colour(ball, samples, palette, studio, seed + k)
        skin = surfels(
            ball.surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, colour, overlap=0.72
        )
        thread, thread_normal = _threads(ball, random, threads)
        mirror, glints, facing = _reflections(body, side, ball, studio)
        surfaces += [ball.surface, mirror]
        parts += [joined([skin, thread]), glints]
        normals += [samples.normal, thread_normal, facing]
        lit += [np.full(len(skin) + len(thread), _LIT), np.zeros(len(glints))]
        progressive = [falling_importance(len(skin)), 0.3 * falling_importance(len(thread))]
        each = len(_WINDOW)
        importance += [*progressive, np.repeat([_KEY_IMPORTANCE, _FILL_IMPORTANCE], each)]
    surface, first = stacked(surfaces)
    gaussians = joined([shifted(part, k) for part, k in zip(parts, first, strict=True)])
    return Layer(
        surface=surface,
        gaussians=gaussians,
        normals=np.concatenate(normals).astype(np.float32),
        importance=np.concatenate(importance).astype(np.float32),
        lit=np.concatenate(lit).astype(np.float32),
        gloss=np.zeros(len(gaussians), np.float32),
        scatter=(0.25, 0.2, 0.2),
    )


def _samples(ball: Globe, seed: int, count: int) -> Samples:
    """Close together on the iris, loose on the white, looser at the back; normals are the ball's and the disc's own."""
    surface = ball.surface
    middle = surface.vertices[surface.triangles].mean(axis=1) - ball.centre
    angle = np.arccos(np.clip(middle[:, 2] / np.linalg.norm(middle, axis=1), -1, 1))
    detail = np.where(angle < _SEEN, _DETAIL_WHITE, _DETAIL_BACK)
    detail = np.where(angle < ball.limbus * 1.12, _DETAIL_IRIS * 0.8, detail)
    detail[ball.scleral :] = _DETAIL_IRIS
    normals = surface.vertices - ball.centre
    iris = np.unique(surface.triangles[ball.scleral :])
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    normals[iris] = [0.0, 0.0, 1.0]
    return scatter(surface.vertices, surface.triangles, count, seed, detail=detail, normals=normals)


def _colour(ball: Globe, samples: Samples, palette: Palette, studio: Studio, seed: int) -> F64:
    away = samples.position - ball.centre
    outward = away / np.linalg.norm(away, axis=1, keepdims=True)
    colour = sclera_colour(outward, ball.limbus, palette, seed)
    iris = samples.triangle >= ball.scleral
    colour[iris] = iris_colour(away[iris, :2] / IRIS, palette, np.array(studio.key_from), seed)
    return colour


def _threads(ball: Globe, random: np.random.Generator, count: int) -> tuple[Gaussians, F64]:
    """The veins of the sclera as at most `count` thin translucent Gaussians, and their normals."""
    outward, strength = (each[:count] for each in veins(random, ball.limbus))
    surface = ball.surface
    corners = surface.vertices[surface.triangles[: ball.scleral]].mean(axis=1) - ball.centre
    corners /= np.linalg.norm(corners, axis=1, keepdims=True)
    triangle = np.argmax(outward @ corners.T, axis=1).astype(np.int32)
    step = np.gradient(outward, axis=0)
    along = step - (step * outward).sum(axis=1, keepdims=True) * outward
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    gaussians = bind(
        surface,
        triangle,
        np.full((len(outward), 3), 1 / 3),
        np.stack([outward, along, np.cross(outward, along)], axis=2),
        np.column_stack([np.full(len(outward), 2e-5), np.full(len(outward), 0.00016), 0.00003 + 0.00005 * strength]),
        np.tile(_VEIN, (len(outward), 1)),
        position=ball.centre + outward * (ball.radius + 0.00012),
        opacity=0.30 * strength,
    )
    return gaussians, outward


def _reflections(body: Body, side: str, ball: Globe, studio: Studio) -> tuple[Surface, Gaussians, F64]:
    """A small triangle for each lamp that is mirrored in an eye, nine Gaussians on it, and their normals."""
    viewer = np.array([0.0, 0.0, 1.0])
    names = body.skeleton.names
    places, corners, shapes = [], [], []
    for lamp in (studio.key_from, studio.fill_from):
        half = np.array(lamp) / np.linalg.norm(lamp) + viewer
        half /= np.linalg.norm(half)
        aside = (ball.cornea - ball.centre + CORNEA * half)[:2]
        reach = _INSIDE * ball.radius
        aside *= min(1.0, 0.93 * IRIS / float(np.linalg.norm(aside)))
        places.append(np.append(aside, np.sqrt(reach**2 - aside @ aside)) + ball.centre)
        corners.append(places[-1] + 0.001 * np.array([[0.0, 1.0, 0.0], [-1.0, -1.0, 0.0], [1.0, -1.0, 0.0]]))
        shapes.append(np.repeat(ball.moved(ball.cornea[None]), 3, axis=1))
    # joints that turn the eye instead: blended between head and eye, the corners move as the cornea's centre does
    share = float(ball.cornea[2] - ball.centre[2]) / float(places[0][2] - ball.centre[2])
    count = 3 * len(places)
    surface = Surface(
        np.concatenate(corners),
        np.arange(count, dtype=np.int32).reshape(-1, 3),
        np.tile(np.array([names.index(f"eye_{side}"), names.index("head"), 0, 0], np.uint16), (count, 1)),
        np.tile(np.array([share, 1 - share, 0, 0], np.float32), (count, 1)),
        np.concatenate(shapes, axis=1).astype(np.float32),
    )
    each = len(_WINDOW)
    half = np.repeat([_KEY_HALF, _FILL_HALF], each)[:, None]
    around = np.repeat(places, each, axis=0) + np.tile(np.column_stack([_WINDOW, np.zeros(each)]), (2, 1)) * half
    colour = np.repeat([np.array(studio.key) / 1.7, np.array(studio.fill)], each, axis=0)
    facing = np.tile(viewer, (2 * each, 1))
    glints = surfels(
        surface,
        np.repeat(np.arange(2, dtype=np.int32), each),
        np.full((2 * each, 3), 1 / 3),
        facing,
        half[:, 0],
        colour,
        overlap=0.58,
        position=around,
        opacity=np.outer([0.62, 0.055], _WINDOW_SHARE).reshape(-1),
    )
    return surface, glints, facing
