"""Stressed syllables: found where the mouth opens widest, once each, none in silence."""

from __future__ import annotations

import numpy as np
import pytest

from render.motion.stress import StressFinder


def found(times: np.ndarray, openings: np.ndarray) -> list[tuple[float, float]]:
    finder = StressFinder()
    told = [finder.take(float(t), float(x)) for t, x in zip(times, openings, strict=True)]
    return [one for one in told if one is not None]


def bumps(times: np.ndarray, peaks: list[tuple[float, float]]) -> np.ndarray:
    return np.sum([high * np.exp(-(((times - at) / 0.07) ** 2)) for at, high in peaks], axis=0)


def test_wide_syllables_are_told_and_narrow_ones_are_not() -> None:
    times = np.arange(0, 6, 0.05)
    wide = [(1.0, 0.5), (1.8, 0.45), (2.6, 0.55), (4.0, 0.4)]
    narrow = [(1.4, 0.15), (2.2, 0.2), (3.0, 0.12)]
    told = found(times, bumps(times, wide + narrow))
    assert [at for at, _ in told] == pytest.approx([at for at, _ in wide], abs=0.05)
    assert all(0 <= strength <= 1 for _, strength in told)


def test_silence_and_murmur_have_none() -> None:
    times = np.arange(0, 10, 0.05)
    assert found(times, np.zeros(len(times))) == []
    assert found(times, 0.03 + 0.03 * np.sin(9 * times)) == []


def test_a_peak_is_told_one_sample_later() -> None:
    finder = StressFinder()
    assert [finder.take(t, x) for t, x in ((0.0, 0.1), (0.05, 0.4), (0.1, 0.3))][1:] == [
        None,
        (0.05, pytest.approx(0.7, abs=0.07)),
    ]


def test_a_syllable_on_which_the_brows_rise_is_the_strongest() -> None:
    times = np.arange(0, 4, 0.05)
    openings = bumps(times, [(1.0, 0.5), (2.0, 0.5), (3.0, 0.5)])
    brows = 0.3 * np.exp(-(((times - 2.0) / 0.12) ** 2)) + 0.3  # up already: a mood; up more: an accent
    finder = StressFinder()
    told = [finder.take(float(t), float(x), float(b)) for t, x, b in zip(times, openings, brows, strict=True)]
    first, second, third = [one for one in told if one is not None]
    assert second[1] == pytest.approx(1.0)
    assert max(first[1], third[1]) <= 0.75
