"""Heads that look somewhere."""

import numpy as np

from render.view import look_at_pose

EYES = (0.0, 1.6, 0.0)


def head_at(
    place: tuple[float, float, float] = EYES, target: tuple[float, float, float] = (0.0, 1.6, -5.0)
) -> np.ndarray:
    """(4, 4) of an upright head that looks at a point."""
    return look_at_pose(place, target)


def turned(degrees: float, up: float = 0.0, place: tuple[float, float, float] = EYES) -> np.ndarray:
    """(4, 4) of a head turned so far to the left and up."""
    yaw, pitch = np.radians(degrees), np.radians(up)
    way = np.array([-np.sin(yaw) * np.cos(pitch), np.sin(pitch), -np.cos(yaw) * np.cos(pitch)])
    x, y, z = (np.array(place) + way).tolist()
    return look_at_pose(place, (x, y, z))
