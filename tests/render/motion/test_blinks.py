"""Blinks: at human rates, at the joints of a talk, and the same whenever they are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from render.motion.blinks import LONGEST_S, SHORTEST_S, Blinks
from render.motion.director import Director
from render.motion.rehearsal import rehearse
from render.motion.score import STATES, Beat, Mood, Score, State


def begun(director: Director, seconds: float) -> np.ndarray:
    """Times at which the lids begin to shut, watched at 100 Hz."""
    times = np.arange(0, seconds, 0.01)
    lids = []
    for time in times:
        director.advance(float(time))
        lids.append(director.blinks.at(float(time)))
    shut = np.array(lids) > 0.05
    return times[1:][shut[1:] & ~shut[:-1]]


@pytest.mark.parametrize(("state", "low", "high"), [("idle", 12, 22), ("listening", 12, 24), ("speaking", 20, 34)])
def test_rates_are_those_of_people(state: State, low: float, high: float) -> None:
    """Bentivoglio et al. 1997: 17 a minute at rest, 26 in conversation."""
    counts = [len(begun(Director(seed, rehearse(state, 120.0, seed)), 120.0)) / 2 for seed in range(3)]
    assert low < np.mean(counts) < high


def test_no_two_are_too_near_or_too_far_and_no_rhythm_shows() -> None:
    gaps = np.diff(begun(Director(4, rehearse("idle", 240.0)), 240.0))
    assert gaps.min() >= SHORTEST_S - 0.02
    assert gaps.max() <= LONGEST_S + 0.02
    assert gaps.std() > 0.4 * gaps.mean()


def test_a_pause_between_phrases_draws_them() -> None:
    """Blinks lie in the pause after a phrase ends far more often than chance puts them there."""
    inside = total = 0.0
    for seed in range(4):
        score, ends = Score(), []
        score.note(Mood(0.0, "speaking"))
        time = 1.0
        for _ in range(30):
            for _ in range(4):
                score.note(Beat(time - 0.9, time, 0.5))
                time += 0.4
            ends.append(time - 0.4)
            time += 1.2
        blinks = begun(Director(seed, score), time)
        near = np.array([((blinks > end) & (blinks < end + 0.8)).any() for end in ends])
        inside += near.sum()
        total += len(near)
    assert inside / total > 0.6  # by chance 0.3


def test_a_state_that_changes_is_a_joint() -> None:
    hits = 0
    for seed in range(20):
        score = Score()
        score.note(Mood(0.0, "speaking"))
        score.note(Mood(5.0, "listening"))
        blinks = begun(Director(seed, score), 6.0)
        hits += bool(((blinks > 5.0) & (blinks < 5.45)).any())
    assert hits >= 9


def test_lids_are_the_same_however_often_they_are_looked_at() -> None:
    often, seldom = Director(7, rehearse("speaking", 30.0, 7)), Director(7, rehearse("speaking", 30.0, 7))
    watched = []
    for time in np.arange(0, 30, 0.01):
        often.advance(float(time))
        watched.append(often.blinks.at(float(time)))
    for time in np.arange(0, 30, 0.37):
        seldom.advance(float(time))
        assert seldom.blinks.at(float(time)) == pytest.approx(watched[round(100 * time)], abs=1e-9)


@pytest.mark.parametrize("offset", [0.0, 0.013, 0.029, 0.041])
def test_a_key_of_20_hz_always_meets_the_lids_shut(offset: float) -> None:
    blinks = Blinks(1)
    blinks.shut(1.0, "idle")
    keys = [blinks.at(0.9 + offset + 0.05 * k) for k in range(10)]
    assert max(keys) == 1.0
    assert keys[0] == keys[-1] == 0.0


@pytest.mark.parametrize("state", STATES)
def test_lids_stay_in_range_and_open_again(state: State) -> None:
    director = Director(2, rehearse(state, 20.0))
    lids = []
    for time in np.arange(0, 20, 0.05):
        director.advance(float(time))
        lids.append(director.blinks.at(float(time)))
    assert min(lids) >= 0.0 and max(lids) <= 1.0
    assert np.mean(np.array(lids) > 0.5) < 0.12
