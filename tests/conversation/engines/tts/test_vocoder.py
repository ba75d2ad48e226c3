"""Before and behind the vocoder's network, against SciPy's transforms and tones of known pitch."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from conversation.engines.tts import vocoder

RATE, FRAME = 24_000, 300
ONE = np.array([1.0])


def tone(pitch: float, frames: int, weights: np.ndarray = ONE) -> np.ndarray:
    return vocoder.harmonic_source(np.full(frames, pitch, np.float32), weights, 0.0, rate=RATE, samples_a_frame=FRAME)


@pytest.mark.parametrize("pitch", [80.0, 210.0, 411.0])
def test_a_steady_pitch_is_a_tone_of_that_pitch(pitch: float) -> None:
    wave = tone(pitch, 80)[FRAME:-FRAME]
    bins = np.abs(np.fft.rfft(wave * hann(len(wave))))
    assert np.argmax(bins) * RATE / len(wave) == pytest.approx(pitch, abs=RATE / len(wave))
    assert np.abs(wave).max() == pytest.approx(0.1, abs=0.002)


def test_the_weights_are_those_of_the_harmonics() -> None:
    wave = tone(200.0, 80, np.array([0.5, 0.0, 0.25]))[FRAME:-FRAME]
    time = np.arange(len(wave)) / RATE
    parts = [2 * np.abs(np.mean(wave * np.exp(-2j * np.pi * 200 * n * time))) for n in (1, 2, 3)]
    assert parts == pytest.approx([0.05, 0.0, 0.025], abs=0.002)


def test_a_voiceless_frame_is_silent_up_to_the_bias() -> None:
    pitch = np.array([200, 200, 0, 0, 0, 200], np.float32)
    wave = vocoder.harmonic_source(pitch, ONE, 0.3, rate=RATE, samples_a_frame=FRAME)
    assert len(wave) == 6 * FRAME
    assert np.ptp(wave[2 * FRAME : 5 * FRAME]) == 0
    assert wave[3 * FRAME] == pytest.approx(np.tanh(0.3))


def test_a_pitch_that_glides_makes_no_click() -> None:
    wave = vocoder.harmonic_source(
        np.linspace(100, 300, 80, dtype=np.float32), ONE, 0.0, rate=RATE, samples_a_frame=FRAME
    )
    assert np.abs(np.diff(wave)).max() < 0.1 * 2 * np.pi * 310 / RATE


def test_spectra_are_those_of_scipy() -> None:
    wave = np.random.default_rng(0).standard_normal(400).astype(np.float32)
    ours = vocoder.spectrum(wave)
    transform = ShortTimeFFT(hann(vocoder.LENGTH, sym=False), vocoder.HOP, RATE)
    # SciPy counts windows by their middle and pads with zeros: the inner ones are compared.
    theirs = transform.stft(wave, p0=2, p1=78)
    assert ours.shape == (22, 81)
    assert np.abs(ours[:11, 2:78] - np.abs(theirs)).max() < 1e-4
    turned = ours[:11] * np.exp(1j * ours[11:])
    assert np.abs(np.abs(turned[:, 2:78]) - np.abs(theirs)).max() < 1e-4
    assert np.abs(turned[:, 2:78] - np.fft.rfft(_windows(wave), axis=1).T[:, 2:78]).max() < 1e-4


def _windows(wave: np.ndarray) -> np.ndarray:
    padded = np.pad(wave, 10, mode="reflect")
    return np.array([padded[i : i + 20] * hann(20, sym=False) for i in range(0, len(padded) - 19, 5)])


def test_the_lowest_bin_of_a_negative_wave_points_to_pi() -> None:
    assert vocoder.spectrum(np.full(100, -1, np.float32))[11] == pytest.approx(np.pi)


def test_a_wave_comes_back_from_its_spectra() -> None:
    wave = np.random.default_rng(1).standard_normal(600).astype(np.float32)
    spectra = vocoder.spectrum(wave)
    back = vocoder.sound(spectra[:11], spectra[11:])
    assert len(back) == len(wave)
    assert np.abs(back - wave).max() < 1e-5
