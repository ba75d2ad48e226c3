"""Pitch against tones whose pitch is known, and brows against voices with an accent in a known place."""

import numpy as np
import pytest

from assets.arkit import INDEX
from conversation.face.accents import FUTURE_S, PAST_S, accents, brows
from conversation.face.pitch import pitch_and_level

RATE = 24_000
BROW = INDEX["browInnerUp"]


def voice(hertz: np.ndarray, loud: np.ndarray | float = 1.0) -> np.ndarray:
    """Twelve harmonics of a pitch given for every sample."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 13))
    return (0.1 * sound * loud).astype(np.float32)


def accented(at: float, semitones: float, seconds: float = 4.0) -> np.ndarray:
    """An even voice of 150 Hz with one syllable that is higher."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = 150 * 2 ** (semitones / 12 * np.exp(-(((time - at) / 0.08) ** 2)))
    return voice(tone)


@pytest.mark.parametrize("hertz", [75.0, 110.0, 207.0, 330.0, 470.0])
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_pitch_is_that_of_the_tone(hertz: float, noise: float) -> None:
    sound = voice(np.full(RATE, hertz)) + noise * np.random.default_rng(2).standard_normal(RATE).astype(np.float32)
    pitch, level = pitch_and_level(sound.astype(np.float32), RATE)
    assert pitch.shape == level.shape == (100,)
    inner = pitch[5:-5]
    assert np.mean(np.abs(inner / hertz - 1) < 0.02) > 0.97


def test_noise_and_silence_have_no_pitch() -> None:
    hiss = 0.1 * np.random.default_rng(1).standard_normal(RATE).astype(np.float32)
    assert np.mean(pitch_and_level(hiss, RATE)[0] > 0) < 0.05
    assert not pitch_and_level(np.zeros(RATE, np.float32), RATE)[0].any()
    assert pitch_and_level(np.zeros(0, np.float32), RATE)[0].shape == (0,)


def test_loudness_is_told_in_decibels() -> None:
    _, level = pitch_and_level(voice(np.full(RATE, 150.0)), RATE)
    _, quieter = pitch_and_level(0.1 * voice(np.full(RATE, 150.0)), RATE)
    assert np.median(level - quieter) == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize("at", [1.2, 2.5])
def test_a_higher_syllable_is_an_accent_and_the_brows_are_up_then(at: float) -> None:
    ((second, strength),) = accents(accented(at, 5.0), RATE)
    assert second == pytest.approx(at, abs=0.06)
    assert strength > 0.3
    raised = brows(accented(at, 5.0), RATE)[:, BROW]
    assert raised.max() > 0.1
    up = np.flatnonzero(raised > 0.95 * raised.max()) / 100
    assert at - 0.12 < up[0] < at + 0.02 < up[-1] + 0.05  # Flecha-García 2010: a little before
    assert not raised[: round(100 * (at - 0.4))].any()
    assert not raised[round(100 * (at + 0.6)) :].any()
    assert np.abs(np.diff(raised)).max() < 0.06


def test_a_larger_accent_raises_them_more_and_an_even_voice_not_at_all() -> None:
    heights = [brows(accented(2.0, semitones), RATE).max() for semitones in (0.0, 3.5, 6.0, 12.0)]
    assert heights[0] == 0 < heights[1] < heights[2] <= heights[3] <= 0.4


def test_a_quieter_voice_raises_them_the_same() -> None:
    loud, soft = accented(2.0, 6.0), 0.2 * accented(2.0, 6.0)
    np.testing.assert_allclose(brows(soft, RATE), brows(loud, RATE), atol=0.01)


def test_what_is_far_off_changes_nothing() -> None:
    """Beyond PAST_S and FUTURE_S of a moment the voice may be another."""
    sound = np.concatenate([accented(1.0, 6.0), accented(2.0, 6.0), accented(1.5, 6.0)])
    whole = brows(sound, RATE)
    first, last = round(RATE * 1.0), round(RATE * 9.0)
    part = brows(sound[first:last], RATE)
    keep = slice(round(100 * (1.0 + PAST_S)) + 1, round(100 * (9.0 - FUTURE_S)) - 1)
    assert whole[keep].any()
    np.testing.assert_allclose(part[keep.start - 100 : keep.stop - 100], whole[keep], atol=1e-6)
