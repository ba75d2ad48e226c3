"""A layer: the geometry that one maker (skin, eyes, hair, garments ...) adds, and the Gaussians that ride on it.

Makers give albedo and shading normals; the forge lights all layers together at the end, so that hair shades the
forehead and a collar the neck. Everything is in the body's frame: metres, y up, facing +z, rest pose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh
from assets.forge.anatomy.body import U16, Body
from assets.forge.source import F32, F64, I32
from assets.harmonics import SH0


@dataclass(frozen=True)
class Surface:
    """A piece of the template mesh: what Avatar's TemplateMesh will hold of it."""

    vertices: F64
    """(V, 3) metres."""
    triangles: I32
    """(F, 3) counter-clockwise seen from outside."""
    skin_joints: U16
    """(V, 4)."""
    skin_weights: F32
    """(V, 4)."""
    shapes: F32
    """(52, V, 3) metres at weight 1."""


@dataclass(frozen=True)
class Layer:
    """What a maker returns; all Gaussian arrays in order of importance within the layer."""

    surface: Surface
    gaussians: Gaussians
    """Bound to this layer's own triangles; `sh` is (N, 1, 3) and encodes linear *albedo* (see `albedo_sh`)."""
    normals: F32
    """(N, 3) unit shading normals in the rest pose."""
    importance: F32
    """(N,) in (0, 1], falling: the share of the avatar that may be left away before this Gaussian is. Progressive
    orders have `falling_importance(N)`: every prefix of the avatar thins all layers alike."""
    lit: F32
    """(N,) 1 where the colour is albedo to be lit, 0 where it is final (a highlight on the eye)."""
    gloss: F32
    """(N,) strength of the broad highlight: 0 is matt, skin about 0.05."""
    scatter: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """How far light of each colour wraps around the edge of shadow, 0 to 1: skin lets red pass farthest."""
    fuzz: float = 0.0
    """Light that fibres standing off catch where one looks along the surface, against what it sends otherwise."""
    tangents: F32 | None = None
    """(N, 3) unit directions along fibres in the rest pose, which then shine as hair does; 0 where there is none."""


def surface_of(body: Body, triangles: I32) -> Surface:
    """The piece of the body that these triangles (F, 3 in the body's vertex numbers) span, numbered afresh."""
    used, inverse = np.unique(triangles, return_inverse=True)
    return Surface(
        body.vertices[used],
        inverse.reshape(-1, 3).astype(np.int32),
        body.skin_joints[used],
        body.skin_weights[used],
        body.shapes[:, used],
    )


def frames(vertices: F64, triangles: I32) -> tuple[F64, F64]:
    """Each triangle's rotation (F, 3, 3), columns n, q, n x q, and mean edge length (F,), as in assets.avatar."""
    v0, v1, v2 = (vertices[triangles[:, k]] for k in range(3))
    normal = _unit(np.cross(v1 - v0, v2 - v0))
    q = _unit((v1 + v2) / 2 - v0)
    edge = sum(np.linalg.norm(a - b, axis=1) for a, b in ((v0, v1), (v1, v2), (v2, v0))) / 3
    return np.stack([normal, q, np.cross(normal, q)], axis=2), np.asarray(edge)


def bind(
    surface: Surface,
    triangle: I32,
    barycentric: F64,
    rotation: F64,
    deviations: F64,
    albedo: F64,
    *,
    position: F64 | None = None,
    opacity: F64 | float = 1.0,
) -> Gaussians:
    """Gaussians given in the rest pose's world, put into the frames of their triangles.

    triangle (N,); barycentric (N, 3), rows sum to 1; rotation (N, 3, 3), columns are the Gaussian's axes; deviations
    (N, 3) metres along them; albedo (N, 3) linear; position (N, 3), the barycentric point itself where left out.
    """
    basis, edge = frames(surface.vertices, surface.triangles)
    basis, edge = basis[triangle], edge[triangle][:, None]
    anchor = np.einsum("nk,nkc->nc", barycentric, surface.vertices[surface.triangles[triangle]])
    away = np.zeros_like(anchor) if position is None else np.einsum("nji,nj->ni", basis, position - anchor) / edge
    local = Rotation.from_matrix(np.einsum("nji,njk->nik", basis, rotation)).as_quat(canonical=True)
    return Gaussians(
        triangle=triangle.astype(np.int32),
        barycentric=barycentric[:, :2].astype(np.float32),
        offset=away.astype(np.float32),
        rotation=local[:, [3, 0, 1, 2]].astype(np.float32),
        scale=(deviations / edge).astype(np.float32),
        opacity=np.broadcast_to(np.asarray(opacity, np.float32), triangle.shape).copy(),
        sh=albedo_sh(albedo),
    )


