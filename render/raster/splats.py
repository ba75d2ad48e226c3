"""What a rasteriser is given to draw."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl


@dataclass(frozen=True)
class Splats:
    """All eyes' projected Gaussians, one eye's after the other's; the buffers belong to the projector and the sort."""

    eyes: moderngl.Buffer
    """Uniform block of the eyes: see eyes.glsl."""
    words: moderngl.Buffer
    """uvec4 a Gaussian: see project.glsl."""
    bounds: moderngl.Buffer
    """uvec2 a Gaussian: its first and last tile."""
    order: moderngl.Buffer
    """Indices, nearest first."""
    count: int
    """How many of the order are drawn, and projected for each eye."""
    depths: moderngl.Buffer | None = None
    """A float a Gaussian, metres along the eye's -z; only for rasterisers made to draw depth."""
