"""Where on the floor the user points: with a hand, with the eyes, with the head."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.input.inputs import Inputs
from xr_app.placement.motion import Place
from xr_app.placement.spot import DISTANCE, heading, known

F64 = NDArray[np.float64]

NEAREST: Final = 0.8
FARTHEST: Final = 4.0
"""Metres from the head over the floor between which one can point."""


class Pointing:
    """Remembers how far away was pointed at last, and with which hand."""

    def __init__(self, distance: float = DISTANCE) -> None:
        self.distance = distance
        self.hand = 1
        """0 left, 1 right: the one that acted last."""

    def at(self, head: F64, inputs: Inputs, floor: float) -> Place:
        """The place on the floor, by the hand that points; else by the eyes, else by the head. Whoever lifts their
        gaze to a face keeps it at its distance; a hand that points over the horizon means as far as can be."""
        hx, hz = float(head[0, 3]), float(head[2, 3])
        ray, looks = self._ray(head, inputs)
        x, z = heading(ray)
        hit = floor_hit(ray, floor)
        if hit is not None and math.dist(hit, (hx, hz)) <= FARTHEST:
            dx, dz = hit[0] - hx, hit[1] - hz
            length = math.hypot(dx, dz)
            if length > 0.05:  # else one's own feet
                x, z = dx / length, dz / length
            self.distance = max(length, NEAREST)
        elif hit is not None and not looks:
            dx, dz = hit[0] - hx, hit[1] - hz
            length = math.hypot(dx, dz)
            x, z = dx / length, dz / length
            self.distance = FARTHEST
        elif not looks:
            self.distance = FARTHEST
        return hx + self.distance * x, hz + self.distance * z

    def side(self, inputs: Inputs) -> int | None:
        """The hand that points, 0 left or 1 right; None where none does."""
        return next((i for i in (self.hand, 1 - self.hand) if known(inputs.hands[i].aim) is not None), None)

    def _ray(self, head: F64, inputs: Inputs) -> tuple[F64, bool]:
        side = self.side(inputs)
        aim = None if side is None else known(inputs.hands[side].aim)
        if aim is not None:
            return aim, False
        gaze = known(inputs.gaze)
        return (head, True) if gaze is None else (gaze, True)


def floor_hit(ray: F64, floor: float) -> Place | None:
    """Where a pose's -z meets the floor; None over the horizon, or farther than anything is."""
    down = float(ray[1, 2])
    height = float(ray[1, 3]) - floor
    if down < 1e-3 or height <= 0:
        return None
    far = height / down
    return float(ray[0, 3] - far * ray[0, 2]), float(ray[2, 3] - far * ray[2, 2])
