"""Turning on the spot: the foot on that side steps round first, the other one follows, the hips go with them.

People who turn to something look there first, then turn head, trunk and feet in this order (Grasso et al. 1998;
Hollands et al. 2004). A foot is moved only while it is lifted and the weight is over the other.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from render.motion.track import Track

MOST_DEG: Final = 48.0
"""Of one turn: no more is between two feet, and three quarters of it between a foot and the hips."""
_OVER_S: Final = 0.4
"""For the weight to go over to one leg."""
_LIFT_AT_S: Final = (0.3, 1.0)
"""When the first and the second foot begin to rise."""
_RISE_S, _SINK_S = 0.22, 0.26
_CLEAR_S: Final = 0.06
"""From the rise to the turn, and from the turn to the ground: a foot does not slide."""
_LIFT: Final = 4.0
"""How high, in hundredths of the leg."""
_HIPS_S: Final = (0.1, 1.68)
"""When the hips turn: as far behind the first foot as they are before the second."""
_WEIGHT: Final = 0.9
TURN_S: Final = 1.5
"""From the beginning of a turn to when the next may begin."""
_REST_S: Final = 0.7


class Turning:
    """Where hips and feet are turned to, all in degrees to the left."""

    def __init__(self) -> None:
        self.heading = Track(np.zeros(1))
        self.feet = (Track(np.zeros(1)), Track(np.zeros(1)))
        """Left and right."""
        self.lifts = (Track(np.zeros(1)), Track(np.zeros(1)))
        """In hundredths of the leg."""
        self.lean = Track(np.zeros(2))
        """How much of a stance a turn takes over, 0 to 1, and its weight, from the right leg (-1) to the left (1)."""
        self.until = float("-inf")
        """When the last turn is over."""

    @property
    def goal(self) -> float:
        """Degrees to the left at the end of the last turn."""
        return float(self.heading.target[0])

    def turn(self, time: float, by: float) -> None:
        """Turn by so many degrees to the left, MOST_DEG at most; a turn that is under way has to be over."""
        goal = (self.goal + by,)
        lead = 0 if by > 0 else 1
        weight = -_WEIGHT if lead == 0 else _WEIGHT
        self.lean.add(time, time + _OVER_S, (1.0, weight))
        self.heading.add(time + _HIPS_S[0], time + _HIPS_S[1], goal)
        for foot, after in zip((lead, 1 - lead), _LIFT_AT_S, strict=True):
            begin = time + after
            top, down = begin + _RISE_S, begin + _RISE_S + _SINK_S
            self.lifts[foot].add(begin, top, (_LIFT,))
            self.lifts[foot].add(top, down, (0.0,))
            self.feet[foot].add(begin + _CLEAR_S, down - _CLEAR_S, goal)
        first_down = time + _LIFT_AT_S[0] + _RISE_S + _SINK_S
        self.lean.add(first_down - 0.04, first_down + 0.32, (1.0, -weight))
        self.until = time + TURN_S
        self.lean.add(self.until, self.until + _REST_S, (0.0, 0.0))

    def forget(self, before: float) -> None:
        """Drop what nobody asks about from `before` on."""
        for track in (self.heading, self.lean, *self.feet, *self.lifts):
            track.forget(before)
