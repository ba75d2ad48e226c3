"""The light that forged people are lit with, in the axes that they stand in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Studio:
    """Radiance by direction; a white surface in the open that faces +z gets about 1."""

    sky: tuple[float, float, float] = (0.80, 0.83, 0.88)
    floor: tuple[float, float, float] = (0.36, 0.32, 0.29)
    key: tuple[float, float, float] = (2.9, 2.72, 2.5)
    key_from: tuple[float, float, float] = (0.55, 0.62, 0.75)
    key_sharpness: float = 9.0
    fill: tuple[float, float, float] = (0.62, 0.68, 0.78)
    fill_from: tuple[float, float, float] = (-0.8, 0.25, 0.6)
    rim: tuple[float, float, float] = (1.1, 1.1, 1.15)
    rim_from: tuple[float, float, float] = (-0.45, 0.6, -0.85)

    def radiance(self, directions: F64) -> F64:
        """(D, 3) linear light that comes from each unit direction (D, 3)."""
        up = 0.5 + 0.5 * directions[:, 1:2]
        light = np.array(self.floor) * (1 - up) + np.array(self.sky) * up
        for colour, centre, sharpness in (
            (self.key, self.key_from, self.key_sharpness),
            (self.fill, self.fill_from, 5.0),
            (self.rim, self.rim_from, 9.0),
        ):
            axis = np.array(centre) / np.linalg.norm(centre)
            light = light + np.array(colour) * np.exp(sharpness * (directions @ axis - 1))[:, None]
        return np.asarray(light)
