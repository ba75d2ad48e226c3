"""Speech at another speed keeps its pitch, its length and its loudness."""

from __future__ import annotations

import numpy as np
import pytest

from conversation.engines.tts.stretch import stretched

RATE = 44_100


def buzz(seconds: float, hertz: float = 120.0) -> np.ndarray:
    """Ten harmonics, as a voice has them."""
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 11)).astype(np.float32) * 0.2


def pitch(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * RATE / len(samples)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
def test_length_changes_and_pitch_does_not(speed: float) -> None:
    voice = buzz(1.0)
    made = stretched(voice, RATE, speed)
    assert len(made) == round(len(voice) / speed)
    inner = made[2000:-2000]
    assert pitch(inner) == pytest.approx(120, abs=3)
    assert np.sqrt((inner**2).mean()) == pytest.approx(np.sqrt((voice**2).mean()), rel=0.05)


def test_each_part_comes_at_its_time() -> None:
    voice = np.concatenate([buzz(0.3, 100), np.zeros(RATE // 5, np.float32), buzz(0.5, 200)])
    made = stretched(voice, RATE, 1.25)
    first, silence, last = made[: int(0.22 * RATE)], made[int(0.26 * RATE) : int(0.38 * RATE)], made[int(0.42 * RATE) :]
    assert pitch(first) == pytest.approx(100, abs=6) and pitch(last) == pytest.approx(200, abs=6)
    assert np.abs(silence).max() < 0.01


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(10, np.float32)])
def test_what_is_too_short_stays(samples: np.ndarray) -> None:
    assert np.array_equal(stretched(samples, RATE, 1.5), samples)


def test_its_own_speed_changes_nothing() -> None:
    voice = buzz(0.2)
    assert np.array_equal(stretched(voice, RATE, 1.0), voice)
