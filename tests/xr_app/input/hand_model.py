"""A hand of plain lengths: palm 100 units from wrist to middle knuckle, drawn flat or with fingertips put anywhere."""

import numpy as np
from numpy.typing import NDArray

from xr_app.input.joints import Joints

F64 = NDArray[np.float64]

PALM_M = 0.095
FLAT = {
    "palm": (0.0, 0.0, -0.05),
    "wrist": (0.0, 0.0, 0.0),
    "thumb": (-0.08, 0.0, -0.07),
    "index": (-0.03, 0.0, -0.17),
    "middle": (0.0, 0.0, -0.18),
    "ring": (0.02, 0.0, -0.17),
    "little": (0.045, 0.0, -0.14),
}
"""Metres in the frame of a right hand, palm down and fingers ahead."""
PLACES = {"palm": 0, "wrist": 1, "thumb": 5, "index": 10, "middle": 15, "ring": 20, "little": 25}


def hand(
    turn: F64 | None = None, place: tuple[float, float, float] = (0.0, 0.0, 0.0), size: float = 1.0, **points: object
) -> Joints:
    """turn: (3, 3) of the whole hand; points: by name where they are not as in the flat hand, in its frame."""
    turn = np.eye(3) if turn is None else turn
    poses = np.zeros((26, 7), np.float32)
    poses[:, :4] = quaternion(turn)
    local = np.zeros((26, 3))
    for name, number in PLACES.items():
        local[number] = points.get(name, FLAT[name])
    local[7] = (-0.025, 0.0, -0.09)
    local[12] = (0.0, 0.0, -PALM_M)
    poses[:, 4:] = place + size * local @ turn.T
    return Joints(poses)


def quaternion(turn: F64) -> F64:
    """x, y, z, w of a rotation matrix: the eigenvector of its K matrix (Bar-Itzhack 2000), however it is turned."""
    (a, b, c), (d, e, f), (g, h, i) = turn
    k = np.array(
        [
            [a - e - i, d + b, g + c, h - f],
            [d + b, e - a - i, h + f, c - g],
            [g + c, h + f, i - a - e, d - b],
            [h - f, c - g, d - b, a + e + i],
        ]
    )
    found: F64 = np.linalg.eigh(k)[1][:, -1]
    return found


def turned(seed: int) -> F64:
    """(3, 3) some rotation."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else -q  # type: ignore[no-any-return]
