"""What a rasteriser is given to draw."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl


@dataclass(frozen=True)
class Splats:
    """One eye's projected Gaussians; the buffers belong to the projector and the sort."""

    words: moderngl.Buffer
    """uvec4 a Gaussian: see project.glsl."""
    bounds: moderngl.Buffer
    """uvec2 a Gaussian: its first and last tile."""
    order: moderngl.Buffer
    """Indices, nearest first."""
    count: int
    """How many of the order are drawn."""
