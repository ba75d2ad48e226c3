"""AudioClock: which sample is heard when."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from conversation.link.audio_clock import AudioClock

SECOND = 1_000_000_000


@pytest.fixture
def clock() -> Iterator[AudioClock]:
    clock = AudioClock.create(24_000)
    yield clock
    clock.close()


def test_nothing_is_heard_before_playback_starts(clock: AudioClock) -> None:
    assert clock.heard_at(5 * SECOND) < 0


def test_extrapolates_from_the_last_callback_minus_latency(clock: AudioClock) -> None:
    clock.update(48_000, 10 * SECOND, 0.1)
    assert clock.heard_at(10 * SECOND) == pytest.approx(48_000 - 2400)
    assert clock.heard_at(10 * SECOND + SECOND // 2) == pytest.approx(48_000 - 2400 + 12_000)


def test_when_a_sample_will_be_heard(clock: AudioClock) -> None:
    assert clock.time_of(0) is None
    clock.update(48_000, 10 * SECOND, 0.1)
    for sample in (40_000, 48_000, 90_000):
        time_ns = clock.time_of(sample)
        assert time_ns is not None and clock.heard_at(round(time_ns)) == pytest.approx(sample, abs=0.01)


def test_a_correction_never_turns_time_back(clock: AudioClock) -> None:
    clock.update(24_000, 10 * SECOND, 0.0)
    before = clock.heard_at(10 * SECOND + 20_000_000)
    clock.update(24_240, 10 * SECOND + 20_000_000, 0.0)  # the callback ran 10 ms late
    after = [clock.heard_at(10 * SECOND + 20_000_000 + k * 1_000_000) for k in range(30)]
    assert after[0] == before
    assert all(b >= a for a, b in pairwise(after))
    assert after[-1] == pytest.approx(24_240 + 29 * 24)


def test_earlier_times_may_still_be_asked_for(clock: AudioClock) -> None:
    clock.update(24_000, 10 * SECOND, 0.0)
    clock.heard_at(12 * SECOND)
    assert clock.heard_at(11 * SECOND) == pytest.approx(48_000)


def test_another_view_of_the_same_memory(clock: AudioClock) -> None:
    other = AudioClock.attach(clock.name)
    clock.update(1, SECOND, 0.0)
    assert other.heard_at(SECOND) == pytest.approx(1)
    assert other.sample_rate == 24_000
    other.close()
