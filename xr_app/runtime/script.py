"""What a user does, moment by moment, as a script that the simulated headset performs.

    script = Script(State(...))
    script.then(1.0, right={"pose": aiming((0.2, 1.1, -0.3), target)})   # within a second
    script.then(0.1, right={"trigger": 1.0}).mark("pressed")
    with Performer(port, script) as performer: ...

Between two moments poses and values go smoothly from the one to the other, at rest in both; buttons change when a
moment is reached.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from xr_app.poses import Pose
from xr_app.runtime.remote import Controller, Head, State


@dataclass(frozen=True)
class Moment:
    """How everything is at a time."""

    time_s: float
    state: State


class Script:
    """A play that is written down moment by moment, the times running on."""

    def __init__(self, first: State | None = None) -> None:
        """first: how it begins, the simulated headset as it is switched on if not given."""
        self.moments = [Moment(0.0, first or State())]
        self.marks: dict[str, float] = {}
        """Names of moments, with their seconds from the beginning."""

    @property
    def now_s(self) -> float:
        """The last moment's time, which is how long the play is."""
        return self.moments[-1].time_s

    @property
    def last(self) -> State:
        """The last moment's state."""
        return self.moments[-1].state

    def then(
        self,
        seconds: float,
        *,
        head: Pose | None = None,
        left: Mapping[str, Any] | None = None,
        right: Mapping[str, Any] | None = None,
    ) -> Self:
        """The next moment: so many seconds on, with these changes to the last one.

        head: where it goes; left, right: fields of `Controller` by name. Raises ValueError for a time that runs
        backwards, TypeError for a field that there is not.
        """
        if seconds < 0.0:
            raise ValueError("the next moment cannot be before the last one")
        last = self.last
        state = State(
            last.head if head is None else replace(last.head, pose=head),
            replace(last.left, **(left or {})),
            replace(last.right, **(right or {})),
        )
        self.moments.append(Moment(self.now_s + seconds, state))
        return self

    def wait(self, seconds: float) -> Self:
        """Stay like this."""
        return self.then(seconds)

    def mark(self, name: str) -> Self:
        """Name the last moment. Raises ValueError where the name is taken."""
        if name in self.marks:
            raise ValueError(f"there is a moment {name} already")
        self.marks[name] = self.now_s
        return self

    def at(self, time_s: float) -> State:
        """Everything at a time: the first moment before it, the last one after the end."""
        number = bisect.bisect_right(self.moments, time_s, key=lambda moment: moment.time_s)
        if number == 0:
            return self.moments[0].state
        before = self.moments[number - 1]
        if number == len(self.moments):
            return before.state
        after = self.moments[number]
        x = (time_s - before.time_s) / (after.time_s - before.time_s)
        share = x * x * (3.0 - 2.0 * x)
        a, b = before.state, after.state
        return State(
            Head(between(a.head.pose, b.head.pose, share), a.head.eyes),
            _controller(a.left, b.left, share),
            _controller(a.right, b.right, share),
        )


def between(a: Pose, b: Pose, share: float) -> Pose:
    """From one pose (0) to another (1) on the straight line and the shorter turn (slerp)."""
    place = [p + share * (q - p) for p, q in zip(a.position, b.position, strict=True)]
    cosine = sum(p * q for p, q in zip(a.orientation, b.orientation, strict=True))
    sign = math.copysign(1.0, cosine)
    angle = math.acos(min(1.0, abs(cosine)))
    if angle < 1e-6:
        first, second = 1.0 - share, sign * share
    else:
        first, second = (
            math.sin((1.0 - share) * angle) / math.sin(angle),
            sign * math.sin(share * angle) / math.sin(angle),
        )
    x, y, z, w = (first * p + second * q for p, q in zip(a.orientation, b.orientation, strict=True))
    return Pose((x, y, z, w), (place[0], place[1], place[2]))


def _controller(a: Controller, b: Controller, share: float) -> Controller:
    return Controller(**{each.name: _blend(getattr(a, each.name), getattr(b, each.name), share) for each in fields(a)})


def _blend(a: Any, b: Any, share: float) -> Any:
    match a:
        case bool():
            return a
        case Pose():
            return between(a, b, share)
        case float() | int():
            return a + share * (b - a)
        case Sequence():
            return tuple(p + share * (q - p) for p, q in zip(a, b, strict=True))
    raise TypeError(f"a script cannot blend {type(a).__name__}")
