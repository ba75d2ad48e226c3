"""Value noise: random numbers on a periodic lattice, smoothly interpolated; the irregularity of skin and iris."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from assets.forge.source import F64


def noise(points: F64, size: float, seed: int, octaves: int = 1) -> F64:
    """(N,) about -1 to 1 at points (N, 3); blobs are `size` wide (in the points' unit), each octave half as wide."""
    lattice = np.random.default_rng([seed, 7]).uniform(-1, 1, (32, 32, 32))
    total = np.zeros(len(points))
    for octave in range(octaves):
        scaled = points.T * (2**octave / size) + 11.3 * octave
        total += 0.5**octave * map_coordinates(lattice, scaled, order=1, mode="grid-wrap")
    return np.asarray(total / (2 - 0.5 ** (octaves - 1)))