def surfels(
    surface: Surface,
    triangle: I32,
    barycentric: F64,
    normals: F64,
    spacing: F64,
    albedo: F64,
    *,
    overlap: float = 0.65,
    thickness: float = 0.12,
    position: F64 | None = None,
    opacity: F64 | float = 1.0,
) -> Gaussians:
    """Flat round Gaussians that close a surface sampled `spacing` (N,) metres apart: no holes from overlap 0.6 up.

    The disc lies across `normals` (N, 3) with deviation overlap x spacing; `thickness` is the normal deviation's share
    of that.
    """
    normal = _unit(normals)
    helper = np.where(np.abs(normal[:, 1:2]) < 0.9, [0.0, 1.0, 0.0], [1.0, 0.0, 0.0])
    side = _unit(np.cross(helper, normal))
    radius = overlap * spacing
    return bind(
        surface,
        triangle,
        barycentric,
        np.stack([normal, side, np.cross(normal, side)], axis=2),
        np.stack([thickness * radius, radius, radius], axis=1),
        albedo,
        position=position,
        opacity=opacity,
    )


def positions(surface: Surface, gaussians: Gaussians) -> F64:
    """(N, 3) rest-pose centres of a layer's Gaussians, metres."""
    basis, edge = frames(surface.vertices, surface.triangles)
    corners = surface.vertices[surface.triangles[gaussians.triangle]]
    u, v = gaussians.barycentric[:, :1].astype(np.float64), gaussians.barycentric[:, 1:].astype(np.float64)
    anchor = u * corners[:, 0] + v * corners[:, 1] + (1 - u - v) * corners[:, 2]
    away = np.einsum("nij,nj->ni", basis[gaussians.triangle], gaussians.offset)
    return np.asarray(anchor + edge[gaussians.triangle][:, None] * away)


def vertex_normals(vertices: F64, triangles: I32) -> F64:
    """(V, 3) unit normals, the triangles' own weighted by area."""
    corners = vertices[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(total, triangles[:, k], normal)
    return _unit(total)


def albedo_sh(colour: F64) -> F32:
    """(N, 1, 3) spherical harmonics of a linear colour (N, 3) that is the same from everywhere."""
    return ((colour - 0.5) / SH0)[:, None].astype(np.float32)


def albedo_of(gaussians: Gaussians) -> F64:
    """(N, 3) linear colour: the inverse of `albedo_sh`."""
    return np.asarray(gaussians.sh[:, 0].astype(np.float64) * SH0 + 0.5)


def falling_importance(count: int) -> F32:
    """(count,) importance of a progressive order: 1 down to 0 in even steps."""
    return (1 - (np.arange(count) + 0.5) / max(count, 1)).astype(np.float32)


def joined(parts: Sequence[Gaussians]) -> Gaussians:
    """Gaussians of several makers of one surface, one after the other."""
    return Gaussians(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Gaussians)})


def chosen(gaussians: Gaussians, index: NDArray[Any]) -> Gaussians:
    """The Gaussians at `index` (indices or a mask)."""
    return Gaussians(**{f.name: getattr(gaussians, f.name)[index] for f in fields(Gaussians)})


def shifted(gaussians: Gaussians, first_triangle: int) -> Gaussians:
    """The same Gaussians on a surface that begins with `first_triangle` others."""
    return replace(gaussians, triangle=(gaussians.triangle + first_triangle).astype(np.int32))


def stacked(surfaces: Sequence[Surface]) -> tuple[Surface, list[int]]:
    """Several surfaces as one, and the number that the first triangle of each has in it."""
    vertices = np.cumsum([0] + [len(s.vertices) for s in surfaces])
    triangles = np.cumsum([0] + [len(s.triangles) for s in surfaces])
    whole = Surface(
        np.concatenate([s.vertices for s in surfaces]),
        np.concatenate([s.triangles + vertices[k] for k, s in enumerate(surfaces)]).astype(np.int32),
        np.concatenate([s.skin_joints for s in surfaces]),
        np.concatenate([s.skin_weights for s in surfaces]),
        np.concatenate([s.shapes for s in surfaces], axis=1),
    )
    return whole, [int(k) for k in triangles[:-1]]


def by_importance(layers: Sequence[Layer]) -> NDArray[np.intp]:
    """(N,) the order in which `merge` has the Gaussians of all layers."""
    return np.argsort(-np.concatenate([layer.importance for layer in layers]), kind="stable")


def merge(
    layers: Sequence[Layer],
    skeleton: Skeleton,
    *,
    name: str,
    licence: str,
    levels: Sequence[int] = (),
    provenance: dict[str, Any] | None = None,
) -> Avatar:
    """One avatar of all layers, their Gaussians interleaved by importance.

    It is drawn with Mip-Splatting's filter: lashes, hairs and pores are far thinner than a pixel from where a viewer
    stands, and widened to a pixel at full opacity they would blacken the eyes.
    """
    surface, first = stacked([layer.surface for layer in layers])
    mesh = TemplateMesh(
        vertices=surface.vertices.astype(np.float32),
        triangles=surface.triangles,
        skin_joints=surface.skin_joints,
        skin_weights=surface.skin_weights.astype(np.float32),
        shapes=surface.shapes.astype(np.float16),
    )
    everything = joined([shifted(layer.gaussians, k) for layer, k in zip(layers, first, strict=True)])
    order = by_importance(layers)
    return Avatar(
        name=name,
        licence=licence,
        skeleton=skeleton,
        mesh=mesh,
        gaussians=chosen(everything, order),
        levels=tuple(levels),
        provenance=provenance or {},
        antialiasing="mip",
    )


def _unit(vectors: F64) -> F64:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-20))
