"""The stage that speaks: its voice is changed while it talks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from conversation.engines.base import F32
from conversation.engines.tts.voice import VoiceSettings
from conversation.errors import EngineError
from conversation.link.audio_events import Speak
from conversation.link.events import ChangeVoice, Voices
from conversation.speech_text import Mood
from conversation.stages.speech import SpeechStage
from conversation.turns.actions import Say
from conversation.turns.events import ClauseMade, StageFailed
from tests.conversation.engines_of_rules import OpenMouth, ToneVoice, TwoVoices

RATE = 24_000


class Kept:
    """What a pipe would have sent, and what an inbox would have got."""

    def __init__(self) -> None:
        self.spoken: list[F32] = []
        self.events: list[Any] = []

    def send(self, message: object) -> None:
        if isinstance(message, Speak):
            self.spoken.append(np.asarray(message.samples))

    def wait(self, clauses: int) -> None:
        deadline = time.monotonic() + 20
        while sum(isinstance(event, ClauseMade) for event in self.events) < clauses and time.monotonic() < deadline:
            time.sleep(0.005)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def stage(kept: Kept) -> Iterator[SpeechStage]:
    stage = SpeechStage(kept, kept.events.append, lambda turn: False)  # type: ignore[arg-type]
    yield stage
    stage.close()


def test_speed_and_volume_change_from_one_clause_to_the_next(stage: SpeechStage, kept: Kept) -> None:
    stage.use_voice(lambda: TwoVoices(VoiceSettings()))
    stage.use_face(OpenMouth)
    stage.say(Say(1, 0, "one two", Mood()))
    kept.wait(1)
    stage.change(ChangeVoice(volume=0.5))
    stage.change(ChangeVoice(speed=2.0, voice="high"))
    stage.say(Say(1, 1, "one two", Mood()))
    kept.wait(2)
    before, after = kept.spoken
    assert len(before) - len(after) == pytest.approx(0.2 * RATE, abs=600)
    assert np.abs(after).max() / np.abs(before).max() == pytest.approx(0.5, abs=0.03)
    assert not [event for event in kept.events if isinstance(event, StageFailed)]


@pytest.mark.parametrize(
    ("wanted", "says"), [(ChangeVoice(speed=9.0), "0.5 to 2"), (ChangeVoice(voice="nobody"), "low, high")]
)
def test_what_cannot_be_is_reported_and_nothing_changes(
    stage: SpeechStage, kept: Kept, wanted: ChangeVoice, says: str
) -> None:
    voice = TwoVoices(VoiceSettings())
    stage.use_voice(lambda: voice)
    stage.change(wanted)
    (failure,) = kept.events
    assert says in failure.message
    assert voice.settings == VoiceSettings()


def test_before_a_voice_is_loaded_it_says_to_wait(stage: SpeechStage, kept: Kept) -> None:
    stage.change(ChangeVoice(speed=1.5))
    assert "not loaded yet" in kept.events[0].message


def test_a_voice_that_cannot_be_changed_says_so(stage: SpeechStage, kept: Kept) -> None:
    stage.use_voice(ToneVoice)
    stage.change(ChangeVoice(speed=1.5))
    assert "cannot be changed" in kept.events[0].message


def test_chinese_that_the_voice_cannot_say_is_told_once(kept: Kept) -> None:
    stage = SpeechStage(
        kept,  # type: ignore[arg-type]
        kept.events.append,
        lambda turn: False,
        unspoken={"zh": "Get a Chinese voice."},
    )
    stage.use_voice(lambda: TwoVoices(VoiceSettings()))
    stage.use_face(OpenMouth)
    for clause, text in enumerate(("one two", "日本語の word", "hello is 你好", "再见 now")):
        stage.say(Say(1, clause, text, Mood()))
    kept.wait(4)
    stage.close()
    told = [event for event in kept.events if isinstance(event, StageFailed)]
    assert told == [StageFailed("language", "LanguageError", "Get a Chinese voice.")]


def test_it_tells_which_voices_there_are_and_which_is_chosen(stage: SpeechStage) -> None:
    assert stage.voices is None
    stage.use_voice(lambda: TwoVoices(VoiceSettings()))
    assert stage.voices == Voices(("low", "high"), "")
    stage.change(ChangeVoice(voice="high"))
    assert stage.voices == Voices(("low", "high"), "high")
    stage.change(ChangeVoice(voice="nobody"))
    assert stage.voices == Voices(("low", "high"), "high")


def test_voices_that_came_later_are_found_and_what_is_wrong_with_one_is_told(stage: SpeechStage, kept: Kept) -> None:
    class Growing(TwoVoices):
        def find_voices(self) -> None:
            if len(self.voices) > 2:
                raise EngineError("The voice newer.json is cut off.")
            self.voices = (*self.voices, "new")

    stage.find_voices()
    stage.use_voice(lambda: Growing(VoiceSettings()))
    stage.find_voices()
    assert stage.voices == Voices(("low", "high", "new"), "")
    assert not kept.events
    stage.find_voices()
    assert [event.message for event in kept.events] == ["The voice newer.json is cut off."]
    assert stage.voices == Voices(("low", "high", "new"), "")


def test_of_one_voice_there_is_no_choice(stage: SpeechStage) -> None:
    class One(TwoVoices):
        voices = ("low",)

    stage.use_voice(lambda: One(VoiceSettings()))
    assert stage.voices is None
    stage.use_voice(ToneVoice)
    assert stage.voices is None
