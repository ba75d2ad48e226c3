"""Pinhole cameras of a capture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.errors import CaptureError

F64 = NDArray[np.float64]

LARGEST: Final = 8192
"""Pixels of a picture, each way."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What cameras and frames may be called: they are folders and files."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion. Pixels count from the top left; pixel (i, j) has its centre at (i + 0.5, j +
    0.5); column = cx + fx * x / depth, row = cy - fy * y / depth."""

    name: str
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    pose: F64
    """(4, 4) camera-to-world: x right, y up, looking along -z; metres."""
    held_out: bool
    """Whether its pictures serve for measuring only."""


def checked_camera(camera: Camera) -> Camera:
    """The camera, if its numbers make sense. Raises CaptureError."""
    numbers = (camera.fx, camera.fy, camera.cx, camera.cy)
    if not NAME.fullmatch(camera.name):
        raise CaptureError(f"The camera {camera.name!r} needs a name of letters and digits.")
    if not (1 <= camera.width <= LARGEST and 1 <= camera.height <= LARGEST):
        raise CaptureError(f"The camera {camera.name!r} is refused: {camera.width} x {camera.height} pixels.")
    if not np.isfinite(numbers).all() or camera.fx <= 0 or camera.fy <= 0:
        raise CaptureError(f"The camera {camera.name!r} is refused: its focal lengths and centre are {numbers}.")
    if np.shape(camera.pose) != (4, 4) or not _rigid(camera.pose):
        raise CaptureError(f"The camera {camera.name!r} is refused: its pose is not a rotation and a place.")
    return camera


def _rigid(pose: F64) -> bool:
    turned = pose[:3, :3]
    if not np.isfinite(pose).all() or not np.array_equal(pose[3], (0.0, 0.0, 0.0, 1.0)):
        return False
    return bool(np.allclose(turned @ turned.T, np.eye(3), atol=1e-3) and np.linalg.det(turned) > 0)
