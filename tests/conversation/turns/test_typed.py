"""Questions in writing: they take the floor from whoever has it; and a conversation that is only read."""

from __future__ import annotations

import pytest

from conversation.link.audio_events import PlaybackCut, SpeechEnded, SpeechStarted, SpeechSustained
from conversation.link.events import Interrupt, Talk, Transcript, TurnDone, Typed
from conversation.turns.events import ClauseMade, EnginesReady, HeardFinal
from tests.conversation.play import ANSWER, MS, RATE, Play, begun

WELCOME = "Hello there."


def questions(play: Play) -> list[str]:
    return [event.text for event in play.of(Transcript)]


def cut(play: Play, turn: int = 1, clause: int = -1, played: int = 0) -> None:
    """The audio process's answer to a cancelled turn; what the stages were about to say of it is late."""
    play.queue.clear()
    play.happens(PlaybackCut(turn, clause, played, play.now))


def test_a_typed_question_is_answered_as_a_spoken_one() -> None:
    play = begun()
    play.happens(Typed("  What is the\n capital of France? "))
    play.run()
    assert questions(play) == play.asked == ["What is the capital of France?"]
    assert play.states() == ["listening", "thinking", "speaking", "listening"]
    (timings,) = play.timings()
    assert timings.heard == "What is the capital of France?" and timings.said == ANSWER
    assert timings.speech_end is None and timings.first_token is not None
    assert [record.question for record in play.recorded] == ["What is the capital of France?"]


def test_typed_while_the_avatar_speaks_it_is_asked_once_it_is_known_what_was_heard() -> None:
    play = begun()
    play.speak_until(clause=1)
    play.queue.clear()
    play.happens(ClauseMade(1, 0, RATE, play.now, play.now), ClauseMade(1, 1, RATE, play.now, play.now))
    play.happens(Typed("And of Spain?"))
    assert play.cancelled == [1] and len(play.asked) == 1
    cut(play, 1, 0, RATE)
    assert play.remembered == ["Paris is the capital of France."] and play.asked[1:] == ["And of Spain?"]
    play.run()
    assert play.timings()[-1].said == ANSWER and not play.timings()[-1].interrupted


def test_typed_before_the_answer_is_heard_both_are_one_question() -> None:
    play = begun()
    play.happens(Typed("What is the capital"))
    play.happens(Typed("of France?"))
    cut(play)
    assert play.asked == ["What is the capital", "What is the capital of France?"]
    assert play.taken_back == [1]


def test_what_is_being_said_counts_no_more() -> None:
    play = begun()
    play.happens(SpeechStarted(1, play.now), Typed("What time is it?"))
    assert play.dropped == [1] and play.asked == ["What time is it?"]
    play.happens(SpeechEnded(1, play.now, play.now), HeardFinal(1, "la la la"))
    play.run()
    assert play.asked == ["What time is it?"]


def test_a_voice_that_took_the_floor_gives_it_to_who_types() -> None:
    play = begun()
    play.speak_until(clause=1)
    play.happens(SpeechStarted(2, play.now), SpeechSustained(2, play.now + 300 * MS))
    play.happens(Typed("And of Spain?"))
    assert play.dropped == [2] and len(play.asked) == 1
    cut(play)
    assert play.asked[1:] == ["And of Spain?"] and len(play.remembered) == 1


def test_who_speaks_before_playback_was_cut_goes_on_from_what_was_typed() -> None:
    play = begun()
    play.speak_until()
    play.happens(Typed("Tell me of Spain,"), SpeechStarted(2, play.now))
    cut(play)
    assert len(play.asked) == 1
    play.happens(SpeechEnded(2, play.now, play.now), HeardFinal(2, "and of Rome."))
    play.run()
    assert play.asked[1:] == ["Tell me of Spain, and of Rome."]


@pytest.mark.parametrize("words", ["stop", "Stop, please!", "停"])
def test_stop_is_no_question(words: str) -> None:
    play = begun()
    play.speak_until()
    play.happens(Typed(words))
    assert play.cancelled == [1]
    cut(play)
    assert len(play.asked) == 1 and play.states()[-1] == "listening"


def test_an_interrupt_takes_back_what_waits_to_be_asked() -> None:
    play = begun()
    play.speak_until()
    play.happens(Typed("And of Spain?"), Interrupt())
    cut(play)
    assert len(play.asked) == 1 and play.states()[-1] == "listening"


def test_nothing_is_asked_by_an_empty_line() -> None:
    play = begun()
    play.happens(Typed(" \n"))
    assert play.asked == [] and play.states() == ["listening"]


def test_typed_before_the_engines_are_loaded_it_is_asked_instead_of_a_welcome() -> None:
    play = Play(welcome=WELCOME)
    play.happens(Typed("What is the capital"), Typed("of France?"))
    assert play.told == []
    play.happens(EnginesReady())
    play.run()
    assert play.asked == ["What is the capital of France?"]
    assert play.states() == ["listening", "thinking", "speaking", "listening"]


def test_a_silent_conversation_says_nothing_and_is_done_when_all_is_written() -> None:
    play = Play(silent=True, welcome=WELCOME)
    play.happens(EnginesReady())
    assert [done.timings.said for done in play.of(TurnDone)] == [WELCOME] and play.states() == ["listening"]
    play.happens(Typed("What is the capital of France?"))
    play.run()
    assert play.said == [] and play.timings()[-1].said == ANSWER
    assert play.states() == ["listening", "thinking", "listening"]
    assert [record.heard for record in play.recorded] == [ANSWER]


def test_of_a_silent_answer_that_is_stopped_what_was_written_is_remembered() -> None:
    play = Play(silent=True)
    play.happens(EnginesReady(), Typed("What is the capital of France?"))
    play.run(3)
    play.happens(Interrupt())
    cut(play)
    assert play.remembered == ["Paris is the"] and play.states()[-1] == "listening"
    assert play.timings()[-1].interrupted


def test_typed_while_a_silent_answer_is_being_read_it_is_a_question_of_its_own() -> None:
    play = Play(silent=True)
    play.happens(EnginesReady(), Typed("What is the capital of France?"))
    play.run(3)
    play.happens(Typed("And of Spain?"))
    cut(play)
    assert play.remembered == ["Paris is the"] and play.taken_back == []
    assert play.asked == ["What is the capital of France?", "And of Spain?"]


def test_the_key_to_talk_takes_the_floor_and_nothing_else() -> None:
    play = begun()
    play.speak_until()
    play.happens(Talk(False))
    assert play.cancelled == []
    play.happens(Talk(True))
    assert play.cancelled == [1] and play.states()[-1] == "interrupted"
    cut(play)
    play.happens(Talk(True), Talk(False))
    assert play.states()[-1] == "listening" and len(play.asked) == 1
