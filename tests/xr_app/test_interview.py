"""An interview replayed in no time."""

from pathlib import Path

from conversation.link.events import Ask, Command, Failure, Ready, TurnDone
from conversation.timings import TurnTimings
from xr_app.interview import AFTER_S, BREATH_S, PATIENCE_S, Interview

A, B = Path("a.wav"), Path("b.wav")


def test_asks_one_after_the_other_and_ends() -> None:
    sent: list[Command] = []
    interview = Interview([A, B], sent.append)
    assert interview.goes_on(0.0)
    interview.take(Ready(), 5.0)
    assert interview.goes_on(5.0 + BREATH_S / 2)
    assert not sent
    assert interview.goes_on(5.0 + BREATH_S)
    assert sent == [Ask("a.wav")]
    interview.take(TurnDone(TurnTimings(0, heard="", said="Welcome.")), 6.5)
    interview.take(TurnDone(TurnTimings(1, heard="One?", said="Yes.")), 10.0)
    assert interview.goes_on(10.0 + BREATH_S)
    assert sent == [Ask("a.wav"), Ask("b.wav")]
    interview.take(TurnDone(TurnTimings(2, heard="Two?", said="No.")), 20.0)
    assert interview.goes_on(20.0 + AFTER_S - 0.01)
    assert not interview.goes_on(20.0 + AFTER_S)
    assert [turn.said for turn in interview.turns] == ["Yes.", "No."]
    assert not interview.failures


def test_an_answer_that_never_comes_is_a_failure_and_not_a_hang() -> None:
    interview = Interview([A], lambda command: None)
    interview.take(Ready(), 0.0)
    assert interview.goes_on(BREATH_S)
    assert interview.goes_on(BREATH_S + PATIENCE_S - 1)
    interview.goes_on(BREATH_S + PATIENCE_S)
    assert not interview.goes_on(BREATH_S + PATIENCE_S + AFTER_S)
    assert "a.wav" in interview.failures[0]


def test_who_talks_is_told_of_a_failure_and_goes_on() -> None:
    interview = Interview([], lambda command: None)
    interview.take(Failure("tts", "EngineError", "There is no such voice.", fatal=False), 1.0)
    assert interview.goes_on(2.0) and interview.failures == []


def test_a_fatal_failure_ends_it_and_another_does_not() -> None:
    interview = Interview([A], lambda command: None)
    interview.take(Failure("asr", "EngineError", "It stumbled.", fatal=False), 1.0)
    assert interview.goes_on(2.0)
    interview.take(Failure("llm", "ModelMissingError", "No model.", fatal=True), 3.0)
    assert not interview.goes_on(3.0)
    assert interview.failures == ["It stumbled.", "No model."]


def test_ends_after_the_given_time() -> None:
    interview = Interview([], lambda command: None, seconds=3.0)
    assert interview.goes_on(10.0)
    assert interview.goes_on(12.9)
    assert not interview.goes_on(13.0)


def test_a_question_that_was_lost_with_its_process_is_asked_again() -> None:
    sent: list[Command] = []
    interview = Interview([A, B], sent.append)
    interview.take(Ready(), 0.0)
    interview.goes_on(BREATH_S)
    interview.take(Failure("conversation", "ProcessDiedError", "It ended; it is being started again."), 2.0)
    interview.take(Ready(), 5.0)
    interview.goes_on(5.0 + BREATH_S)
    assert sent == [Ask("a.wav"), Ask("a.wav")]
    interview.take(TurnDone(TurnTimings(2, heard="One?", said="Yes.")), 10.0)
    interview.take(Ready(), 10.5)
    interview.goes_on(10.0 + BREATH_S)
    interview.goes_on(10.5 + BREATH_S)
    assert sent == [Ask("a.wav"), Ask("a.wav"), Ask("b.wav")], "where none was waited for, none is asked twice"
