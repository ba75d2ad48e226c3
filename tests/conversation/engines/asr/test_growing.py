"""An utterance that grows, and loses its beginning, is heard once."""

from __future__ import annotations

import numpy as np
import pytest

from conversation.engines.asr.growing import Growing
from conversation.engines.base import F32, Cancelled, Transcript, never

NOISE = np.random.default_rng(0).standard_normal(20_000).astype(np.float32)


class Stream:
    def __init__(self) -> None:
        self.heard: list[F32] = []

    @property
    def endpoint(self) -> bool:
        """After a second of silence."""
        return not np.any(np.concatenate(self.heard)[-16_000:])

    def feed(self, samples: F32, *, cancelled: Cancelled = never) -> None:
        self.heard.append(samples)

    def so_far(self) -> Transcript:
        return Transcript("so far", "en", 0, 0.0)

    def finish(self, *, cancelled: Cancelled = never) -> Transcript:
        return Transcript("done", "en", 0, 0.0)

    def reset(self) -> None:
        self.heard = []


class Ear:
    """Streams as they were begun."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.growing = Growing(self.begin)

    def begin(self) -> Stream:
        self.streams.append(Stream())
        return self.streams[-1]

    def hear(self, samples: F32, partial: bool = True) -> list[int]:
        """How many samples each stream was fed."""
        self.growing(samples, partial=partial, cancelled=never)
        return [sum(map(len, stream.heard)) for stream in self.streams if stream.heard]


def test_only_what_is_new_is_heard() -> None:
    ear = Ear()
    assert ear.hear(NOISE[:5000]) == [5000]
    assert ear.hear(NOISE[:9000]) == [9000]
    assert ear.hear(NOISE[:9000], partial=False) == [9000]
    assert np.array_equal(np.concatenate(ear.streams[-1].heard), NOISE[:9000])


def test_a_beginning_that_was_dropped_does_not_matter() -> None:
    ear = Ear()
    ear.hear(NOISE[:9000])
    assert ear.hear(NOISE[3000:12_000]) == [12_000]
    assert ear.hear(NOISE[7000:16_000]) == [16_000]
    assert np.array_equal(np.concatenate(ear.streams[-1].heard), NOISE[:16_000])


@pytest.mark.parametrize("other", [NOISE[10_000:18_000], NOISE[:4000], NOISE[:5000] * 2, np.zeros(9000, np.float32)])
def test_another_utterance_is_a_new_stream(other: F32) -> None:
    ear = Ear()
    ear.hear(NOISE[:5000])
    assert ear.hear(other) == [5000, len(other)]


def test_digital_silence_is_no_trap() -> None:
    ear = Ear()
    silent = np.concatenate([NOISE[:1000], np.zeros(8000, np.float32)])
    ear.hear(silent)
    assert ear.hear(np.concatenate([silent, NOISE[1000:2000]])) == [10_000]


def test_the_callers_array_may_change_afterwards() -> None:
    ear = Ear()
    samples = NOISE[:5000].copy()
    ear.hear(samples)
    samples[:] = 0
    assert ear.hear(NOISE[:6000]) == [6000]


def test_partials_say_what_is_so_far_and_the_last_one_the_end() -> None:
    growing = Growing(Stream)
    assert growing(NOISE[:100], partial=True, cancelled=never).text == "so far"
    assert growing(NOISE[:100], partial=False, cancelled=never).text == "done"


def test_a_transcript_tells_whether_the_speaker_is_done_by_the_streams_own_rules() -> None:
    growing = Growing(Stream)
    silence = np.zeros(24_000, np.float32)
    said = np.concatenate([NOISE, silence])
    over = [
        growing(said[:end], partial=partial, cancelled=never).over
        for end in (20_000, 30_000, 44_000)
        for partial in (True, False)
    ]
    assert over == [False, False, False, False, True, True]
