"""What a pose or an expression adds to Gaussians: for each layer, shapes of places and of light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.forge.layer import Layer, albedo_of, frames
from assets.forge.source import F32, F64


@dataclass(frozen=True)
class Marks:
    """Shapes on one layer's n Gaussians, as the avatar's `blend` stages read them."""

    light: F32
    """(B, n, 3) linear, added at weight 1."""
    shift: F32
    """(B, n, 3) in the triangles' frames and edges, as Gaussians.offset."""


def unmarked(layer: Layer, shapes: int) -> Marks:
    """None at all."""
    nothing = np.zeros((shapes, len(layer.gaussians), 3), np.float32)
    return Marks(nothing, nothing)


def lessened(layer: Layer, share: F64) -> F32:
    """(B, n, 3) light that makes the layer's own, lit colour `share` (B, n, 3) brighter: -1 is black."""
    return np.asarray(share * np.maximum(albedo_of(layer.gaussians), 0), np.float32)


def raised(layer: Layer, height: F64) -> F32:
    """(B, n, 3) shift by `height` (B, n) metres along the triangles' normals."""
    _, edge = frames(layer.surface.vertices, layer.surface.triangles)
    shift = np.zeros((*height.shape, 3), np.float32)
    shift[..., 0] = height / edge[layer.gaussians.triangle]
    return shift
