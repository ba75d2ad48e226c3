"""A delay that moves, against a signal that is known at every time."""

from itertools import pairwise

import numpy as np
import pytest

from conversation.audio.spatial.delay import REACH, MovingDelay

RATE = 24_000


def wave(times: np.ndarray, frequency: float) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * times / RATE + 0.3)


def through(samples: np.ndarray, delays: np.ndarray, block: int) -> np.ndarray:
    """`delays`: one for each boundary of blocks."""
    line = MovingDelay(64)
    blocks = samples.astype(np.float32).reshape(-1, block)
    return np.concatenate([line(x, [pair])[0] for x, pair in zip(blocks, pairwise(delays), strict=True)])


@pytest.mark.parametrize("late", [16.0, 20.0, 31.37, 63.999])
@pytest.mark.parametrize("frequency", [110.0, 3000.0, 9500.0])
def test_fractions_of_a_sample(late: float, frequency: float) -> None:
    times = np.arange(4800)
    made = through(wave(times, frequency), np.full(21, late), 240)
    assert made[200:] == pytest.approx(wave(times - late, frequency)[200:], abs=1e-3)


def test_whole_samples_are_left_as_they_are() -> None:
    samples = np.random.default_rng(0).normal(size=2400).astype(np.float32)
    assert np.array_equal(through(samples, np.full(11, REACH + 4.0), 240)[REACH + 4 :], samples[: -REACH - 4])


@pytest.mark.parametrize("block", [80, 240])
def test_a_delay_that_moves_is_heard_as_such_and_as_nothing_else(block: int) -> None:
    times = np.arange(4800)
    delays = 30 + 12 * np.sin(np.arange(4800 // block + 1) * block / 700)
    made = through(wave(times, 5000.0), delays, block)
    each = np.interp(times + 1, np.arange(len(delays)) * block, delays)
    assert made[200:] == pytest.approx(wave(times - each, 5000.0)[200:], abs=1e-3)


def test_several_places_of_one_input_and_blocks_of_any_length() -> None:
    samples = np.random.default_rng(1).normal(size=3000).astype(np.float32)
    line, whole = MovingDelay(64), MovingDelay(64)
    cuts = [0, 1, 7, 240, 241, 1000, 3000]
    parts = [line(samples[a:b], [(20.25, 20.25), (40.5, 40.5)]) for a, b in pairwise(cuts)]
    for k, late in enumerate((20.25, 40.5)):
        assert np.concatenate([part[k] for part in parts]) == pytest.approx(whole(samples, [(late, late)])[0], abs=1e-5)
        whole = MovingDelay(64)
