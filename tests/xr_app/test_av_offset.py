"""The measure of lip sync must find what is put into it."""

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assets.catalogue import model_dir
from assets.lips import lip_opening
from conversation.engines.a2bs.learned import A2bs
from xr_app.av_offset import Curve, envelope, lag_behind, measure

RATE = 24_000
VOICE = Path(__file__).parent.parent / "data" / "a2bs" / "hibari.ogg"


@pytest.fixture(scope="module")
def voice() -> tuple[Curve, Curve]:
    """What the network makes of a real voice, and its envelope."""
    samples, rate = soundfile.read(VOICE, dtype="float32")
    driver = A2bs(model_dir("visavis-a2bs"))
    opening = lip_opening(driver(samples, rate)).astype(np.float64)
    return Curve(np.arange(len(opening)) / driver.frame_rate, opening), envelope(samples, rate)


def shown_at(made: Curve, fps: float, late_s: float) -> Curve:
    """Frames at a steady rate of a face that is late."""
    at = np.arange(0.0, made.at_s[-1], 1 / fps)
    return Curve(at, np.interp(at - late_s, made.at_s, made.value))


@pytest.mark.parametrize("late_ms", [-120, -40, 0, 40, 100])
@pytest.mark.parametrize("fps", [9.0, 15.0, 72.0])
def test_finds_an_injected_offset(voice: tuple[Curve, Curve], late_ms: int, fps: float) -> None:
    made, loud = voice
    offset = measure(shown_at(made, fps, late_ms / 1000), made, loud)
    assert offset.windows > 10
    assert abs(offset.mean - late_ms) < 10
    assert abs(offset.p99 - abs(late_ms)) < 25


@pytest.mark.parametrize("late_ms", [-80, 0, 80])
def test_the_envelope_alone_agrees(voice: tuple[Curve, Curve], late_ms: int) -> None:
    made, loud = voice
    own = lag_behind(made, loud, least=0.3)
    assert own is not None
    offset = measure(shown_at(made, 20.0, late_ms / 1000), made, loud, intrinsic_s=own)
    assert abs(offset.envelope - late_ms) < 20  # less than half of the 50 ms between two frames


def test_frames_at_uneven_times_are_fine(voice: tuple[Curve, Curve]) -> None:
    made, loud = voice
    at = np.cumsum(np.random.default_rng(1).uniform(0.02, 0.16, 200))
    at = at[at < made.at_s[-1]]
    shown = Curve(at, np.interp(at - 0.06, made.at_s, made.value))
    assert abs(measure(shown, made, loud).mean - 60) < 10


def test_says_nothing_of_silence() -> None:
    still = Curve(np.arange(0, 5, 0.1), np.zeros(50))
    offset = measure(still, still, envelope(np.zeros(RATE * 5, np.float32), RATE))
    assert math.isnan(offset.mean)
    assert offset.windows == 0


def test_envelope_is_the_root_of_the_rms() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    at, loud = envelope(tone.astype(np.float32), RATE)
    assert np.allclose(loud, math.sqrt(0.5 / math.sqrt(2)), atol=2e-3)
    assert np.isclose(at[0], 0.015)
    assert np.allclose(np.diff(at), 0.005)
