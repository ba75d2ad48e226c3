"""The calculated room: distances, levels, reverberation and what makes it no ideal one."""

import numpy as np
import pyroomacoustics as acoustics
import pytest

from conversation.audio.reference import FRAME
from conversation.measure.booth import looped
from conversation.measure.monologue import SENTENCES
from conversation.measure.music import music
from conversation.measure.room import BLOCK, ROOMS, Convolution, Room, active_level

RATE = 16_000


def impulse(room: Room, seconds: float = 1.0) -> np.ndarray:
    """What the microphone takes when playback clicks."""
    blocks = np.zeros((round(seconds * 100), BLOCK), np.float32)
    blocks[0, 0] = 0.01
    return np.concatenate([room.echo_of(block) for block in blocks])


@pytest.mark.parametrize("plan", ROOMS, ids=lambda plan: plan.name)
def test_a_click_comes_after_latency_and_way_and_fades_as_the_room_does(plan) -> None:  # type: ignore[no-untyped-def]
    heard = impulse(Room(plan))
    way_s = np.linalg.norm(np.subtract(plan.loudspeaker, plan.microphone)) / 343
    first = int(np.argmax(np.abs(heard) > 0.2 * np.abs(heard).max())) / RATE
    assert first == pytest.approx(plan.latency_s + plan.hidden_s + way_s, abs=0.0015)
    fades_s = acoustics.experimental.measure_rt60(heard[round(first * RATE) :], fs=RATE, decay_db=20)
    assert 0.6 * plan.reverberation_s < fades_s < 1.6 * plan.reverberation_s


def test_levels_are_those_of_the_plan() -> None:
    plan, speech = ROOMS[0], music(4.0, RATE, seed=3)
    room = Room(plan)
    assert 20 * np.log10(active_level(room.spoken(speech))) == pytest.approx(plan.user_db, abs=0.1)
    noise = np.concatenate([room.noise() for _ in range(400)])
    assert 10 * np.log10(np.mean(noise**2)) == pytest.approx(plan.noise_db, abs=1.0)


def test_moving_the_microphone_changes_the_echo_and_moving_it_back_restores_it() -> None:
    room = Room(ROOMS[1])
    before = impulse(room)
    room.move()
    there = impulse(room)
    room.move()
    again = impulse(room)
    assert np.corrcoef(before, there)[0, 1] < 0.7
    assert np.abs(again - before).max() < 1e-3 * np.abs(before).max()


def test_blocks_are_convolved_as_the_whole_would_be() -> None:
    rng = np.random.default_rng(0)
    sound, response = rng.normal(size=20 * FRAME).astype(np.float32), rng.normal(size=1000).astype(np.float32)
    stream = Convolution(response)
    made = np.concatenate([stream(sound[k * FRAME : (k + 1) * FRAME]) for k in range(20)])
    assert made == pytest.approx(np.convolve(sound, response)[: len(sound)], abs=1e-3)


def test_a_loud_voice_is_bent_and_a_soft_one_is_not() -> None:
    """Third harmonic of 500 Hz over its fundamental."""

    def third_db(level: float) -> float:
        tone = level * np.sin(2 * np.pi * 500 * np.arange(24_000) / 24_000).astype(np.float32)
        room = Room(ROOMS[1])
        heard = np.concatenate([room.echo_of(tone[k * BLOCK : (k + 1) * BLOCK]) for k in range(100)])[8000:]
        spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
        at = [int(np.argmin(np.abs(np.fft.rfftfreq(len(heard), 1 / RATE) - hertz))) for hertz in (500, 1500)]
        fundamental, third = (spectrum[k - 3 : k + 4].max() for k in at)
        return float(20 * np.log10(third / fundamental))

    assert third_db(0.5) > third_db(0.05) + 20


def test_music_and_talk_differ_from_time_to_time() -> None:
    assert not np.array_equal(music(1.0, RATE, seed=1), music(1.0, RATE, seed=2))
    assert np.array_equal(music(1.0, RATE, seed=1), music(1.0, RATE, seed=1))
    assert len(set(SENTENCES)) == len(SENTENCES)
    parts = looped([np.zeros(1, np.float32), np.ones(1, np.float32)])
    assert [float(next(parts)[0]) for _ in range(4)] == [0.0, 1.0, 0.0, 1.0]
