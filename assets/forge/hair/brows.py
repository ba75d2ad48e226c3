"""Eyebrows: short thin hairs of two Gaussians each that lie along the skin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.hair.colour import WHITE
from assets.forge.layer import Layer, bind, chosen, falling_importance, frames, joined, surface_of
from assets.forge.palette import Palette
from assets.forge.source import F64


@dataclass(frozen=True)
class BrowStyle:
    """How brows differ from the plain ones; factors unless said otherwise."""

    arch: float = 0.0
    """Metres that the middle stands higher than plain."""
    tail: float = 0.0
    """Metres that the outer end stands higher than plain."""
    height: float = 1.0
    """Of the hairy stripe."""
    length: float = 1.0
    """Of a hair."""
    fullness: float = 1.0
    disorder: float = 1.0
    """How much directions of growth differ."""


BROW_STYLES: Final[Mapping[str, BrowStyle]] = MappingProxyType(
    {
        "plain": BrowStyle(),
        "straight": BrowStyle(arch=-0.0030, tail=0.0022),
        "arched": BrowStyle(arch=0.0022, tail=-0.0006, height=0.9),
        "thin": BrowStyle(arch=0.0014, height=0.62, length=0.8, fullness=0.95, disorder=0.7),
        "full": BrowStyle(arch=-0.0012, tail=0.0008, height=1.35, length=1.1, fullness=1.1, disorder=1.2),
        "bushy": BrowStyle(arch=-0.0016, tail=0.0006, height=1.5, length=1.45, fullness=1.0, disorder=2.4),
        "sparse": BrowStyle(height=1.1, fullness=0.62, disorder=1.4),
    }
)
"""The brows by name."""
_ARCH: Final = np.array([[-0.0140, 0.0140], [0.0005, 0.0175], [0.0130, 0.0215], [0.0225, 0.0138]])
"""Bezier points of a brow's middle line from the eye's centre, metres; x points away from the nose."""
_ALONG: Final = np.array([0.0, 0.15, 0.4, 0.7, 1.0])
_HALF_WIDTH: Final = np.array([0.0022, 0.0028, 0.0026, 0.0018, 0.0007])
_GROWTH: Final = np.radians([72.0, 48.0, 22.0, -10.0, -30.0])
"""Direction of growth above outwards."""
_LENGTH: Final = np.array([0.0048, 0.0066, 0.0070, 0.0062, 0.0050])
_FULLNESS: Final = np.array([0.13, 0.46, 0.62, 0.60, 0.34])
"""Half the brow's width, growth, length of a hair in metres, and its opacity, at the places _ALONG the brow."""
_MOST: Final = 430
"""Hairs of a plain brow; more would close to a bar."""
_THIN: Final = 0.00011
"""Least deviation across a hair, metres."""


def brows_named(name: str) -> BrowStyle:
    """One of BROW_STYLES; raises ForgeError with their names where there is no such one."""
    if name not in BROW_STYLES:
        raise ForgeError(f"There are no brows {name!r}; choose among {', '.join(BROW_STYLES)}.")
    return BROW_STYLES[name]


def brows(body: Body, palette: Palette, *, seed: int, count: int, style: str = "plain", grey: float = 0.0) -> Layer:
    """Both eyebrows, at most `count` Gaussians, `grey` of them white; raises ForgeError where there is no such style.

    Each hair is two Gaussians, the outer one thinner.
    """
    form = brows_named(style)
    random = np.random.default_rng([seed, 3])
    face = Face(body)
    each = min(count // 4, round(_MOST * form.height))
    curve = _ARCH.copy()
    curve[:, 1] += form.arch * np.array([0.3, 1.0, 1.0, 0.0]) + form.tail * np.array([0.0, 0.0, 0.4, 1.0])
    xy, angle, length, opacity = [], [], [], []
    for sign, eye in zip((1.0, -1.0), face.eyes, strict=True):
        along = random.beta(1.1, 1.15, each)
        across = np.clip(random.normal(0, 0.42, each), -1, 1)
        turn = np.interp(along, _ALONG, _GROWTH) - 0.28 * across + form.disorder * random.normal(0, 0.13, each)
        middle = _bezier(curve, along) * [sign, 1.0] + eye[:2]
        middle[:, 1] += form.height * across * np.interp(along, _ALONG, _HALF_WIDTH)
        xy.append(middle)
        angle.append(np.where(sign > 0, turn, np.pi - turn))
        length.append(form.length * np.interp(along, _ALONG, _LENGTH) * random.uniform(0.75, 1.15, each))
        opacity.append(np.clip(1.15 * form.fullness * np.interp(along, _ALONG, _FULLNESS), 0, 0.95))
    order = random.permutation(2 * each)
    triangle, barycentric = face.front(np.concatenate(xy)[order])
    used, local = np.unique(triangle, return_inverse=True)
    local = local.reshape(-1)
    surface = surface_of(body, body.triangles["body"][used])
    basis, _ = frames(surface.vertices, surface.triangles)
    turned, long = np.concatenate(angle)[order], np.concatenate(length)[order]
    normal = basis[local, :, 0]
    along_z = -(normal[:, 0] * np.cos(turned) + normal[:, 1] * np.sin(turned)) / normal[:, 2]
    direction = _unit(np.stack([np.cos(turned), np.sin(turned), along_z], axis=1))
    anchor = np.einsum("nk,nkc->nc", barycentric, surface.vertices[surface.triangles[local]]) + normal * 0.0007
    bend = random.normal(-0.12, 0.12, len(long))[:, None] * np.cross(normal, direction)
    width = random.uniform(_THIN, 1.6 * _THIN, len(long))
    tone = palette.brow * np.exp(random.normal(0.0, 0.28, (len(long), 1)))
    tone[random.random(len(long)) < grey] = 0.9 * WHITE
    halves = [
        bind(
            surface,
            local.astype(np.int32),
            barycentric,
            np.stack([reach, np.cross(normal, reach), normal], axis=2),
            np.stack([long / 5.2, thin * width, thin * width], axis=1),
            tone,
            position=anchor + (k - 0.5) * 0.5 * long[:, None] * reach,
            opacity=np.concatenate(opacity)[order] * strength,
        )
        for k, thin, strength, reach in (
            (0, 1.0, 1.0, _unit(direction - bend)),
            (1, 0.7, 0.85, _unit(direction + bend)),
        )
    ]
    pairs = np.stack([np.arange(len(long)), np.arange(len(long)) + len(long)], axis=1).ravel()
    return Layer(
        surface=surface,
        gaussians=chosen(joined(halves), pairs),
        normals=np.repeat(normal, 2, axis=0).astype(np.float32),
        importance=falling_importance(2 * len(long)),
        lit=np.ones(2 * len(long), np.float32),
        gloss=np.zeros(2 * len(long), np.float32),
        scatter=(0.3, 0.3, 0.3),
    )


def _bezier(curve: F64, t: F64) -> F64:
    s = 1 - t
    powers = np.stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3], axis=1)
    return np.asarray(powers @ curve)


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-20))
