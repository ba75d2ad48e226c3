"""Loudness against the figures of ITU-R BS.1770-4, and a limiter that neither clips nor clicks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import freqz_sos

from conversation.engines.tts.loudness import CEILING, _k_weighting, levelled, limited, loudness


def sine(frequency: float, rate: int, seconds: float = 2.0, level: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_a_full_sine_of_997_hz_is_three_below_full_scale(rate: int) -> None:
    assert loudness(sine(997, rate), rate) == pytest.approx(-3.01, abs=0.05)


def test_the_filters_at_48_khz_are_those_of_the_recommendation() -> None:
    shelf, high_pass = _k_weighting(48_000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585], abs=1e-7
    )
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-7)


@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_other_rates_weigh_as_48_khz(rate: int) -> None:
    at = np.array([40.0, 100, 500, 1000, 2000, 4000])
    there, here = (np.abs(freqz_sos(_k_weighting(r), at, fs=r)[1]) for r in (48_000, rate))
    assert 20 * np.log10(here / there) == pytest.approx(0, abs=0.35)


def test_pauses_do_not_make_it_quieter() -> None:
    speech = sine(500, 24_000, 2.0, 0.1)
    with_pause = np.concatenate([speech, np.zeros(48_000, np.float32), speech])
    assert loudness(with_pause, 24_000) == pytest.approx(loudness(speech, 24_000), abs=0.6)


@pytest.mark.parametrize("seconds", [0.08, 0.3, 0.7, 5.0])
@pytest.mark.parametrize("level", [0.006, 0.1, 0.9])
def test_whatever_it_was_it_is_as_loud_as_asked(seconds: float, level: float) -> None:
    made = levelled(sine(300, 24_000, seconds, level), 24_000, -20.0)
    assert loudness(made, 24_000) == pytest.approx(-20.0, abs=0.1)


def test_silence_stays_silence() -> None:
    assert loudness(np.zeros(24_000, np.float32), 24_000) == float("-inf")
    assert not levelled(np.zeros(24_000, np.float32), 24_000, -20.0).any()
    assert len(levelled(np.zeros(0, np.float32), 24_000, -20.0)) == 0


def test_peaks_are_turned_down_and_the_rest_is_left_alone() -> None:
    quiet = sine(200, 24_000, 1.0, 0.3)
    loud = quiet.copy()
    loud[12_000:12_050] *= 8
    made = limited(loud, 24_000)
    assert np.abs(made).max() <= CEILING + 1e-6
    assert np.array_equal(made[:11_500], quiet[:11_500])
    assert np.array_equal(made[12_600:], quiet[12_600:])


def test_the_limiter_bends_instead_of_clipping() -> None:
    made = limited(sine(200, 24_000, 1.0, 2.0), 24_000)
    assert np.abs(made).max() <= CEILING + 1e-6
    bins = np.abs(np.fft.rfft(made))
    assert bins[600] < 0.03 * bins[200]  # a clipped sine of this height has a third harmonic of 18 %
