"""The labels of a spoken question: where its voice begins and ends."""

import numpy as np
import pytest

from conversation.audio.levels import AUDIBLE, first_audible, voiced_span

RATE = 16_000


def tone(seconds: float, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 150 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def silence(seconds: float, noise: float = 0.0) -> np.ndarray:
    return (noise * np.random.default_rng(1).standard_normal(round(seconds * RATE))).astype(np.float32)


@pytest.mark.parametrize("noise", [0.0, 1e-4, 3e-3])
def test_span_of_a_voice_between_silences(noise: float) -> None:
    samples = np.concatenate([silence(0.7, noise), tone(1.3), silence(0.9, noise)])
    span = voiced_span(samples, RATE)
    assert span is not None
    assert span[0] == pytest.approx(0.7 * RATE, abs=0.005 * RATE)
    assert span[1] == pytest.approx(2.0 * RATE, abs=0.005 * RATE)


def test_a_pause_inside_belongs_to_the_question() -> None:
    samples = np.concatenate([silence(0.3), tone(0.5), silence(1.0), tone(0.5), silence(0.3)])
    span = voiced_span(samples, RATE)
    assert span is not None
    assert span[1] == pytest.approx(2.3 * RATE, abs=0.005 * RATE)


def test_a_soft_ending_still_counts() -> None:
    samples = np.concatenate([tone(1.0), tone(0.3, 0.3 * 10 ** (-30 / 20)), silence(0.5)])
    span = voiced_span(samples, RATE)
    assert span is not None
    assert span[1] == pytest.approx(1.3 * RATE, abs=0.005 * RATE)


def test_a_recording_without_any_silence_is_voiced_to_its_end() -> None:
    span = voiced_span(tone(1.0), RATE)
    assert span is not None
    assert span[1] == pytest.approx(RATE, abs=0.01 * RATE)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(RATE, np.float32), np.zeros(50, np.float32)])
def test_silence_has_no_span(samples: np.ndarray) -> None:
    assert voiced_span(samples, RATE) is None


def test_first_audible_sample() -> None:
    samples = np.zeros(1000, np.float32)
    assert first_audible(samples) is None
    samples[300] = 0.9 * AUDIBLE
    samples[400] = -1.1 * AUDIBLE
    assert first_audible(samples) == 400
