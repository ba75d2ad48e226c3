"""How someone's head moves who walks around a person while listening to them: a pure function of time.

The walk swings from one side to the other and back on an arc around the avatar, in and out a little; the head bobs with
the steps, sways, rolls into the turn by a degree, and the eyes wander between face and chest. It begins at rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from xr_app.placement import DISTANCE
from xr_app.poses import Pose, looking

EYE_HEIGHT = 1.62
"""Metres over the floor: the median of adults' standing eye heights, men and women."""


@dataclass(frozen=True)
class HeadPath:
    """A walk around `centre`, which faces the place where the walk starts."""

    centre: tuple[float, float] = (0.0, -DISTANCE)
    """x and z of the avatar's feet, stage space."""
    start: tuple[float, float] = (0.0, 0.0)
    """x and z of the walker's feet at the start."""
    eye_height: float = EYE_HEIGHT
    swing: float = 0.62
    """Radians to either side."""
    period_s: float = 26.0
    """Time of one swing there and back; the pace is then about 0.25 m/s, a stroll."""

    def at(self, time_s: float) -> Pose:
        """Head pose in stage space; before time 0 the walker stands still at the start."""
        t = max(0.0, time_s)
        ease = _smooth(t / 3.0)
        away_x, away_z = self.start[0] - self.centre[0], self.start[1] - self.centre[1]
        distance, bearing = math.hypot(away_x, away_z), math.atan2(away_x, away_z)

        phase = 2 * math.pi * t / self.period_s
        angle = bearing + self.swing * ease * math.sin(phase)
        pace = abs(math.cos(phase)) * ease  # 1 at full stroll, 0 at the turning points
        radius = distance + ease * (0.12 * math.sin(0.73 * phase) + 0.012 * math.sin(1.9 * t))
        steps = 2 * math.pi * 1.4 * t  # strolling people take about 1.4 steps a second
        height = self.eye_height + ease * (0.006 * math.sin(1.1 * t) + 0.010 * pace * math.sin(steps))
        sway = 0.008 * pace * math.sin(steps / 2)  # over every other foot
        eye = (
            self.centre[0] + radius * math.sin(angle) + sway * math.cos(angle),
            height,
            self.centre[1] + radius * math.cos(angle) - sway * math.sin(angle),
        )

        chest = 0.5 - 0.5 * math.cos(2 * math.pi * t / 11.0)
        gaze_height = self.eye_height - 0.06 - ease * 0.14 * chest
        gaze = (
            self.centre[0] + ease * 0.015 * math.sin(0.9 * t),
            gaze_height + ease * 0.008 * math.sin(1.7 * t),
            self.centre[1],
        )
        roll = -0.015 * ease * math.cos(phase) + 0.004 * pace * math.sin(steps / 2)
        return looking(eye, gaze, roll)


def _smooth(x: float) -> float:
    """0 to 1 with no jolt at either end."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
