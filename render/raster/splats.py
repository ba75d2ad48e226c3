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
    depths: moderngl.Buffer | None = None
    """A float a Gaussian, metres along the eye's -z; only for rasterisers made to draw depth."""
    middle: float = 0.0
    """Metres about which the depths lie."""
