"""A voice from its mouth, as measured at both ears, against the sphere's own solution and Woodworth's formula."""

from itertools import pairwise
from math import pi

import numpy as np
import pytest

from conversation.audio.levels import first_audible
from conversation.audio.spatial.spatialiser import Spatialiser
from conversation.audio.spatial.sphere import RADIUS, SPEED
from conversation.link.mouth_place import AHEAD, Mouth
from tests.conversation.audio.spatial.test_sphere import series
from tests.recordings import READER

RATE = 24_000
BLOCK = 240
NOISE = np.random.default_rng(0).normal(0, 0.1, RATE // 2).astype(np.float32)


def at(degrees: float, distance: float = 2.0, *, turned: float = 0.0, height: float = 0.0) -> Mouth:
    """A mouth to the right by so many degrees that speaks to the listener, or turned from them."""
    side, away = np.radians(degrees), np.radians(degrees + turned)
    flat = np.sqrt(distance**2 - height**2)
    return Mouth((flat * np.sin(side), height, -flat * np.cos(side)), (-np.sin(away), 0.0, np.cos(away)))


def heard(samples: np.ndarray, mouth: Mouth, rate: int = RATE) -> np.ndarray:
    """(n, 2) of a mouth that stays."""
    spatialiser = Spatialiser(rate, mouth)
    size = rate // 100
    return np.concatenate([spatialiser(samples[k : k + size], mouth) for k in range(0, len(samples), size)])


def later_at_the_left(both: np.ndarray, rate: int = RATE) -> float:
    """Seconds, by cross-correlation to a sixteenth of a sample."""
    size = 1 << 16
    left, right = np.fft.rfft(both[:, 0], size), np.fft.rfft(both[:, 1], size)
    height = np.fft.irfft(left * right.conj(), 16 * size)
    peak = int(np.argmax(height))
    return (peak - 16 * size if peak > 8 * size else peak) / (16 * rate)


def response(mouth: Mouth, *frequencies: float) -> np.ndarray:
    """(f, 2) gains of both ears."""
    click = np.zeros(480, np.float32)
    click[0] = 0.05
    turns = np.exp(-2j * pi * np.outer(frequencies, np.arange(480)) / RATE)
    return np.abs(turns @ heard(click, mouth)) / 0.05


def db(ratio: float) -> float:
    return float(20 * np.log10(ratio))


@pytest.mark.parametrize("degrees", [-90, -60, -25, 0, 10, 45, 75, 120, 160])
def test_the_ears_hear_it_as_far_apart_as_woodworth_says(degrees: int) -> None:
    side = np.arcsin(np.sin(np.radians(degrees)))
    woodworth = RADIUS / SPEED * (side + np.sin(side))
    assert later_at_the_left(heard(NOISE, at(degrees))) == pytest.approx(woodworth, abs=30e-6)
    # At 48 kHz, too.
    if degrees == 45:
        assert later_at_the_left(heard(NOISE, at(degrees), 48_000), 48_000) == pytest.approx(woodworth, abs=30e-6)


@pytest.mark.parametrize("distance", [0.25, 0.6, 2.0])
@pytest.mark.parametrize("degrees", [20, 50, 90, 131])
def test_the_difference_of_level_is_the_spheres(degrees: int, distance: float) -> None:
    frequencies = 250.0, 700.0, 1500.0, 3000.0, 6000.0
    for frequency, (left, right) in zip(frequencies, response(at(degrees, distance), *frequencies), strict=True):
        angle = np.arcsin(np.sin(np.radians(degrees)))
        near, far = (abs(series(frequency, distance, pi / 2 + sign * angle)) for sign in (-1, 1))
        assert db(right / left) == pytest.approx(db(near / far), abs=0.5), frequency


def test_a_voice_ahead_at_a_metre_passes_as_it_was_made() -> None:
    both = heard(NOISE, AHEAD)
    late = Spatialiser(RATE, AHEAD).delay
    assert both.shape == (len(NOISE), 2)
    for ear in both.T:
        assert ear[late:] == pytest.approx(NOISE[:-late], abs=1e-6)
    assert np.abs(both[:late]).max() < 1e-12


def test_a_voice_in_front_keeps_its_energy() -> None:
    voice = READER.samples()[:32_000]
    for mouth in (AHEAD, at(0, 1.0, height=0.3), at(8, 1.0)):
        power = np.mean(heard(voice, mouth) ** 2)
        assert 10 * np.log10(power / np.mean(voice**2)) == pytest.approx(0, abs=1.0)


def test_twice_as_far_is_half_as_loud_and_near_is_bounded() -> None:
    level = {r: np.sqrt(np.mean(heard(NOISE, at(0, r)) ** 2)) for r in (0.1, 0.3, 0.5, 1.0, 2.0, 4.0)}
    for r in (2.0, 4.0):
        assert db(level[r] / level[1.0]) == pytest.approx(db(1 / r), abs=0.5)
    assert db(level[0.5] / level[1.0]) == pytest.approx(6.02, abs=0.8)
    assert max(level[0.1], level[0.3]) < 1.2 * level[0.5]


def test_both_sides_are_alike() -> None:
    assert heard(NOISE, at(37)) == pytest.approx(heard(NOISE, at(-37))[:, ::-1], abs=1e-6)


def test_a_mouth_that_turns_away_is_softer_in_its_highs() -> None:
    def lost(frequency: float, turned: float) -> float:
        return db(response(at(0, turned=turned), frequency)[0, 0] / response(at(0), frequency)[0, 0])

    assert -4 < lost(250.0, 180) < 0
    assert lost(250.0, 180) > lost(1000.0, 180) > lost(4000.0, 180)
    assert -25 < lost(4000.0, 180) < -10
    assert 0 > lost(2000.0, 60) > lost(2000.0, 120) >= lost(2000.0, 180)
    # Reciprocity: what the sphere sends out is what a point of it hears.
    sphere = abs(series(2000.0, 50.0, pi / 2)) / abs(series(2000.0, 50.0, 0.0))
    assert lost(2000.0, 90) == pytest.approx(db(sphere), abs=0.5)


def moving(samples: np.ndarray, mouths: list[Mouth], size: int = BLOCK) -> np.ndarray:
    spatialiser = Spatialiser(RATE, mouths[0])
    return np.concatenate([spatialiser(samples[k * size : (k + 1) * size], mouth) for k, mouth in enumerate(mouths)])


def splatter(both: np.ndarray) -> float:
    """dB of what lies above 4 kHz, where a tone of 500 Hz has nothing, in the worst 20 ms."""
    window = np.kaiser(480, 14)
    worst = 0.0
    for first in range(1200, len(both) - 480, 120):
        spectrum = np.abs(np.fft.rfft(both[first : first + 480] * window[:, None], axis=0))
        worst = max(worst, float(np.max(spectrum[80:].max(axis=0) / spectrum.max(axis=0))))
    return db(worst)


TONE = (0.5 * np.sin(2 * pi * 500 * np.arange(RATE) / RATE)).astype(np.float32)


def test_nothing_clicks_while_it_moves() -> None:
    round_once = [at(3.6 * k, 1.5) for k in range(100)]
    assert splatter(moving(TONE, round_once)) < -100
    # As a display tells it: 45 times a second, and with a head that turns at 300 degrees a second.
    slower = [at(300 * (k // 2) / 50, 1.0) for k in range(100)]
    assert splatter(moving(TONE, slower)) < -100
    jump = [at(-90 if k < 50 else 90, 1.0) for k in range(100)]
    assert splatter(moving(TONE, jump)) < -80
    # The measure is one that a click does not pass.
    clicks = np.concatenate([heard(TONE, at(-90, 1.0))[:12_000], heard(TONE, at(90, 1.0))[12_000:]])
    assert splatter(clicks) > -40


def test_its_pitch_stays_but_for_the_way_round_the_head() -> None:
    """By Woodworth the far ear's path grows by a radius times (1 + cos) for each radian: Doppler of less than 0.1 %."""
    both = moving(TONE, [at(90 * k / 100, 1.0) for k in range(100)])
    for ear in both.T:
        phase = np.unwrap(np.angle(np.convolve(ear * np.exp(-2j * pi * 500 * np.arange(RATE) / RATE), np.hanning(480))))
        turn = np.abs(np.diff(phase[2400:-2400])) / (2 * pi * 500 / RATE)
        assert turn.max() < 2 * pi / 4 * 2 * RADIUS / SPEED


def test_where_it_comes_to_rest_it_is_as_if_it_had_always_been_there() -> None:
    samples = np.tile(NOISE, 2)
    both = moving(samples, [at(-70, 1.0)] * 20 + [at(40, 3.0)] * 80)
    assert both[-4800:] == pytest.approx(heard(samples, at(40, 3.0))[-4800:], abs=1e-5)


def test_blocks_of_any_length_are_one_stream() -> None:
    spatialiser = Spatialiser(RATE, at(30))
    cuts = [0, 0, 1, 100, 441, 3000, 12_000]
    parts = [spatialiser(NOISE[a:b], at(30)) for a, b in pairwise(cuts)]
    assert np.concatenate(parts) == pytest.approx(heard(NOISE, at(30)), abs=1e-6)


@pytest.mark.parametrize("room", [False, True])
def test_it_rests_in_silence_and_nobody_hears_it(room: bool) -> None:
    silence = np.zeros(RATE // 2, np.float32)
    said = np.concatenate([NOISE, silence, NOISE])
    mouth = Mouth((1.0, 0.0, -1.0), (-1.0, 0.0, 1.0), (1.0, -3.0, -1.0))
    resting, waking = (Spatialiser(RATE, mouth, room=room) for _ in range(2))
    hum = np.where(said == 0, np.float32(1e-25), said)  # nobody hears this either, but it is no silence
    for first in range(0, len(said), BLOCK):
        part = slice(first, first + BLOCK)
        assert resting(said[part], mouth) == pytest.approx(waking(hum[part], mouth), abs=1e-7)


def test_where_it_went_in_silence_it_speaks_from_at_once() -> None:
    spatialiser = Spatialiser(RATE, at(-70, 1.0))
    spatialiser(NOISE, at(-70, 1.0))
    for degrees in range(-70, 40):
        spatialiser(np.zeros(BLOCK, np.float32), at(degrees, 1.0))
    assert np.array_equal(spatialiser(NOISE, at(40, 3.0)), Spatialiser(RATE, at(40, 3.0))(NOISE, at(40, 3.0)))


def test_no_peak_leaves_the_scale_and_softer_ones_are_untouched() -> None:
    loud = heard(np.clip(8 * NOISE, -1, 1), at(70, 0.3))
    assert np.abs(loud).max() <= 1.0 < np.abs(heard(NOISE, at(70, 0.3))).max() * 8
    soft = heard(0.1 * NOISE, at(70, 0.3))
    assert heard(0.2 * NOISE, at(70, 0.3)) == pytest.approx(2 * soft, abs=1e-6)


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.0), (1e-9, 0.0, 0.0), (0.0, 0.0, 0.05), (1e6, 0.0, 0.0)])
def test_a_mouth_in_the_head_or_out_of_sight_is_survived(place: tuple[float, float, float]) -> None:
    both = heard(NOISE, Mouth(place, (0.0, 0.0, 0.0)))
    assert np.isfinite(both).all()


def test_silence_stays_silence_and_a_voice_begins_where_it_is_said_to() -> None:
    assert not heard(np.zeros(2400, np.float32), at(50)).any()
    voice = np.concatenate([np.zeros(4800, np.float32), NOISE[:2400]])
    for mouth in (AHEAD, at(90), at(-90)):
        begins = [first_audible(ear) for ear in heard(voice, mouth).T]
        expected = (first_audible(voice) or 0) + Spatialiser(RATE, mouth).delay
        assert all(begin is not None and abs(begin - expected) < 0.0005 * RATE for begin in begins)
