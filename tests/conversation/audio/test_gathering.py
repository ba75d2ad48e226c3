"""Blocks of the microphone wait until they can tell something, and nothing is told later for that."""

import numpy as np
import pytest

from conversation.audio.barge_in import BargeInSettings
from conversation.audio.ear import Ear
from conversation.audio.echo import EchoCanceller
from conversation.audio.endpoint import EndpointSettings
from conversation.audio.gathering import Block, Gathering
from conversation.link.audio_events import SpeechEnded, SpeechStarted, UtteranceAudio
from tests.conversation.engines_of_rules import LoudnessActivity
from tests.recordings import READER

SIZE = 160
SAID = np.concatenate([np.zeros(24_000, np.float32), READER.samples()[:64_000], np.zeros(24_000, np.float32)])


def blocks(samples: np.ndarray, first_ns: int = 0) -> list[Block]:
    return [
        Block(samples[k : k + SIZE], first_ns + k * 62_500) for k in range(0, len(samples) - len(samples) % SIZE, SIZE)
    ]


def test_it_calls_for_what_is_wanted_and_keeps_the_order() -> None:
    gathering = Gathering(100)
    given = blocks(np.arange(1600, dtype=np.float32))
    assert gathering.put(given[0]), "until somebody says otherwise every block is worth a call"
    assert gathering.take() == given[:1] and gathering.take() == []
    assert not gathering.want(3 * SIZE - 1)
    assert [gathering.put(block) for block in given[1:4]] == [False, False, True]
    assert gathering.waiting == 3 and gathering.want(SIZE), "they are there already"
    assert gathering.take() == given[1:4] and gathering.waiting == 0


def test_of_too_many_the_newest_are_lost() -> None:
    gathering = Gathering(2)
    given = blocks(np.zeros(480, np.float32))
    assert [gathering.put(block) for block in given] == [True, True, False]
    assert gathering.take() == given[:2]


def listen(gathered: bool, canceller: EchoCanceller | None) -> tuple[list[tuple[int, object]], int]:
    """What is told, with the block after which it is, and how often somebody listened."""
    ear = Ear(LoudnessActivity(), EndpointSettings(), BargeInSettings(), canceller, 0.25)
    gathering = Gathering(1000)
    told: list[tuple[int, object]] = []
    calls = 0
    for index, block in enumerate(blocks(SAID)):
        if not gathering.put(block) and gathered:
            continue
        calls += 1
        for each in gathering.take():
            told += [(index, message) for message in ear.hear(each.samples, each.start_ns, busy=True)]
        gathering.want(ear.wants(busy=canceller is not None))
    return told, calls


@pytest.mark.parametrize("canceller", [None, EchoCanceller], ids=["half", "full"])
def test_all_is_told_as_early_as_if_every_block_were_listened_to(canceller: type[EchoCanceller] | None) -> None:
    told, calls = listen(True, canceller() if canceller else None)
    expected, every = listen(False, canceller() if canceller else None)
    assert [(index, type(message)) for index, message in told] == [(i, type(message)) for i, message in expected]
    for (_, one), (_, other) in zip(told, expected, strict=True):
        if isinstance(one, UtteranceAudio) and isinstance(other, UtteranceAudio):
            assert np.array_equal(one.samples, other.samples)
        else:
            assert one == other
    assert {SpeechStarted, SpeechEnded} <= {type(message) for _, message in told}
    assert every == len(SAID) // SIZE and calls < every / 2.5


def test_in_silence_four_windows_are_worth_a_call() -> None:
    ear = Ear(LoudnessActivity(), EndpointSettings(onset_s=0.128), BargeInSettings(), None, 0.25)
    assert ear.wants(busy=False) == 4 * 512
    ear.hear(np.zeros(700, np.float32), 0, busy=False)
    assert ear.wants(busy=False) == 4 * 512 - 188, "a part of a window waits"


def test_half_duplex_listens_to_every_block_while_playback_is_busy() -> None:
    ear = Ear(LoudnessActivity(), EndpointSettings(), BargeInSettings(), None, 0.25)
    assert ear.wants(busy=True) == 1
