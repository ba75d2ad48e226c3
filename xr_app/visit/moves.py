"""How the guest moves: for as long as it takes, frame by frame.

Everything here is a generator that is gone on with after every frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from xr_app.poses import Pose, looking
from xr_app.runtime.remote import State
from xr_app.runtime.script import Script, between
from xr_app.visit.body import LEFT, RIGHT, beside

Place = tuple[float, float, float]
Play = Iterator[None]


class StuckError(Exception):
    """What the guest waited for did not come."""


class Moves:
    """state: of the simulated headset, to be sent whenever it changed; pace: how fast they are, 1 like people."""

    def __init__(self, state: State, pace: float = 1.0) -> None:
        self.state, self.pace = state, pace

    def trigger(self, what: str, done: Callable[[], bool]) -> Play:
        """Press the right one until that is done."""
        yield from self.move(0.1, right={"trigger": 1.0, "trigger_click": True})
        try:
            yield from self.until(what, done)
        finally:
            self.be(right={"trigger": 0.0, "trigger_click": False})
        yield from self.rest(0.25)

    def aim(self, target: Callable[[], Place], seconds: float) -> Play:
        """Point there with the right hand, and follow it."""
        first = self.state.right.pose
        for share in self.shares(seconds):
            hand = beside(self.state.head.pose, RIGHT)
            self.be(right={"pose": between(first, looking(hand, target()), share)})
            yield

    def look(self, target: Callable[[], Place], seconds: float) -> Play:
        """Turn the head there."""
        first = self.state.head.pose
        for share in self.shares(seconds):
            self.state = replace(
                self.state, head=replace(self.state.head, pose=between(first, looking(first.position, target()), share))
            )
            yield

    def stand(self, head: Pose) -> None:
        """There, hands at rest."""
        right = beside(head, RIGHT)
        ahead = beside(head, (RIGHT[0], RIGHT[1] - 0.3, RIGHT[2] - 1.0))
        self.state = replace(
            self.state,
            head=replace(self.state.head, pose=head),
            left=replace(self.state.left, pose=Pose(position=beside(head, LEFT))),
            right=replace(self.state.right, pose=looking(right, ahead)),
        )

    def move(self, seconds: float, **changes: Any) -> Play:
        """Bring about these changes (of script.Script.then)."""
        seconds = seconds / self.pace
        script = Script(self.state).then(seconds, **changes)
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            self.state = script.at(now)
            yield
        self.state = script.last
        yield

    def be(self, **changes: Any) -> None:
        """Change at once."""
        self.state = Script(self.state).then(0.0, **changes).last

    def rest(self, seconds: float) -> Play:
        """As long, and for two frames at least: the second one shows what the first one was told."""
        yield from self.move(seconds)
        yield

    def wait(self, seconds: float) -> Play:
        """As long by the clock, whatever the pace."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            yield

    def shares(self, seconds: float) -> Iterator[float]:
        """Of a movement, at rest at both ends, for the frames that it takes."""
        seconds, begun = seconds / self.pace, time.monotonic()
        while (x := (time.monotonic() - begun) / seconds) < 1.0:
            yield x * x * (3.0 - 2.0 * x)
        yield 1.0

    def until(self, what: str, happened: Callable[[], bool], patience_s: float = 15.0) -> Play:
        """Wait for that. Raises StuckError."""
        deadline = time.monotonic() + patience_s
        while not happened():
            if time.monotonic() > deadline:
                raise StuckError(what)
            yield
