"""Choosing tokens: what each setting allows, over many draws."""

from __future__ import annotations

import numpy as np
import pytest

from conversation.engines.llm.sampling import Sampler, Sampling

LOGITS = np.log(np.array([0.05, 0.4, 0.3, 0.2, 0.05], np.float32))


def drawn(settings: Sampling, draws: int = 2000) -> list[int]:
    sampler = Sampler(settings)
    return [sampler.pick(LOGITS, []) for _ in range(draws)]


def test_temperature_zero_takes_the_strongest() -> None:
    assert set(drawn(Sampling(temperature=0.0), 20)) == {1}


def test_draws_follow_the_probabilities() -> None:
    settings = Sampling(temperature=1.0, top_k=5, top_p=1.0)
    shares = np.bincount(drawn(settings), minlength=5) / 2000
    assert np.abs(shares - np.exp(LOGITS)).max() < 0.04


def test_a_low_temperature_sharpens() -> None:
    shares = np.bincount(drawn(Sampling(temperature=0.5, top_k=5, top_p=1.0)), minlength=5) / 2000
    squares = np.exp(2 * LOGITS)
    assert np.abs(shares - squares / squares.sum()).max() < 0.04


def test_top_k_keeps_the_strongest() -> None:
    assert set(drawn(Sampling(temperature=1.0, top_k=2, top_p=1.0))) == {1, 2}


def test_top_p_keeps_the_fewest_that_reach_it() -> None:
    assert set(drawn(Sampling(temperature=1.0, top_k=5, top_p=0.65))) == {1, 2}
    assert set(drawn(Sampling(temperature=1.0, top_k=5, top_p=0.75))) == {1, 2, 3}
    assert set(drawn(Sampling(temperature=1.0, top_k=5, top_p=0.0), 50)) == {1}


@pytest.mark.parametrize("sign", [1, -1])
def test_the_penalty_weakens_what_was_written(sign: int) -> None:
    logits = np.array([1.0, 0.9], np.float32) if sign > 0 else np.array([-0.9, -1.0], np.float32)
    sampler = Sampler(Sampling(repetition_penalty=1.2))
    assert sampler.pick(logits, []) == 0
    assert sampler.pick(logits, [0]) == 1
    assert Sampler(Sampling(repetition_penalty=1.0)).pick(logits, [0]) == 0


def test_the_same_seed_draws_the_same() -> None:
    settings = Sampling(temperature=1.0, seed=7)
    sampler = Sampler(settings)
    first = [sampler.pick(LOGITS, []) for _ in range(50)]
    sampler.restart()
    assert [sampler.pick(LOGITS, []) for _ in range(50)] == first == drawn(settings, 50)
    assert drawn(Sampling(temperature=1.0, seed=8), 50) != first
