"""The measure of lip sync must find what is put into it."""

import math

import numpy as np
import pytest

from xr_app.av_offset import envelope, measure

RATE = 24_000


def speech(seconds: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Syllables of noise with random lengths and pauses: (samples, opening at 1 kHz that follows them exactly)."""
    rng = np.random.default_rng(seed)
    loud = np.zeros(round(seconds * 1000))
    t = 0
    while t < len(loud):
        length, pause = rng.integers(80, 260), rng.integers(20, 220)
        stretch = loud[t : t + length]
        stretch[:] = rng.uniform(0.3, 1) * np.sin(np.linspace(0, math.pi, length))[: len(stretch)] ** 2
        t += length + pause
    samples = np.repeat(loud, RATE // 1000) * rng.standard_normal(len(loud) * (RATE // 1000)) * 0.2
    return samples.astype(np.float32), np.sqrt(loud)


@pytest.mark.parametrize("injected_ms", [-120, 0, 40, 100])
@pytest.mark.parametrize("fps", [9.0, 15.0, 72.0])
def test_finds_an_injected_offset(injected_ms: int, fps: float) -> None:
    samples, opening = speech(12.0, seed=3)
    shown = np.arange(100.0, 112.0, 1 / fps)
    seen = np.interp(shown - 100.0 - injected_ms / 1000, np.arange(len(opening)) / 1000, opening)
    offset = measure(shown, seen, samples, RATE, heard_start_s=100.0)
    assert offset.windows > 10
    assert abs(offset.mean - injected_ms) < 10
    assert abs(offset.p99 - abs(injected_ms)) < 40


def test_takes_off_what_the_network_does_by_itself() -> None:
    samples, opening = speech(12.0, seed=4)
    shown = np.arange(0.0, 12.0, 1 / 30)
    seen = np.interp(shown + 0.05, np.arange(len(opening)) / 1000, opening)
    assert abs(measure(shown, seen, samples, RATE, 0.0, intrinsic_s=-0.05).mean) < 10
    assert abs(measure(shown, seen, samples, RATE, 0.0).mean + 50) < 10


def test_says_nothing_of_silence() -> None:
    offset = measure(np.arange(0, 5, 0.1), np.zeros(50), np.zeros(RATE * 5, np.float32), RATE, 0.0)
    assert math.isnan(offset.mean)
    assert offset.windows == 0


def test_envelope_is_the_root_of_the_rms() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    at, loud = envelope(tone.astype(np.float32), RATE)
    assert np.allclose(loud, math.sqrt(0.5 / math.sqrt(2)), atol=2e-3)
    assert np.isclose(at[0], 0.015)
    assert np.allclose(np.diff(at), 0.005)
