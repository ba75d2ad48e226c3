"""Figures of turns, and a whole bench with engines of rules."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assets.progress import SilentProgress
from conversation.errors import ConversationError
from conversation.link.events import AppEvent, Failure, StateChanged, TurnDone
from conversation.measure import talk as bench
from conversation.measure.corpus import Utterance
from conversation.measure.talk import Talk, bench_conversation, turn_figures
from conversation.settings import ConversationSettings
from conversation.timings import TurnTimings
from tests.conversation.engines_of_rules import rules
from tests.conversation.running import tone

MS = 1_000_000


def turn(number: int, heard_after_ms: int, asr_ms: int = 30, *, whole: bool = True) -> TurnTimings:
    """A turn of which the question ended at one second; not `whole`: only its beginning had been played by then."""
    return TurnTimings(
        number,
        question_end=1_000 * MS if whole else None,
        speech_end=1_000 * MS,
        endpoint=1_400 * MS,
        asr_final=(1_400 + asr_ms) * MS,
        first_audible_out=(1_000 + heard_after_ms) * MS,
    )


def test_figures_of_turns() -> None:
    figures = turn_figures(
        [turn(1, 800, 20), turn(2, 900, 30), turn(3, 1_000, 40), turn(4, 10, whole=False), TurnTimings(5)]
    )
    assert figures["speech_end_to_audio_ms"] == {"p50": 900.0, "p95": 990.0}
    assert figures["stages_ms"] == {"endpoint": {"p50": 400.0, "p95": 400.0}, "asr": {"p50": 30.0, "p95": 39.0}}
    assert (figures["rounds"], figures["cut_off"]) == (3, 1)


@pytest.mark.parametrize("turns", [[], [TurnTimings(1)], [turn(1, 10, whole=False)]])
def test_without_an_answer_there_are_none(turns: Sequence[TurnTimings]) -> None:
    with pytest.raises(ConversationError, match="answered aloud"):
        turn_figures(turns)


class Told:
    """As a conversation of which each poll gives the next of these."""

    def __init__(self, *polls: Sequence[AppEvent]) -> None:
        self._polls = iter(polls)

    def poll(self) -> list[AppEvent]:
        return list(next(self._polls, ()))


def test_a_question_of_which_the_beginning_was_answered_is_waited_for_to_its_end() -> None:
    beginning, whole, other = TurnDone(turn(1, 10, whole=False)), TurnDone(turn(2, 900)), TurnDone(turn(3, 800))
    told: Any = Told([], [beginning, StateChanged("listening", 1)], [], [whole], [other])
    assert bench._answered(told) == [beginning.timings, whole.timings]
    assert bench._answered(told) == [other.timings]
    with pytest.raises(ConversationError, match="It broke"):
        bench._answered(Told([other, Failure("llm", "EngineError", "It broke.", fatal=True)]))  # type: ignore[arg-type]


def test_where_the_rest_of_it_is_never_answered_the_talk_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_GOES_ON_S", 0.05)
    beginning = TurnDone(turn(1, 10, whole=False))
    assert bench._answered(Told([beginning])) == [beginning.timings]  # type: ignore[arg-type]


def test_a_talk_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything runs as it does for the user, but for the models and the room."""

    def interrupted(plan: Any, speech: Path, _: object) -> dict[str, Any]:
        assert plan.interruptions == 4 and len(list(speech.glob("*.wav"))) == 2
        return {"barge_in_ms": {"p50": 400.0, "p95": 500.0, "max": 600.0}}

    monkeypatch.setattr(bench, "bench_duplex", interrupted)
    questions = [
        Utterance(tone(tmp_path / "a.wav", 0.5), "I heard five tenths."),
        Utterance(tone(tmp_path / "b.wav", 0.8), "I heard 8 tenths."),
    ]
    talk = Talk(ConversationSettings(engines=rules()), rounds=2, questions=questions, interruptions=4)
    found = bench_conversation(talk, SilentProgress())
    assert [timings.turn for timings in found.turns] == [1, 2]
    tenths = [int(timings.heard.split()[2]) for timings in found.turns]
    assert tenths[0] < tenths[1]
    assert found.figures["rounds"] == 2 and found.figures["cut_off"] == 0
    assert found.figures["asr"]["wer"] == 0.0 and found.figures["asr"]["words"] == 8
    assert 0 < found.figures["speech_end_to_audio_ms"]["p50"] <= found.figures["speech_end_to_audio_ms"]["p95"]
    assert {"endpoint", "asr", "tts", "a2bs", "playback"} <= found.figures["stages_ms"].keys()
    assert found.figures["barge_in_ms"]["p95"] == 500.0
    assert {"rtf"} <= found.figures["tts"].keys() & found.figures["a2bs"].keys()


def test_a_room_that_cannot_be_calculated_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> dict[str, Any]:
        raise ConversationError("The room of this bench needs pyroomacoustics.")

    monkeypatch.setattr(bench, "bench_duplex", missing)
    assert bench._bench_barge_in(Talk(), tmp_path, SilentProgress()) == {
        "error": "The room of this bench needs pyroomacoustics."
    }


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_questions_are_spoken_with_their_words(tmp_path: Path) -> None:
    questions = bench.spoken_questions(bench.QUESTIONS[:2], tmp_path)
    assert [question.text for question in questions] == list(bench.QUESTIONS[:2])
    assert all(question.path.stat().st_size > 10_000 for question in questions)
