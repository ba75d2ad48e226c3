"""Silero VAD on recorded speech, silence and noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from assets import catalogue
from conversation.engines.silero import SileroVad
from tests.recordings import READER


@pytest.fixture
def vad() -> SileroVad:
    return SileroVad(catalogue.model_dir("silero-vad"))


def probabilities(vad: SileroVad, samples: npt.NDArray[np.float32]) -> list[float]:
    return [vad(window) for window in samples[: len(samples) // 512 * 512].reshape(-1, 512)]


def test_speech_is_heard_and_silence_is_not(vad: SileroVad) -> None:
    speech = READER.samples()
    heard = probabilities(vad, speech)
    assert np.mean(np.array(heard) > 0.5) > 0.8
    vad.reset()
    assert max(probabilities(vad, np.zeros(32_000, np.float32))) < 0.1


def test_noise_is_not_speech(vad: SileroVad) -> None:
    noise = 0.01 * np.random.default_rng(0).standard_normal(48_000).astype(np.float32)
    assert np.mean(np.array(probabilities(vad, noise)) > 0.5) < 0.05


def test_reset_forgets_the_stream(vad: SileroVad) -> None:
    speech = READER.samples()[:16_000]
    first = probabilities(vad, speech)
    assert probabilities(vad, speech) != first
    vad.reset()
    assert probabilities(vad, speech) == first
