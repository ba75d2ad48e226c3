"""How hands of the simulated headset are held: fingers, and where a hand has to be to point, or to show its palm.

The driver's hand is 95 mm from wrist to knuckle; a controller's pose is that of its wrist, and of its ray.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.input.gestures import shoulder, unit
from xr_app.input.inputs import Side
from xr_app.poses import Pose, looking, matrix

F64 = NDArray[np.float64]
Place = tuple[float, float, float]

OPEN: Final = (0.0, 0.0, 0.0, 0.0, 0.0)
"""Curl of little, ring, middle, index finger and thumb."""
PINCH: Final = (0.1, 0.1, 0.1, 0.7, 0.6)
READY: Final = (0.1, 0.1, 0.1, 0.35, 0.2)
"""About to pinch."""
FIST: Final = (1.0, 1.0, 1.0, 1.0, 1.0)

_KNUCKLE: Final = (-0.028, 0.0, -0.094)
"""Of the right index finger, from the wrist."""
_MIDDLE: Final = (0.0, 0.0, -0.064)
"""Of the palm."""
_PIVOT: Final = 0.5
"""As in gestures.py: a bare hand points from half-way between shoulder and wrist."""


def pointing_hand(head: Pose, side: Side, target: Place, reach: float = 0.45) -> Pose:
    """Of a bare hand whose ray goes to `target`; reach: metres from the shoulder to its knuckle.

    Raises ValueError where the target is straight above or below the hand.
    """
    aim, joint = np.array(target), np.array(shoulder(matrix(head), side))
    knuckle = np.array([_KNUCKLE[0] if side == "right" else -_KNUCKLE[0], *_KNUCKLE[1:]])
    wrist = joint + reach * np.array(unit((aim - joint).tolist()))
    for _ in range(60):
        pose = looking(wrist.tolist(), target)
        at = wrist + matrix(pose)[:3, :3] @ knuckle
        pivot = (1.0 - _PIVOT) * joint + _PIVOT * wrist
        # Where the knuckle would lie on the way from the pivot to the target.
        wanted = pivot + math.dist(at, pivot) * np.array(unit((aim - pivot).tolist()))
        wrist = wrist + (wanted - at)
    return looking(wrist.tolist(), target)


def shown_palm(head: Pose, away: float = 0.4) -> Pose:
    """Of a hand whose palm is turned to the eyes in the middle of the view, so many metres away, fingers up."""
    eyes = matrix(head)
    turn = eyes[:3, :3] @ np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, -1.0, 0.0]])
    wrist = eyes[:3, 3] - away * eyes[:3, 2] - turn @ _MIDDLE
    return Pose(_quaternion(turn), (float(wrist[0]), float(wrist[1]), float(wrist[2])))


def _quaternion(turn: F64) -> tuple[float, float, float, float]:
    """x, y, z, w of a (3, 3) rotation matrix (Shepperd 1978: from the largest of the four)."""
    xx, yy, zz = np.diag(turn).tolist()
    squares = [1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz]
    i = int(np.argmax(squares))
    (_, xy, xz), (yx, _, yz), (zx, zy, _) = turn.tolist()
    rows = (
        (squares[0], xy + yx, zx + xz, zy - yz),
        (xy + yx, squares[1], yz + zy, xz - zx),
        (zx + xz, yz + zy, squares[2], yx - xy),
        (zy - yz, xz - zx, yx - xy, squares[3]),
    )
    x, y, z, w = (each / (2.0 * math.sqrt(squares[i])) for each in rows[i])
    return x, y, z, w
