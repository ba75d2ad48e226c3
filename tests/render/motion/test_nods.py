"""A listener nods where the speaker pauses."""

from __future__ import annotations

import numpy as np

from render.motion.director import Director
from render.motion.score import Mood, Pause, Score


def nods(director: Director, seconds: float) -> np.ndarray:
    """Times at which the head begins to go down."""
    times = np.arange(0.0, seconds, 0.02)
    deep = []
    for t in times:
        director.advance(float(t))
        deep.append(director.nod.at(float(t))[0])
    down = np.array(deep) > 0.4
    return times[1:][down[1:] & ~down[:-1]]


def listened(seed: int, pauses: list[tuple[float, float]]) -> Score:
    score = Score()
    score.note(Mood(0.0, "listening"))
    for time, long in pauses:
        score.note(Pause(time, long))
    return score


def test_nods_come_in_pauses_and_no_sooner_than_one_is_over() -> None:
    pauses = [(2.5 * k, 0.2) for k in range(1, 25)]
    after, count = [], 0
    for seed in range(4):
        for begun in nods(Director(seed, listened(seed, pauses)), 62.0):
            count += 1
            after.append(min(begun - time for time, _ in pauses if time <= begun) if begun > 2.5 else 9.0)
    share = np.mean(np.array(after) < 1.2)  # the second of two nods included
    assert share > 0.85  # by chance 0.48
    assert 0.3 < count / (4 * len(pauses)) < 1.3


def test_what_is_no_pause_gets_none_and_pauses_in_a_row_get_few() -> None:
    short = [(1.0 + 0.5 * k, 0.1) for k in range(40)]
    quick = [(1.0 + 0.4 * k, 0.2) for k in range(50)]
    few, many = (nods(Director(1, listened(1, pauses)), 21.0) for pauses in (short, quick))
    assert len(few) <= 8  # those that come anyway
    assert len(many) > len(few) and len(many) < 40
