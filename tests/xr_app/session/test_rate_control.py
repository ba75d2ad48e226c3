"""Which rate a display has, by what the frames take."""

import itertools
from collections.abc import Callable

import pytest

from xr_app.session.rate_control import FALL_S, PROBATION_S, WAIT_S, RateController

RATES = (72.0, 80.0, 90.0, 120.0)


def played(
    cost_ms: Callable[[float], float], seconds: float, rate: float = 72.0, *, cpu_ms: float = 1.0, follows: bool = True
) -> list[tuple[float, float]]:
    """(time, rate) of every change that is asked for."""
    controller, now, changes = RateController(RATES), 0.0, []
    while now < seconds:
        chosen = controller.choose(now, cpu_ms, cost_ms(now), rate)
        if chosen != rate:
            changes.append((now, chosen))
            rate = chosen if follows else rate
        now += 1 / rate
    return changes


@pytest.mark.parametrize(("cost_ms", "rate"), [(3.0, 120.0), (6.0, 90.0), (7.0, 80.0), (8.2, 72.0), (12.0, 72.0)])
def test_the_highest_rate_with_room(cost_ms: float, rate: float) -> None:
    changes = played(lambda now: cost_ms, 120.0)
    assert (changes[-1][1] if changes else 72.0) == rate
    assert len(changes) <= 1


def test_a_slow_processor_counts_as_a_slow_gpu() -> None:
    assert played(lambda now: 3.0, 60.0, cpu_ms=8.2) == []


def test_a_rise_is_waited_for_and_one_slow_frame_changes_nothing() -> None:
    changes = played(lambda now: 40.0 if now < 0.01 else 3.0, 60.0)
    assert changes[0][0] == pytest.approx(WAIT_S, abs=1.0)
    changes = played(lambda now: 40.0 if round(now * 120) % 120 == 0 else 3.0, 60.0, 120.0)
    assert changes == []


def test_what_does_not_fit_falls_to_where_there_is_room() -> None:
    changes = played(lambda now: 3.0 if now < 10.0 else 8.0, 30.0, 120.0)
    assert [rate for _, rate in changes] == [90.0]
    assert changes[0][0] == pytest.approx(10.0 + FALL_S, abs=1.2)


def test_the_lowest_stays_whatever_it_costs() -> None:
    assert played(lambda now: 500.0, 30.0) == []


def test_rises_that_are_taken_back_come_ever_less_often() -> None:
    """A GPU that throttles at the higher rate: each try fails after a while."""
    controller, now, rate, rises = RateController(RATES), 0.0, 72.0, []
    since = 0.0
    while now < 600.0:
        cost = 3.0 if rate == 72.0 or now - since < 3.0 else 11.0
        chosen = controller.choose(now, 1.0, cost, rate)
        if chosen != rate:
            if chosen > rate:
                rises.append(now)
            rate, since = chosen, now
        now += 1 / rate
    gaps = [b - a for a, b in itertools.pairwise(rises)]
    assert 4 <= len(rises) <= 9
    assert all(b > 1.5 * a for a, b in itertools.pairwise(gaps))


def test_a_rise_that_proved_itself_forgives() -> None:
    def cost(now: float) -> float:
        return 11.0 if PROBATION_S + 20 < now < PROBATION_S + 30 else 3.0

    changes = played(cost, 3 * PROBATION_S + 60)
    assert [rate for _, rate in changes] == [120.0, 72.0, 120.0]
    assert changes[2][0] - (PROBATION_S + 30) < 2 * WAIT_S


def test_a_runtime_that_does_not_follow_is_not_asked_in_every_frame() -> None:
    assert len(played(lambda now: 3.0, 61.0, follows=False)) <= 61 / WAIT_S
    assert len(played(lambda now: 11.0, 61.0, 120.0, follows=False)) <= 61 / FALL_S
