"""The end of the user's turn: how long the machine waits, and what is done with an answer that was begun too early."""

from __future__ import annotations

from conversation.link.audio_events import SpeechEnded, SpeechStarted
from conversation.link.events import Failure, Partial, ReplyText, SpeechResumed, Transcript
from conversation.turns.end import TurnEndSettings
from conversation.turns.events import HeardPause, StageFailed, Tick, Weighed
from tests.conversation.play import ANSWER, MS, Play, begun

WAITS = TurnEndSettings(weighs=False, finished_s=0.3, plain_s=0.42, open_s=0.85)
WEIGHS = TurnEndSettings(finished_s=0.3, plain_s=0.5, open_s=0.9)
QUESTION = "What is the capital of France?"


def spoken(text: str, *, silent_s: float = 0.2) -> Play:
    """A user who said this and is silent; the words are known after `silent_s`."""
    play = begun(turn_end=WAITS)
    play.happens(SpeechStarted(1, play.now))
    play.now += 1000 * MS
    play.pauses(text, silent_s=silent_s)
    return play


def test_a_finished_sentence_is_answered_after_a_short_silence() -> None:
    play = spoken(QUESTION)
    end = play.now - 200 * MS
    assert play.machine.wake_at == end + 300 * MS
    play.waits(0.099)
    assert play.of(Transcript) == []
    play.waits(0.001)
    play.run()
    assert play.of(Transcript) == [Transcript(1, QUESTION)]
    (timings,) = play.timings()
    assert timings.speech_end == end and timings.endpoint == end + 300 * MS
    assert timings.asr_final is not None and timings.asr_final - timings.endpoint <= 150 * MS
    assert timings.said == ANSWER and play.asked == [QUESTION], "what was begun is the answer"


def test_words_that_come_late_are_decided_on_at_once() -> None:
    play = spoken(QUESTION, silent_s=0.6)
    play.run(1)
    assert play.of(Transcript) == [Transcript(1, QUESTION)]


def test_a_recogniser_that_knows_the_end_needs_no_more_silence() -> None:
    play = spoken("I would like to go to the")
    assert play.machine.wake_at is None
    play.now += 300 * MS
    play.happens(HeardPause(1, "I would like to go to the", over=True))
    play.run()
    (timings,) = play.timings()
    assert timings.speech_end is not None and timings.endpoint == timings.speech_end + 500 * MS
    assert play.of(Transcript) == [Transcript(1, "I would like to go to the")]


def test_a_dangling_sentence_waits_for_the_ceiling() -> None:
    play = spoken("I would like to go to the")
    assert play.machine.wake_at is None and play.asked == []
    play.now += 1000 * MS
    play.happens(SpeechEnded(1, play.now - 1200 * MS, play.now))
    assert play.states()[-1] == "thinking"


def test_before_the_decision_nothing_of_a_guess_is_told_or_spoken() -> None:
    play = spoken(QUESTION)
    assert play.asked == [QUESTION]
    play.run()
    assert play.said == [] and not play.of(ReplyText) and not play.of(Transcript)
    assert play.states() == ["listening"] and play.of(Partial)
    play.waits(0.2)
    play.run()
    assert [say.text for say in play.said] == ["Paris is the capital of France.", "It lies on the Seine."]
    (timings,) = play.timings()
    assert min(timings.stages_ms.values()) >= 0, "no edge lies before the decision"


def test_a_user_who_goes_on_takes_the_guess_back() -> None:
    play = spoken("What is the capital?")
    play.run(3)
    play.happens(SpeechResumed(1, play.now))
    assert play.cancelled == [1] and play.taken_back == [1] and play.machine.wake_at is None
    late = list(play.queue)
    play.queue.clear()
    play.happens(*late, Tick())
    assert play.said == [] and play.remembered == []
    play.pauses(QUESTION)
    play.waits(0.2)
    play.run()
    assert play.asked == ["What is the capital?", QUESTION]
    (timings,) = play.timings()
    assert (timings.turn, timings.heard, timings.said) == (2, QUESTION, ANSWER)
    assert play.taken_back == [1] and play.recorded[0].question == QUESTION


def test_going_on_after_the_decision_takes_the_question_back_too() -> None:
    play = spoken("What is the capital?")
    play.waits(0.2)
    while not play.of(Transcript):
        play.run(1)
    play.queue.clear()
    play.happens(SpeechStarted(2, play.now))
    assert play.cancelled == [1] and play.taken_back == [1]
    play.pauses("of France?", 2)
    play.waits(0.5)
    play.run()
    assert play.asked[-1] == "What is the capital? of France?"


def test_a_final_transcript_that_differs_is_asked_anew() -> None:
    play = spoken("What is the capital?")
    play.words = QUESTION
    play.waits(0.2)
    play.run()
    assert play.asked == ["What is the capital?", QUESTION] and play.taken_back == [1]
    assert play.timings()[-1].heard == QUESTION


def test_the_language_model_is_asked_how_finished_the_words_look() -> None:
    play = begun(turn_end=WEIGHS)
    play.happens(SpeechStarted(1, play.now))
    for likely, waits_ms in ((0.6, 300), (0.2, 500), (0.02, 900), (None, 500)):
        play.likely = likely
        play.happens(SpeechResumed(1, play.now))
        end = play.now
        play.pauses("The train goes to Paris.")
        assert play.machine.wake_at == end + waits_ms * MS, likely
    assert len(play.asked) == 3 and len(play.taken_back) == 2, "only a likely end is worth a guess"


def test_what_the_model_makes_of_an_earlier_pause_decides_nothing() -> None:
    play = begun(turn_end=WEIGHS)
    play.happens(SpeechStarted(1, play.now))
    play.pauses("The train goes to", silent_s=0.2)
    play.happens(SpeechResumed(1, play.now), Weighed(1, "The train goes to", 0.9))
    assert play.machine.wake_at is None and play.asked == []


def test_a_guess_that_fails_is_tried_again_before_anybody_is_told() -> None:
    play = spoken(QUESTION)
    play.queue.clear()
    play.happens(StageFailed("llm", "EngineError", "It broke; ask again.", turn=1))
    assert not play.of(Failure)
    play.waits(0.2)
    play.run()
    assert play.asked == [QUESTION, QUESTION] and play.timings()[-1].said == ANSWER


def test_sounds_of_thinking_are_no_question() -> None:
    play = spoken("Um...")
    play.happens(SpeechEnded(1, play.now - 1200 * MS, play.now))
    play.happens(HeardPause(1, "Um..."))
    play.run()
    assert play.asked == []


def test_the_machine_wants_to_be_woken_only_while_it_waits() -> None:
    play = begun(turn_end=WAITS)
    assert play.machine.wake_at is None
    play.happens(Tick())
    play.happens(SpeechStarted(1, play.now))
    play.pauses(QUESTION)
    play.happens(Tick())
    assert play.states() == ["listening"], "too early"
    play.waits(0.5)
    play.run()
    assert play.machine.wake_at is None
