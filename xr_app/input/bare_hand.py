"""One bare hand over time: its gestures with patience, its ray without tremor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.input import gestures
from xr_app.input.inputs import Side
from xr_app.input.joints import Joints
from xr_app.input.one_euro import OneEuro
from xr_app.input.switch import Switch

F64 = NDArray[np.float64]

_PINCHED: Final = (0.9, 0.6, 0.04, 0.05)
"""Of `Fingers.pinch`: on at and off at, 24 and 40 mm, after so many seconds: a frame that errs is passed over, and
so is the pinch on the way to a fist."""
_GRABBED: Final = (0.8, 0.5, 0.05, 0.08)
_SHOWN: Final = (0.77, 0.57, 0.30, 0.15)
"""Of `gestures.palm_to_eyes`: 40 and 55 degrees; it is held up for a moment, not only carried past."""
_FACING: Final = 0.57
_STILL: Final = (1.0, 4.0)
"""Of the ray: hertz at rest, and more for each metre or radian a second."""


@dataclass(frozen=True)
class Gesture:
    """Of one frame."""

    aim: F64
    """(4, 4) to the world: the ray of a hand that no runtime gives one for."""
    grip: F64
    pinch: float
    pinched: bool
    """A fist is no pinch, even where its tips meet."""
    fist: float
    grabbed: bool
    palm_up: bool


class BareHand:
    """Reads one hand's joints frame by frame."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._pinched, self._grabbed, self._shown = Switch(*_PINCHED), Switch(*_GRABBED), Switch(*_SHOWN)
        self._origin, self._way = OneEuro(*_STILL), OneEuro(*_STILL)

    def read(self, joints: Joints, head: F64, time_s: float) -> Gesture:
        """joints and head, (4, 4), in the world, at a time that does not run backwards."""
        held, to_eyes = gestures.fingers(joints), gestures.palm_to_eyes(joints, head)
        # Runtimes keep the pinch of a palm that faces its owner to themselves; one that has begun goes on.
        pinch = held.pinch if to_eyes < _FACING or self._pinched.on else 0.0
        origin, way = gestures.ray(joints, head, self._side)
        way = gestures.unit(self._way.update(way, time_s))
        grabbed = self._grabbed.update(held.fist, time_s)
        pinched = self._pinched.update(pinch, time_s)
        return Gesture(
            gestures.pointing(self._origin.update(origin, time_s), way),
            gestures.grip_pose(joints, self._side),
            pinch,
            pinched and not grabbed,
            held.fist,
            grabbed,
            self._shown.update(to_eyes if self._shown.on or held.stretched else -1.0, time_s),
        )

    def lost(self) -> None:
        """It is not seen: whatever it held, it let go."""
        for each in (self._pinched, self._grabbed, self._shown, self._origin, self._way):
            each.reset()
