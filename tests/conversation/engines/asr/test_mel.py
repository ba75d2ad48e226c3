"""Log-mel features against sums written out by hand: levels, bands, times."""

import numpy as np
import pytest

from conversation.engines.asr.mel import BANDS, HOP, SAMPLE_RATE, log_mel


def sine(hertz: float, amplitude: float = 1.0, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def oracle(samples: np.ndarray, frame: int) -> np.ndarray:
    """One frame in float64: Hann window of 400 around the frame's centre, DFT of 512, triangles over mel."""
    around = np.zeros(400)
    for k in range(400):
        at = frame * HOP - 200 + k
        around[k] = samples[at] if 0 <= at < len(samples) else 0.0
    window = np.sin(np.pi * np.arange(400) / 400) ** 2
    power = np.abs(np.fft.fft(around * window / window.sum(), 512)[:257]) ** 2
    mel = 1127.01048 * np.log(1 + np.arange(257) * 31.25 / 700)
    edges = np.linspace(1127.01048 * np.log(1 + 60 / 700), 1127.01048 * np.log(1 + 7600 / 700), BANDS + 2)
    hertz = 700 * (np.exp(edges / 1127.01048) - 1)
    bands = np.array(
        [np.interp(700 * (np.exp(mel / 1127.01048) - 1), hertz[i : i + 3], [0, 1, 0]) for i in range(BANDS)]
    )
    return np.asarray((np.log10(np.maximum(bands @ power, 1e-9)) + 9) / 9)


@pytest.mark.parametrize("frame", [0, 1, 17, 49])
def test_frames_are_what_the_definition_says(frame: int) -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, SAMPLE_RATE // 2).astype(np.float32)
    np.testing.assert_allclose(log_mel(noise)[frame], oracle(noise, frame), atol=2e-4)


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (1, 1), (160, 1), (161, 2), (16_000, 100)])
def test_there_is_a_frame_for_every_begun_10_ms(samples: int, frames: int) -> None:
    assert log_mel(np.zeros(samples, np.float32)).shape == (frames, BANDS)


def test_silence_is_zero_and_ten_times_the_amplitude_is_two_ninths_more() -> None:
    assert not log_mel(np.zeros(4000, np.float32)).any()
    loud, quiet = log_mel(sine(1000)), log_mel(sine(1000, 0.1))
    band = loud[25].argmax()
    assert loud[25, band] - quiet[25, band] == pytest.approx(2 / 9, abs=1e-4)


def test_a_click_shows_in_the_frames_around_it_alike() -> None:
    click = np.zeros(SAMPLE_RATE, np.float32)
    click[50 * HOP] = 1.0
    loudness = log_mel(click).sum(axis=1)
    assert loudness.argmax() == 50
    np.testing.assert_allclose(loudness[49], loudness[51], rtol=1e-3)


def test_long_recordings_are_cut_without_a_seam() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, 4200 * HOP).astype(np.float32)
    np.testing.assert_allclose(log_mel(noise)[4090:4110], log_mel(noise[4080 * HOP :])[10:30], atol=1e-5)
