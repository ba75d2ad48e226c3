"""The template made ready: what cameras see of it, in few triangles, with Gaussians strewn over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import fast_simplification
import numpy as np
from numpy.typing import NDArray

from assets.avatar import TemplateMesh
from assets.errors import TrainError
from assets.train.cameras import Camera
from assets.train.capture import Capture, Frame
from assets.train.template import Template, part

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

OVERLAP: Final = 0.7
"""Deviation of a Gaussian as a share of the distance to the next."""
FLATNESS: Final = 0.2
"""Its thickness as a share of its deviation."""
LEAST_SHARE: Final = 0.25
"""Of the pictures, in which a part of the template has to be for it to be kept."""
_PLASTIC: Final = (0.7548776662466927, 0.5698402909980532)
"""Steps of the evenest sequence of points in a square (Roberts 2018)."""


@dataclass(frozen=True)
class Strewn:
    """Gaussians lying flat on the template's triangles, in an order of which every prefix is evenly thinned."""

    parent: I32
    """(N,) triangle."""
    barycentric: F32
    """(N, 2)."""
    scale: F32
    """(N, 3) in mean edges, first across the triangle."""


def ready(capture: Capture, vertices: int) -> Template:
    """What the training's pictures show of the capture's template, with about so many vertices at most."""
    frames = capture.training_frames()
    some = frames[:: max(1, len(frames) // 8)]
    cameras = [camera for camera in capture.cameras if not camera.held_out]
    places = [posed(capture.template.mesh, frame) for frame in some]
    shares = np.mean([in_sight(points, camera) for points in places for camera in cameras], axis=0)
    shown = (shares >= LEAST_SHARE)[capture.template.mesh.triangles].any(axis=1)
    if not shown.any():
        raise TrainError("The cameras do not see the template: are its poses and their places in one space?")
    template = part(capture.template, np.flatnonzero(shown))
    return simplified(template, vertices)


def posed(mesh: TemplateMesh, frame: Frame) -> F64:
    """(V, 3) vertices: shapes, then linear blend skinning."""
    moved = mesh.vertices + np.einsum("e,evc->vc", frame.expression, mesh.shapes.astype(np.float32))
    blended = np.einsum("vk,vkab->vab", mesh.skin_weights, frame.joints[mesh.skin_joints])
    return np.asarray(np.einsum("vab,vb->va", blended[:, :3, :3], moved) + blended[:, :3, 3], np.float64)


def in_sight(points: F64, camera: Camera) -> NDArray[np.bool_]:
    """(V,) which of the points (V, 3) lie within the camera's picture, hidden or not."""
    local = (points - camera.pose[:3, 3]) @ camera.pose[:3, :3]
    depth = np.maximum(-local[:, 2], 1e-6)
    column = camera.cx + camera.fx * local[:, 0] / depth
    row = camera.cy - camera.fy * local[:, 1] / depth
    return (local[:, 2] < 0) & (column > 0) & (column < camera.width) & (row > 0) & (row < camera.height)


def simplified(template: Template, vertices: int) -> Template:
    """The same surface by quadric edge collapses; a vertex takes skin and shapes of the nearest that fell into it."""
    mesh = template.mesh
    if len(mesh.vertices) <= vertices:
        return template
    share = 1 - vertices / len(mesh.vertices)
    points, faces = mesh.vertices.astype(np.float64), mesh.triangles
    _, _, collapses = fast_simplification.simplify(points, faces, share, return_collapses=True)
    after, triangles, into = fast_simplification.replay_simplification(points, faces, collapses)
    distance = np.linalg.norm(points - after[into], axis=1)
    order = np.lexsort((distance, into))
    first = order[np.searchsorted(into[order], np.arange(len(after)))]
    fewer = TemplateMesh(
        vertices=after.astype(np.float32),
        triangles=triangles.astype(np.int32),
        skin_joints=mesh.skin_joints[first],
        skin_weights=mesh.skin_weights[first],
        shapes=mesh.shapes[:, first],
    )
    whole = replace(template, mesh=fewer)
    corners = fewer.vertices[fewer.triangles].astype(np.float64)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    return part(whole, np.flatnonzero(area > 1e-9))


def strew(mesh: TemplateMesh, count: int, seed: int) -> Strewn:
    """`count` Gaussians, as dense everywhere."""
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).mean(axis=1)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    random = np.random.default_rng([seed, 11])
    ends = np.cumsum(area) / area.sum()
    parent = np.searchsorted(ends, (np.arange(count) + random.random()) / count).clip(max=len(area) - 1)
    points = (np.arange(count)[:, None] * _PLASTIC + random.random(2)) % 1.0
    beyond = points.sum(axis=1) > 1
    points[beyond] = 1 - points[beyond]
    spacing = np.sqrt(area.sum() / count)
    scale = OVERLAP * spacing / edges[parent, None] * np.array([[FLATNESS, 1.0, 1.0]])
    order = random.permutation(count)
    return Strewn(parent[order].astype(np.int32), points[order].astype(np.float32), scale[order].astype(np.float32))
