"""Endpointing: from the VAD's probabilities to what is known about an utterance."""

import numpy as np

from conversation.audio.endpoint import Endpointer, EndpointSettings
from conversation.link.audio_events import SpeechDropped, SpeechEnded, SpeechStarted, UtteranceAudio
from conversation.link.events import SpeechPaused, SpeechResumed

WINDOW = 512
WINDOW_NS = WINDOW * 1_000_000_000 // 16_000


def feed(endpointer: Endpointer, probabilities: list[float], first: int = 0) -> list[object]:
    """Window i is filled with the number i, so that no sample can be lost unseen."""
    heard: list[object] = []
    for i, probability in enumerate(probabilities, first):
        heard += endpointer.push(np.full(WINDOW, i, np.float32), probability, (i + 1) * WINDOW_NS)
    return heard


def only(heard: list[object], *kinds: type) -> list[object]:
    return [event for event in heard if isinstance(event, kinds)]


def windows_of(heard: list[object]) -> list[int]:
    audio = [event.samples for event in heard if isinstance(event, UtteranceAudio)]
    return [int(v) for v in np.concatenate(audio)[::WINDOW]] if audio else []


def test_one_utterance_from_start_to_end() -> None:
    endpointer = Endpointer(EndpointSettings(hangover_s=0.45), WINDOW)
    heard = feed(endpointer, [0.0] * 30 + [0.9] * 40 + [0.1] * 30)
    started, paused, ended = only(heard, SpeechStarted, SpeechPaused, SpeechEnded)
    assert isinstance(started, SpeechStarted) and started.time == 30 * WINDOW_NS
    assert isinstance(paused, SpeechPaused) and paused.time == 73 * WINDOW_NS
    assert paused.speech_end == 70 * WINDOW_NS
    assert isinstance(ended, SpeechEnded)
    assert ended.speech_end == 70 * WINDOW_NS
    assert ended.time == 84 * WINDOW_NS  # hangover of 0.45 s: 14 windows
    windows = windows_of(heard)
    assert windows == list(range(windows[0], 84)), "no window lost or repeated"
    assert 30 - windows[0] == 9, "pre-roll of 0.3 s"
    assert not endpointer.open


def test_all_audio_so_far_is_sent_before_a_pause_is_told() -> None:
    heard = feed(Endpointer(EndpointSettings(), WINDOW), [0.9] * 33 + [0.0] * 3)
    assert isinstance(heard[-1], SpeechPaused)
    assert windows_of(heard)[-1] == 35


def test_a_pause_shorter_than_the_hangover_does_not_end_it() -> None:
    heard = feed(Endpointer(EndpointSettings(), WINDOW), [0.9] * 20 + [0.0] * 10 + [0.9] * 20 + [0.0] * 40)
    assert len(only(heard, SpeechStarted)) == 1
    assert len(only(heard, SpeechPaused)) == 2
    (resumed,) = only(heard, SpeechResumed)
    assert isinstance(resumed, SpeechResumed) and resumed.time == 32 * WINDOW_NS, "the second voiced window"
    (ended,) = only(heard, SpeechEnded)
    assert isinstance(ended, SpeechEnded) and ended.speech_end == 50 * WINDOW_NS


def test_a_click_does_not_end_a_pause() -> None:
    heard = feed(Endpointer(EndpointSettings(), WINDOW), [0.9] * 20 + [0.0] * 10 + [0.9] + [0.0] * 40)
    assert len(only(heard, SpeechPaused)) == 1 and not only(heard, SpeechResumed)
    (ended,) = only(heard, SpeechEnded)
    assert isinstance(ended, SpeechEnded) and ended.speech_end == 20 * WINDOW_NS


def test_closed_by_who_knows_what_was_said() -> None:
    endpointer = Endpointer(EndpointSettings(), WINDOW)
    feed(endpointer, [0.9] * 20 + [0.0] * 10)
    endpointer.close(7)
    assert endpointer.open, "another utterance"
    endpointer.close(1)
    assert not endpointer.open
    heard = feed(endpointer, [0.0] * 40 + [0.9] * 10, 30)
    assert [event.utterance for event in only(heard, SpeechStarted)] == [2]  # type: ignore[attr-defined]
    assert not only(heard, SpeechEnded, SpeechDropped)


def test_a_voice_that_was_on_its_way_when_closed_begins_the_next_utterance() -> None:
    endpointer = Endpointer(EndpointSettings(), WINDOW)
    heard = feed(endpointer, [0.9] * 20 + [0.0] * 12 + [0.9] * 3)
    assert only(heard, SpeechResumed)
    endpointer.close(1)
    heard = feed(endpointer, [0.9] * 10, 35)
    (started,) = only(heard, SpeechStarted)
    assert isinstance(started, SpeechStarted) and started.utterance == 2 and started.time == 32 * WINDOW_NS
    windows = windows_of(heard)
    assert windows == list(range(windows[0], windows[-1] + 1)) and 23 <= windows[0] <= 32, "nothing twice, nothing lost"


def test_clicks_are_no_speech() -> None:
    assert feed(Endpointer(EndpointSettings(), WINDOW), ([0.9] * 2 + [0.0] * 5) * 20) == []


def test_something_too_short_is_dropped() -> None:
    settings = EndpointSettings(shortest_s=0.3)
    heard = feed(Endpointer(settings, WINDOW), [0.9] * 5 + [0.0] * 45)
    assert len(only(heard, SpeechDropped)) == 1 and not only(heard, SpeechEnded)


def test_between_the_two_thresholds_speech_goes_on_but_does_not_begin() -> None:
    endpointer = Endpointer(EndpointSettings(), WINDOW)
    assert feed(endpointer, [0.4] * 30) == []
    heard = feed(endpointer, [0.9] * 10 + [0.4] * 40, 30)
    assert only(heard, SpeechStarted) and not only(heard, SpeechPaused, SpeechEnded)


def test_nobody_talks_for_ever() -> None:
    settings = EndpointSettings(longest_s=2.0)
    heard = feed(Endpointer(settings, WINDOW), [0.9] * 150)
    assert len(only(heard, SpeechEnded)) == 2


def test_abandoned_in_mid_speech() -> None:
    endpointer = Endpointer(EndpointSettings(), WINDOW)
    feed(endpointer, [0.9] * 20)
    assert endpointer.open
    assert endpointer.abandon() == [SpeechDropped(1)]
    assert not endpointer.open
    assert endpointer.abandon() == []
    heard = feed(endpointer, [0.9] * 20, 100)
    assert min(windows_of(heard)) >= 100, "nothing from before is left"
