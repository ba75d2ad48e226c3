"""The ear: full duplex hears the user through the avatar's voice, half duplex waits until it is over."""

import numpy as np

from conversation.audio.barge_in import BargeInSettings
from conversation.audio.ear import Ear
from conversation.audio.echo import EchoCanceller
from conversation.audio.endpoint import EndpointSettings
from conversation.link.audio_events import SpeechDropped, SpeechEnded, SpeechStarted, SpeechSustained, UtteranceAudio
from tests.conversation.engines_of_rules import LoudnessActivity
from tests.recordings import READER

MS = 1_000_000
BLOCK = 160


def ear(canceller: EchoCanceller | None) -> Ear:
    return Ear(LoudnessActivity(), EndpointSettings(), BargeInSettings(), canceller, 0.25)


def hear(listener: Ear, near: np.ndarray, *, busy: bool, start_ns: int = 0) -> list[object]:
    """Everything that a stretch of the microphone tells, deaf or not."""
    told: list[object] = []
    for first in range(0, len(near) - BLOCK + 1, BLOCK):
        now = start_ns + first * 62_500
        if not listener.deaf(now, now_ns=now + 10 * MS, busy=busy, latency_s=0.05):
            told += listener.hear(near[first : first + BLOCK], now, busy=busy)
    return told


def test_half_duplex_hears_nothing_while_the_avatar_speaks_and_a_little_longer() -> None:
    listener, near = ear(None), READER.samples()[:48_000]
    assert hear(listener, near, busy=True) == []
    assert hear(listener, near[:4_480], busy=False, start_ns=3000 * MS) == [], "the room still speaks"
    assert any(isinstance(m, SpeechStarted) for m in hear(listener, near[:32_000], busy=False, start_ns=3320 * MS))


def test_half_duplex_hears_what_began_before_to_its_end() -> None:
    listener, near = ear(None), READER.samples()[:48_000]
    assert any(isinstance(m, SpeechStarted) for m in hear(listener, near[:24_000], busy=False))
    assert any(isinstance(m, UtteranceAudio) for m in hear(listener, near[24_000:], busy=True, start_ns=1500 * MS))


def test_full_duplex_tells_once_that_a_voice_lasts() -> None:
    listener = ear(EchoCanceller())
    told = hear(listener, READER.samples()[:64_000], busy=True)
    started = next(m for m in told if isinstance(m, SpeechStarted))
    sustained = [m for m in told if isinstance(m, SpeechSustained)]
    assert len(sustained) == 1 and 300 * MS <= sustained[0].time - started.time < 600 * MS


def test_a_voice_against_silence_is_no_interruption() -> None:
    told = hear(ear(EchoCanceller()), READER.samples()[:64_000], busy=False)
    assert any(isinstance(m, SpeechStarted) for m in told)
    assert not any(isinstance(m, SpeechSustained) for m in told)


def test_what_is_sent_is_all_that_was_said() -> None:
    near = READER.samples()[:64_000]
    told = hear(ear(EchoCanceller()), near, busy=False)
    sent = np.concatenate([m.samples for m in told if isinstance(m, UtteranceAudio)])
    first = next(m for m in told if isinstance(m, SpeechStarted)).time // 62_500
    begin = first - round(0.3 * 16_000)
    at = next(a for a in range(max(0, begin - 1024), begin + 1024) if np.array_equal(near[a : a + 512], sent[:512]))
    assert len(sent) > 0.8 * (len(near) - at) and np.array_equal(sent, near[at : at + len(sent)])


def test_with_push_to_talk_only_what_is_held_is_heard_and_the_release_ends_it() -> None:
    near = READER.samples()[:96_000]
    listener = Ear(LoudnessActivity(), EndpointSettings(), BargeInSettings(), None, 0.25, push_to_talk=True)
    assert listener.shut and hear(listener, near, busy=False) == []
    assert listener.hold(True, 0) == [] and not listener.shut
    quiet = np.concatenate([near, np.zeros(32_000, np.float32)])
    told = hear(listener, quiet, busy=False, start_ns=6000 * MS)
    assert {type(message) for message in told} == {SpeechStarted, UtteranceAudio}, "no pause, no end: the key is held"
    now = 14_000 * MS
    *_, ended = listener.hold(False, now)
    assert isinstance(ended, SpeechEnded) and ended.time == now and ended.speech_end < 12_100 * MS
    assert listener.shut and hear(listener, near, busy=False, start_ns=15_000 * MS) == []


def test_a_key_that_is_held_in_silence_asks_nothing() -> None:
    listener = Ear(LoudnessActivity(), EndpointSettings(), BargeInSettings(), None, 0.25, push_to_talk=True)
    listener.hold(True, 0)
    assert hear(listener, np.zeros(16_000, np.float32), busy=False) == []
    assert listener.hold(False, 1000 * MS) == [] and listener.hold(False, 1001 * MS) == []


def test_mute_drops_what_was_being_said_and_hears_nothing_more_in_either_duplex() -> None:
    near = READER.samples()[:48_000]
    for canceller in (None, EchoCanceller()):
        listener = ear(canceller)
        (started,) = [m for m in hear(listener, near, busy=False) if isinstance(m, SpeechStarted)]
        assert listener.mute(True) == [SpeechDropped(started.utterance)]
        assert hear(listener, near, busy=False, start_ns=3000 * MS) == []
        assert listener.mute(False) == []
        again = hear(listener, near, busy=False, start_ns=6000 * MS)
        assert next(m for m in again if isinstance(m, SpeechStarted)).time > 6000 * MS
