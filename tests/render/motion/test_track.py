"""Moves that meet: place, speed and acceleration are continuous whenever a new target comes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.motion.track import PEAK, Track


def test_a_move_is_the_minimum_jerk_path() -> None:
    """Flash & Hogan 1985, equation 1: 10 x^3 - 15 x^4 + 6 x^5."""
    track = Track([1.0, 0.0])
    track.add(2.0, 4.0, [3.0, -1.0])
    x = np.linspace(0, 1, 21)
    way = 10 * x**3 - 15 * x**4 + 6 * x**5
    got = np.array([track.at(2 + 2 * s) for s in x])
    assert got[:, 0] == pytest.approx(1 + 2 * way) and got[:, 1] == pytest.approx(-way)
    assert np.diff(got[:, 0]).max() * 20 / 2 == pytest.approx(PEAK, rel=0.01)
    assert track.at(0.0).tolist() == [1, 0] and track.at(9.0) == pytest.approx([3, -1])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_replanned_moves_have_no_jumps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    track, time = Track([0.0]), 0.0
    for _ in range(6):
        time += rng.uniform(0.05, 0.6)
        track.add(time, time + rng.uniform(0.3, 1.0), [rng.normal()])

    def changes(step: float) -> tuple[float, float]:
        """The largest changes of speed and acceleration from one step to the next."""
        places = np.array([track.at(t)[0] for t in np.arange(0, time + 1.5, step)])
        return np.abs(np.diff(places, 2)).max() / step, np.abs(np.diff(places, 3)).max() / step**2

    # What is continuous changes by a quarter in a quarter of the time; a jump stays what it is.
    coarse, fine = changes(1e-3), changes(2.5e-4)
    assert fine[0] < 0.4 * coarse[0] and fine[1] < 0.4 * coarse[1]
    assert track.at(track.settled)[0] == pytest.approx(track.target[0])


def test_a_move_calls_off_those_that_would_begin_later() -> None:
    track = Track([0.0])
    track.add(1.0, 2.0, [1.0])
    track.add(3.0, 4.0, [5.0])
    track.add(2.5, 3.5, [0.0])
    assert track.at(10.0)[0] == pytest.approx(0)
    assert max(track.at(t)[0] for t in np.arange(0, 10, 0.05)) < 1.01


def test_what_is_forgotten_is_not_needed() -> None:
    long, short = Track([0.0]), Track([0.0])
    for k in range(20):
        for track in (long, short):
            track.add(0.4 * k, 0.4 * k + 0.7, [float(k % 3)])
    short.forget(5.0)
    times = np.arange(5.0, 10.0, 0.03)
    assert np.array_equal([long.at(t) for t in times], [short.at(t) for t in times])


def test_a_track_that_is_shifted_goes_on_elsewhere() -> None:
    """As if it had been there all the time, and the shift alone were a jump."""
    track, apart = Track([0.0]), Track([5.0])
    for one, away in ((track, 0.0), (apart, 5.0)):
        one.add(0.0, 1.0, [2.0 + away])
    track.shift(0.4, np.array([5.0]), np.zeros(1))
    times = np.arange(0.4, 1.5, 0.05)
    assert [track.at(t)[0] for t in times] == pytest.approx([apart.at(t)[0] for t in times])
    assert track.at(0.39)[0] < 1.0
    track.shift(2.0, np.array([-5.0]), np.array([-3.0]))
    assert (track.at(2.001)[0] - track.at(2.0)[0]) / 1e-3 == pytest.approx(-3.0, rel=0.02)
    assert track.at(3.0)[0] == pytest.approx(2.0)
