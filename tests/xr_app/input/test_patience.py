"""Values and hands that waver: hysteresis, patience, smoothing."""

import math

import numpy as np
import pytest

from tests.xr_app.input.hand_model import hand
from xr_app.input.bare_hand import BareHand
from xr_app.input.one_euro import OneEuro
from xr_app.input.switch import Switch

STEP = 1 / 72
HEAD = np.eye(4)
HEAD[1, 3] = 1.6


def test_a_switch_has_two_thresholds() -> None:
    switch = Switch(0.6, 0.4)
    said = [switch.update(value, STEP * i) for i, value in enumerate((0.5, 0.59, 0.6, 0.5, 0.4, 0.39, 0.5, 1.0))]
    assert said == [False, False, True, True, True, False, False, True]


def test_a_switch_waits_in_both_directions() -> None:
    switch = Switch(0.6, 0.4, on_after_s=0.1, off_after_s=0.2)
    assert not switch.update(1.0, 0.0) and not switch.update(1.0, 0.09) and switch.update(1.0, 0.11)
    assert switch.update(0.0, 1.0) and switch.update(0.0, 1.19) and not switch.update(0.0, 1.21)


def test_a_moment_of_doubt_starts_the_wait_anew() -> None:
    switch = Switch(0.6, 0.4, on_after_s=0.1)
    switch.update(1.0, 0.0)
    switch.update(0.5, 0.05)
    assert not switch.update(1.0, 0.1) and switch.update(1.0, 0.2)
    switch.reset()
    assert not switch.on


def test_the_filter_settles_on_what_stays_and_is_calm_where_it_trembles() -> None:
    random, still = np.random.default_rng(0), OneEuro(1.0, 4.0)
    out = [still.update([1.0 + 0.002 * random.normal(), 0.0, 0.0], STEP * i)[0] for i in range(600)]
    assert np.std(out[100:]) < 0.3 * 0.002 and np.mean(out[100:]) == pytest.approx(1.0, abs=5e-4)


def test_the_filter_follows_what_moves_fast() -> None:
    fast = OneEuro(1.0, 4.0)
    lag = [2.0 * STEP * i - fast.update([2.0 * STEP * i], STEP * i)[0] for i in range(100)]
    assert lag[-1] / 2.0 < 0.025  # seconds behind a hand of 2 m/s; a fixed 1 Hz would be 0.16
    assert fast.update([5.0], STEP * 99)[0] == pytest.approx(2.0 * STEP * 99 - lag[-1])  # no time, no step
    fast.reset()
    assert fast.update([7.0], 0.0)[0] == 7.0


def test_a_pinch_of_one_frame_is_passed_over_and_one_that_stays_is_not() -> None:
    bare, pinched = BareHand("right"), hand(index=(-0.05, -0.05, -0.11), thumb=(-0.06, -0.05, -0.11))
    hands = [hand()] * 3 + [pinched] + [hand()] * 3 + [pinched] * 8
    said = [bare.read(each, HEAD, STEP * i).pinched for i, each in enumerate(hands)]
    assert not any(said[:8]) and said[-1]


def test_the_ray_of_a_trembling_hand_is_calmer_than_the_hand() -> None:
    random, bare = np.random.default_rng(1), BareHand("right")
    ends = []
    for i in range(300):
        x, y, z = 0.002 * random.normal(size=3)
        aim = bare.read(hand(place=(0.2 + x, 1.3 + y, -0.4 + z)), HEAD, STEP * i).aim
        ends.append(aim[:3, 3] - 2.0 * aim[:3, 2])
    raw = 0.002 * (1 + 2.0 / 0.3)  # of an end two metres on, by a hand some 0.3 m before what it turns about
    assert np.std(ends[100:], axis=0).max() < 0.4 * raw


def test_a_hand_that_was_lost_holds_nothing_when_it_comes_back() -> None:
    bare, pinched = BareHand("right"), hand(index=(-0.05, -0.05, -0.11), thumb=(-0.06, -0.05, -0.11))
    assert [bare.read(pinched, HEAD, STEP * i).pinched for i in range(8)][-1]
    bare.lost()
    assert not bare.read(pinched, HEAD, 1.0).pinched
    assert math.isfinite(float(bare.read(pinched, HEAD, 1.1).aim.sum()))


def test_a_fist_whose_tips_meet_grabs_and_selects_nothing() -> None:
    tips = dict.fromkeys(("index", "middle", "ring", "little", "thumb"), (0.0, -0.05, -0.0255))
    bare = BareHand("right")
    said = [bare.read(hand(**tips), HEAD, STEP * i) for i in range(20)]
    assert said[-1].pinch > 0.9 and said[-1].grabbed and not said[-1].pinched
