"""Frames at the display's pace, on a clock that the test moves."""

from xr_app.desktop.ticks import Ticks

PERIOD = 10_000_000


class Clock:
    def __init__(self) -> None:
        self.now, self.slept = 5, 0.0

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += round(seconds * 1e9)


def test_sleeps_where_the_swap_does_not_wait() -> None:
    clock = Clock()
    ticks = Ticks(PERIOD, clock, clock.sleep)
    first = ticks.wait()
    assert first.begun_ns == 5 and first.display_ns == 5 + PERIOD and first.skipped == 0
    clock.now += 2_000_000
    second = ticks.wait()
    assert second.begun_ns == 5 + PERIOD and second.skipped == 0 and clock.slept > 0


def test_does_not_sleep_after_a_swap_that_waited() -> None:
    clock = Clock()
    ticks = Ticks(PERIOD, clock, clock.sleep)
    ticks.wait()
    clock.now += PERIOD - 300_000
    assert ticks.wait().begun_ns == clock.now and clock.slept == 0


def test_counts_periods_without_a_frame() -> None:
    clock = Clock()
    ticks = Ticks(PERIOD, clock, clock.sleep)
    ticks.wait()
    clock.now += 3 * PERIOD + 100_000
    assert ticks.wait().skipped == 2 and clock.slept == 0
