"""What a user prefers of where the avatar stands, from the frame on in which they say so."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.xr_app.placement.people import User, head, palm, place_of, pointer, size_of
from xr_app.input.inputs import Inputs
from xr_app.placement.standing import Hint
from xr_app.preferences import Preferences

LEFT = Preferences(hand="left")


@pytest.fixture
def met(user: User) -> User:
    """Someone whose avatar stands two metres before them, and who went up to it."""
    user.put_down(0.0, -2.0)
    user.head = head((0.0, 1.6, -1.0))
    user.see(0.5)
    return user


def two(apart: float, *, grab: bool = True) -> Inputs:
    return Inputs(*(palm((x, 1.0, -1.75), grab=grab) for x in (-apart / 2, apart / 2)))


def resized(met: User, factor: float) -> float:
    """Taken with one hand and then the other, which go as far apart as makes that of human size; what comes of it."""
    met.see(0.2, two(0.3, grab=False))
    both = two(0.3)
    before = size_of(met.see(0.2, replace(both, right=replace(both.right, grab=False))))
    met.see(0.2, both)
    return size_of(met.see(1.5, two(0.3 * factor / before)))


def test_human_size_catches_only_where_that_is_wished_for(met: User) -> None:
    assert resized(met, 1.03) == 1.0 and met.shown[-1].hint is Hint.RESIZED
    met.placement.prefer(Preferences(detent=False))
    assert size_of(met.see(0.5, two(0.3 * 1.03))) == pytest.approx(1.03, abs=0.004), "it lets go at once"
    assert met.shown[-1].hint is Hint.FREELY
    met.see(0.5)
    met.shown.clear()
    assert resized(met, 0.98) == pytest.approx(0.98, abs=0.004)
    ticks = [pulse for standing in met.shown for pulse in standing.pulses if pulse.strength == 1.0]
    assert ticks == []
    met.placement.prefer(Preferences())
    met.see(0.5)
    assert resized(met, 1.02) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("fade", "seen"), [(0.3, 1.0), (0.6, 1.0), (0.9, 0.4), (1.2, 0.15)])
def test_it_fades_from_the_distance_that_is_wished_for(met: User, fade: float, seen: float) -> None:
    met.placement.prefer(Preferences(fade=fade))
    met.head = head((0.0, 1.6, -2.0 + 0.62 + 0.15))  # 0.62 m before its skin
    assert met.see(1.0).opacity == pytest.approx(seen, abs=0.12)
    met.head = head((0.0, 1.6, -2.0 + 0.41 * fade + 0.15))
    assert met.see(1.0).opacity < 0.1, "wherever that begins, it ends before it fills the view"


def test_how_much_of_it_is_seen_never_jumps_when_that_changes(met: User) -> None:
    met.head = head((0.0, 1.6, -2.0 + 0.8))
    met.see(1.0)
    met.placement.prefer(Preferences(fade=1.2))
    met.see(1.0)
    seen = [standing.opacity for standing in met.shown]
    assert max(abs(a - b) for a, b in pairwise(seen)) < 0.1 and seen[-1] < 0.5


@pytest.mark.parametrize(("preferred", "x"), [(Preferences(), 1.0), (LEFT, -1.0)])
def test_the_main_hand_points_where_both_do(user: User, preferred: Preferences, x: float) -> None:
    user.placement.prefer(preferred)
    both = Inputs(left=pointer((-1.0, 0.0, -1.5)), right=pointer((1.0, 0.0, -1.5)))
    assert place_of(user.see(2.0, both))[0] == pytest.approx(x, abs=0.02)
    both = Inputs(left=pointer((-1.0, 0.0, -1.5), select=True), right=pointer((1.0, 0.0, -1.5), select=True))
    user.shown.clear()
    user.see(0.1, both)
    ticks = [pulse.hand for standing in user.shown for pulse in standing.pulses]
    assert ticks == [preferred.hand], "it is that one's trigger that puts it down"


@pytest.mark.parametrize(("preferred", "holder"), [(Preferences(), "right"), (LEFT, "left")])
def test_the_main_hand_takes_it_where_both_close_at_once(met: User, preferred: Preferences, holder: str) -> None:
    met.placement.prefer(preferred)
    met.see(0.2, two(0.3, grab=False))
    met.shown.clear()
    met.see(0.2, two(0.3))
    assert [pulse.hand for standing in met.shown for pulse in standing.pulses] == [holder]
    assert met.shown[-1].hint is Hint.HELD
