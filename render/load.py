"""What a frame will cost and what its picture will lose, foretold from what is about to be seen.

Cost is counted for both eyes together: something for each frame, each Gaussian (lerp, colour, sort, projection), each
tile of the windows and each pair of a splat and a tile that it touches. How much of each is a matter of the device
(measure/costs.py); here is how many there are.

Loss is the mean square error of sRGB values against the whole avatar at full size, on the avatar's own pixels. Its two
parts add up: fewer Gaussians lose more the larger each is on the screen, fewer pixels lose more the smaller each is.
The law is a fit to what was measured on the forged avatar, within 1 dB (docs/benchmarks.md, by measure/losses.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from render.stages.window import TILE, window_of
from render.view import View

F64 = NDArray[np.float64]


class Quality(NamedTuple):
    """How much of an avatar is drawn, and how finely."""

    gaussians: int
    """A level of detail: a prefix of so many."""
    scale: float
    """Share of the target's width and height at which its picture is drawn."""


@dataclass(frozen=True)
class Load:
    """What the views show, whatever the quality."""

    tiles: float
    """Tiles of all eyes' windows at full size."""
    radius: float
    """Tiles from the middle to the end of a typical Gaussian of the whole avatar, at full size, as near as the parts
    in sight are."""


@dataclass(frozen=True)
class Costs:
    """Milliseconds on one device, more or less: the controller learns by how much they are off."""

    frame: float
    gaussian: float
    """Each Gaussian of the level, both eyes."""
    tile: float
    """Each tile of the windows."""
    pair: float
    """Each pair of a Gaussian of the level and a tile that it touches in one eye."""

    def of(self, load: Load, whole: int, gaussians: F64, scale: F64) -> F64:
        """Milliseconds of a frame at each quality, for an avatar of `whole` Gaussians."""
        each = np.array((self.frame, self.gaussian, self.tile, self.pair))
        total: F64 = amounts(load, whole, gaussians, scale) @ each
        return total


_CORNERS: Final = np.array(list(np.ndindex(2, 2, 2)), bool)

LLVMPIPE: Final = Costs(frame=3.7, gaussian=3.6e-4, tile=2.7e-3, pair=2.7e-5)
"""Mesa's software GPU on one core, tiles: within a sixth of what was measured from 0.4 to 2 m at 320 to 1400 pixels."""


def amounts(load: Load, whole: int, gaussians: F64, scale: F64) -> F64:
    """(n, 4) how many frames, Gaussians, tiles and pairs each of n qualities draws."""
    wide = 2 * load.radius * np.sqrt(whole / gaussians) * scale
    return np.stack(
        [np.ones_like(gaussians), gaussians, load.tiles * scale**2, gaussians * (wide + 1) ** 2],
        axis=-1,
    )


def loss(load: Load, whole: int, gaussians: F64, scale: F64) -> F64:
    """Mean square error of each quality, of sRGB values from 0 to 1."""
    radius = max(load.radius * TILE, 1e-3)
    fewer = whole / gaussians - 1
    smaller = 1 / scale - 1
    total: F64 = 1.6e-4 * radius**0.37 * fewer**1.1 + 5.0e-3 * radius**-1.02 * smaller**1.22
    return total


def load_of(views: Sequence[View], parts: F64, reach: float, radius: float, nearest: float) -> Load:
    """The load of `views` on an avatar whose parts fill the boxes with corners `parts` (P, 8, 3) in the world and stand
    out of them by `reach` metres, its typical Gaussian `radius` metres to its end; nothing nearer than `nearest` is
    drawn."""
    corners = parts.reshape(-1, 3)
    low, high = corners.min(axis=0), corners.max(axis=0)
    box = np.where(_CORNERS, high, low)
    tiles = sum(window_of(view, box, reach, nearest).tiles for view in views)
    # Opposite corners give a part's middle, and one eye sees them as large as the other.
    return Load(float(tiles), radius / TILE * _typical_scale(views[0], (parts[:, 0] + parts[:, -1]) / 2, nearest))


def _typical_scale(view: View, centres: F64, nearest: float) -> float:
    """Pixels a metre, of the parts in sight: the root mean square, for pairs go with the square."""
    eye = (centres - view.pose[:3, 3]) @ view.pose[:3, :3]
    depth = -eye[:, 2]
    left, right, up, down = np.tan(view.fov)
    slope = eye[:, :2] / np.maximum(depth, nearest)[:, None]
    seen = (depth > nearest) & (slope >= (left, down)).all(axis=1) & (slope <= (right, up)).all(axis=1)
    shown = depth[seen] if seen.any() else np.maximum(np.abs(depth), nearest)
    return float(view.intrinsics.fx * np.sqrt(np.mean(shown**-2.0)))
