"""A small room: the floor's echo at its moment, and a tail that fades as it should."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from conversation.audio.spatial.spatialiser import Spatialiser
from conversation.audio.spatial.sphere import SPEED
from conversation.audio.spatial.tail import Tail, impulse_response
from conversation.link.mouth_place import AHEAD, Mouth

RATE = 24_000
STANDING = Mouth((0.0, 0.0, -2.0), (0.0, 0.0, 1.0), (0.0, -3.0, -2.0))
CLICK = np.eye(1, 12_000, dtype=np.float32)[0] * np.float32(0.2)


def heard(samples: np.ndarray, mouth: Mouth, *, room: bool) -> np.ndarray:
    spatialiser = Spatialiser(RATE, mouth, room=room)
    return np.concatenate([spatialiser(samples[k : k + 240], mouth) for k in range(0, len(samples), 240)])


def test_without_a_room_the_floor_is_silent() -> None:
    bare = Mouth(STANDING.position, STANDING.facing)
    assert np.array_equal(heard(CLICK, STANDING, room=False), heard(CLICK, bare, room=False))


def test_the_floor_answers_at_its_moment_and_softer() -> None:
    echo = heard(CLICK, STANDING, room=True) - heard(CLICK, STANDING, room=False)
    tail = Tail(RATE)(CLICK)
    floor = (echo - tail)[:, 0]
    beyond = np.hypot(3.0, 2.0) - 2.0
    late = Spatialiser(RATE, STANDING).delay + beyond / SPEED * RATE
    assert abs(int(np.argmax(np.abs(floor))) - late) < 1.5
    assert not np.abs(floor[: round(late) - 20]).max() > 1e-4
    # At the lowest frequencies nothing is lost but by the distance and in the floor.
    assert np.sum(floor) == pytest.approx(0.2 * 0.7 / np.hypot(3.0, 2.0), rel=0.1)


def test_there_is_no_floor_where_nobody_says_so() -> None:
    bare = Mouth(STANDING.position, STANDING.facing)
    both = heard(CLICK, bare, room=True) - heard(CLICK, bare, room=False)
    assert both == pytest.approx(Tail(RATE)(CLICK), abs=1e-6)


def test_the_tail_is_the_convolution_with_its_response_in_blocks_of_any_length() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 6000).astype(np.float32)
    tail = Tail(RATE)
    cuts = [0, 1, 1, 241, 900, 3000, 6000]
    made = np.concatenate([tail(samples[a:b]) for a, b in pairwise(cuts)])
    response = impulse_response(RATE)
    for ear in (0, 1):
        wanted = np.convolve(samples, response[:, ear])[: 6000 - 240]
        assert made[240:, ear] == pytest.approx(wanted, abs=1e-4)
    assert not made[:240].any()


def test_the_tail_fades_as_a_furnished_room_and_is_9_db_under_the_voice() -> None:
    response = impulse_response(RATE)
    assert 10 * np.log10(np.mean(np.sum(response**2, axis=0))) == pytest.approx(-9, abs=0.1)
    for low, high, seconds in ((100, 800, 0.30), (1300, 3200, 0.25), (5000, 11_000, 0.15)):
        band = sosfilt(butter(4, (low, high), "bandpass", fs=RATE, output="sos"), response[:, 0])
        # Schroeder 1965: the energy that is still to come.
        left = 10 * np.log10(np.cumsum(band[::-1] ** 2)[::-1])
        first, last = np.argmax(left < left[0] - 5), np.argmax(left < left[0] - 25)
        assert (last - first) / RATE * 60 / 20 == pytest.approx(seconds, rel=0.2), low


def test_long_waves_are_alike_at_both_ears_and_short_ones_are_not() -> None:
    left, right = np.fft.rfft(impulse_response(48_000), axis=0).T
    frequencies = np.fft.rfftfreq(round(0.35 * 48_000), 1 / 48_000)

    def alike(low: float, high: float) -> float:
        band = (frequencies > low) & (frequencies < high)
        power = np.sum(np.abs(left[band]) ** 2) * np.sum(np.abs(right[band]) ** 2)
        return float(abs(np.sum(left[band] * right[band].conj())) / np.sqrt(power))

    assert alike(20, 200) > 0.9 and alike(2000, 8000) < 0.15


def test_silence_comes_back_after_the_last_of_it() -> None:
    spatialiser = Spatialiser(RATE, AHEAD, room=True)
    spatialiser(CLICK[:2400], AHEAD)
    for _ in range(60):
        last = spatialiser(np.zeros(240, np.float32), AHEAD)
    assert not last.any()
