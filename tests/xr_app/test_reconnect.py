"""Displays that go away and come back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from xr_app.errors import (
    GraphicsError,
    HeadsetMissingError,
    RuntimeFailedError,
    RuntimeMissingError,
    SessionLostError,
    XrError,
)
from xr_app.reconnect import FIRST_WAIT_S, LONGEST_WAIT_S, STEADY_S, Clock, keep_open

LOST = SessionLostError("lost")


@dataclass
class World:
    """A display as a list of what comes of each opening: seconds that it lasts before it is lost, or why it is not
    opened; the last runs to its end."""

    openings: list[float | XrError]
    now: float = 0.0
    opened: list[float] = field(default_factory=list)
    closed: int = 0
    said: list[str] = field(default_factory=list)
    away: list[bool] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[float]:
        self.opened.append(self.now)
        opening = self.openings.pop(0)
        if isinstance(opening, XrError):
            raise opening
        try:
            yield opening
        finally:
            self.closed += 1

    def run(self, seconds: float) -> None:
        self.now += seconds
        if self.openings:
            raise LOST

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def hold(self, goes_on: Callable[[], bool] = lambda: True) -> XrError | None:
        clock = Clock(lambda: self.now, self.sleep)
        return keep_open(self.open, self.run, goes_on=goes_on, say=self.said.append, away=self.away.append, clock=clock)


def test_what_ends_by_itself_is_opened_once() -> None:
    world = World([5.0])
    assert world.hold() is None
    assert world.opened == [0.0] and world.closed == 1 and not world.said


@pytest.mark.parametrize("error", [RuntimeMissingError("x"), RuntimeFailedError("x"), HeadsetMissingError("x")])
def test_what_was_never_there_is_told_at_once(error: XrError) -> None:
    with pytest.raises(type(error)):
        World([error, 5.0]).hold()


@pytest.mark.parametrize("error", [RuntimeMissingError("x"), RuntimeFailedError("x"), HeadsetMissingError("x"), LOST])
def test_what_was_there_is_waited_for_ever_less_often(error: XrError) -> None:
    world = World([20.0, *[error] * 7, 5.0])
    assert world.hold() is None
    waits = [b - a for a, b in zip([20.0, *world.opened[1:]], world.opened[1:], strict=False)]
    expected = [min(FIRST_WAIT_S * 2**k, LONGEST_WAIT_S) for k in range(len(waits))]
    assert waits == pytest.approx(expected, abs=0.06)
    assert len(world.said) == 2, "once that it went, once that it is back"
    assert world.away == [True, False]


def test_every_loss_is_said_and_waited_for_anew() -> None:
    world = World([20.0, 2 * STEADY_S, 5.0])
    assert world.hold() is None
    assert world.closed == 3 and len(world.said) == 4
    assert world.opened[2] - (world.opened[1] + 2 * STEADY_S) == pytest.approx(FIRST_WAIT_S, abs=0.06)


def test_what_is_lost_again_at_once_is_tried_less_often() -> None:
    world = World([20.0, 0.1, 0.1, 0.1, 5.0])
    assert world.hold() is None
    waits = [b - a for a, b in zip([20.0, *world.opened[1:]], world.opened[1:], strict=False)]
    assert waits[-1] > 4 * waits[0]


def test_leaving_while_it_waits() -> None:
    world = World([20.0, *[HeadsetMissingError("gone")] * 100, 5.0])
    lost = world.hold(lambda: world.now < 60.0)
    assert isinstance(lost, HeadsetMissingError)
    assert world.now == pytest.approx(60.0, abs=0.1)


def test_an_interrupt_while_it_waits_is_not_held_up() -> None:
    world = World([20.0, LOST, 5.0])

    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.hold(interrupt)


def test_no_graphics_are_not_waited_for() -> None:
    with pytest.raises(GraphicsError):
        World([20.0, GraphicsError("no GL"), 5.0]).hold()


def test_what_the_app_does_wrong_is_raised() -> None:
    world = World([20.0])
    with pytest.raises(ZeroDivisionError):
        keep_open(world.open, lambda _: print(1 / 0), goes_on=lambda: True, say=world.said.append)
    assert world.closed == 1
