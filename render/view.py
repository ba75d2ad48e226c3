"""One eye: where it stands, how wide it sees, how many pixels it fills.

Axes are OpenXR's: x right, y up, -z forward; field-of-view angles are signed, left and down negative. Pixels count
from the bottom left, as GL's do; pixel (i, j) has its centre at (i + 0.5, j + 0.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from render.errors import ViewError

F64 = NDArray[np.float64]


class Intrinsics(NamedTuple):
    """Pinhole camera in pixels: column = cx + fx * x / depth, row = cy + fy * y / depth."""

    fx: float
    fy: float
    cx: float
    cy: float


@dataclass(frozen=True)
class View:
    """One eye of one frame."""

    pose: F64
    """(4, 4) eye-to-world, a rotation and a translation in metres."""
    fov: tuple[float, float, float, float]
    """Left, right, up and down angles in radians."""
    width: int
    height: int

    def __post_init__(self) -> None:
        left, right, up, down = self.fov
        if not (-math.pi / 2 < left < right < math.pi / 2 and -math.pi / 2 < down < up < math.pi / 2):
            raise ViewError(f"A view cannot have the angles {self.fov}; order them left, right, up, down in radians.")
        if self.width < 1 or self.height < 1:
            raise ViewError(f"A view cannot be {self.width} x {self.height} pixels; give it at least one.")
        if np.shape(self.pose) != (4, 4) or not math.isfinite(sum(np.ravel(self.pose).tolist())):
            raise ViewError("A view's pose must be a finite 4 x 4 matrix.")

    @property
    def tangents(self) -> tuple[float, float, float, float]:
        """Of the angles."""
        return _tangents(self.fov)

    @property
    def intrinsics(self) -> Intrinsics:
        """The pinhole camera of this field of view."""
        left, right, up, down = self.tangents
        fx, fy = self.width / (right - left), self.height / (up - down)
        return Intrinsics(fx, fy, -left * fx, -down * fy)

    @cached_property
    def eye_rows(self) -> tuple[tuple[float, ...], ...]:
        """The first three rows of `world_to_eye`, as shaders take them."""
        # Of so few numbers Python's own are the faster.
        (a, b, c, x), (d, e, f, y), (g, h, i, z), _ = np.asarray(self.pose, np.float64).tolist()
        columns = (a, d, g), (b, e, h), (c, f, i)
        return tuple((p, q, r, -(p * x + q * y + r * z)) for p, q, r in columns)

    @property
    def world_to_eye(self) -> F64:
        """(4, 4) inverse of the pose."""
        return np.array((*self.eye_rows, (0.0, 0.0, 0.0, 1.0)))


@lru_cache(maxsize=16)
def _tangents(fov: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, right, up, down = map(math.tan, fov)
    return left, right, up, down


def projection_matrix(view: View, near: float, far: float) -> F64:
    """(4, 4) OpenGL clip matrix of a view, for what is drawn beside the avatar (panels, hands)."""
    left, right, up, down = view.tangents
    return np.array(
        [
            [2 / (right - left), 0, (right + left) / (right - left), 0],
            [0, 2 / (up - down), (up + down) / (up - down), 0],
            [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
            [0, 0, -1, 0],
        ]
    )


def look_at_pose(eye: ArrayLike, target: ArrayLike) -> F64:
    """(4, 4) eye-to-world of an upright eye at `eye` that looks at `target`; looking straight up or down is refused."""
    position = np.asarray(eye, np.float64)
    back = position - np.asarray(target, np.float64)
    right = np.cross([0.0, 1.0, 0.0], back)
    if np.linalg.norm(right) < 1e-9:
        raise ViewError("A view cannot look straight up or down, or at its own place; move the eye or the target.")
    back /= np.linalg.norm(back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = position
    return pose


def look_at_view(eye: ArrayLike, target: ArrayLike, fov_y_degrees: float, width: int, height: int) -> View:
    """A view with square pixels from `eye` to `target`, `fov_y_degrees` high."""
    half = math.radians(fov_y_degrees) / 2
    side = math.atan(math.tan(half) * width / height)
    return View(look_at_pose(eye, target), (-side, side, half, -half), width, height)
