"""Eyebrows and eyelashes: short thin Gaussians, one a hair, that lie along the skin or stand on the lid's edge."""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.body import Body
from assets.forge.face import Face
from assets.forge.layer import Layer, bind, falling_importance, frames, surface_of
from assets.forge.palette import Palette
from assets.forge.sampling import scatter
from assets.forge.source import F64

_ARCH: Final = np.array([[-0.0140, 0.0140], [0.0005, 0.0175], [0.0130, 0.0215], [0.0225, 0.0138]])
"""Bezier points of a brow's middle line from the eye's centre, metres; x points away from the nose."""
_ALONG: Final = np.array([0.0, 0.15, 0.4, 0.7, 1.0])
_HALF_WIDTH: Final = np.array([0.0022, 0.0028, 0.0026, 0.0018, 0.0007])
_GROWTH: Final = np.radians([72.0, 48.0, 22.0, -10.0, -30.0])
"""Direction of growth above outwards."""
_LENGTH: Final = np.array([0.0048, 0.0066, 0.0070, 0.0062, 0.0050])
_FULLNESS: Final = np.array([0.13, 0.46, 0.62, 0.60, 0.34])
"""Half the brow's width, growth, length of a hair in metres, and its opacity, at the places _ALONG the brow."""


def brows(body: Body, palette: Palette, *, seed: int, count: int) -> Layer:
    """Both eyebrows, about `count` hairs in all."""
    random = np.random.default_rng([seed, 3])
    face = Face(body)
    each = count // 2
    xy, angle, length, opacity = [], [], [], []
    for sign, eye in zip((1.0, -1.0), face.eyes, strict=True):
        along = random.beta(1.1, 1.15, each)
        across = np.clip(random.normal(0, 0.42, each), -1, 1)
        turn = np.interp(along, _ALONG, _GROWTH) - 0.28 * across + random.normal(0, 0.13, each)
        middle = _bezier(along) * [sign, 1.0] + eye[:2]
        middle[:, 1] += across * np.interp(along, _ALONG, _HALF_WIDTH)
        xy.append(middle)
        angle.append(np.where(sign > 0, turn, np.pi - turn))
        length.append(np.interp(along, _ALONG, _LENGTH) * random.uniform(0.75, 1.15, each))
        opacity.append(np.interp(along, _ALONG, _FULLNESS))
    order = random.permutation(2 * each)
    xy_all, turned, long = np.concatenate(xy)[order], np.concatenate(angle)[order], np.concatenate(length)[order]
    triangle, barycentric = face.front(xy_all)
    used, local = np.unique(triangle, return_inverse=True)
    surface = surface_of(body, body.triangles["body"][used])
    basis, _ = frames(surface.vertices, surface.triangles)
    normal = basis[local.reshape(-1), :, 0]
    along_z = -(normal[:, 0] * np.cos(turned) + normal[:, 1] * np.sin(turned)) / normal[:, 2]
    direction = _unit(np.stack([np.cos(turned), np.sin(turned), along_z], axis=1))
    anchor = np.einsum("nk,nkc->nc", barycentric, surface.vertices[surface.triangles[local.reshape(-1)]])
    width = random.uniform(0.00011, 0.00019, len(long))
    shade = random.normal(1.0, 0.16, (len(long), 1)).clip(0.6, 1.5)
    return Layer(
        surface=surface,
        gaussians=bind(
            surface,
            local.reshape(-1).astype(np.int32),
            barycentric,
            np.stack([direction, np.cross(normal, direction), normal], axis=2),
            np.stack([long / 3.4, width, width], axis=1),
            palette.brow * shade,
            position=anchor + normal * 0.0007,
            opacity=np.concatenate(opacity)[order],
        ),
        normals=normal.astype(np.float32),
        importance=falling_importance(len(long)),
        lit=np.ones(len(long), np.float32),
        gloss=np.zeros(len(long), np.float32),
        scatter=(0.3, 0.3, 0.3),
    )


def lashes(body: Body, palette: Palette, *, seed: int, count: int) -> Layer:
    """Upper and lower lashes of both eyes, about `count` pieces of hair in all, thinner towards their tips."""
    random = np.random.default_rng([seed, 4])
    triangles = np.concatenate([body.triangles["lashes_l"], body.triangles["lashes_r"]])
    surface = surface_of(body, triangles)
    eyes = Face(body).eyes
    root, middle = Face(body).eye_radius, surface.vertices[surface.triangles].mean(axis=1)
    left = middle[:, 0] > 0
    away = middle - np.where(left[:, None], eyes[0], eyes[1])
    upper = away[:, 1] > -0.0012
    reach = np.linalg.norm(away, axis=1) - root
    longest = np.where(upper, 0.0062, 0.0034)
    detail = np.clip(1.15 - reach / longest, 0, 1) * np.where(upper, 1.0, 0.62)
    used = np.flatnonzero(detail > 0.05)
    samples = scatter(surface.vertices, surface.triangles[used], count, seed, detail=detail[used])
    triangle = used[samples.triangle]
    basis, _ = frames(surface.vertices, surface.triangles)
    normal = basis[triangle, :, 0]
    outward = samples.position - np.where(samples.position[:, :1] > 0, eyes[0], eyes[1])
    sweep = outward * [1.25, 0.8, 0.9] + random.normal(0, 0.0010, outward.shape)
    direction = _unit(sweep - normal * np.einsum("nc,nc->n", sweep, normal)[:, None])
    share = np.clip((np.linalg.norm(outward, axis=1) - root) / longest[triangle], 0, 1)
    width = 0.00011 * (1 - 0.55 * share)
    opacity = np.where(upper[triangle], 0.85, 0.45) * (1 - 0.6 * share)
    return Layer(
        surface=surface,
        gaussians=bind(
            surface,
            triangle.astype(np.int32),
            samples.barycentric,
            np.stack([direction, np.cross(normal, direction), normal], axis=2),
            np.stack([np.full(len(width), 0.0010), width, width], axis=1),
            np.tile(palette.brow * 0.45, (len(width), 1)),
            opacity=opacity,
        ),
        normals=_unit(outward).astype(np.float32),
        importance=falling_importance(len(width)),
        lit=np.ones(len(width), np.float32),
        gloss=np.zeros(len(width), np.float32),
        scatter=(0.3, 0.3, 0.3),
    )


def _bezier(t: F64) -> F64:
    s = 1 - t
    powers = np.stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3], axis=1)
    return np.asarray(powers @ _ARCH)


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-20))
