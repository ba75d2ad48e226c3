"""Voices while the avatar speaks: who gets the floor, what is heard, what is remembered."""

from __future__ import annotations

import pytest

from conversation.link.audio_events import PlaybackCut, PlaybackEnded, SpeechStarted, SpeechSustained
from conversation.link.events import Interrupt, Partial, SpeechResumed, Transcript
from conversation.turns.events import ClauseMade, HeardFinal, HeardPartial, HeardPause, StageFailed
from tests.conversation.play import ANSWER, MS, RATE, Play, begun

HEARD = "Paris is the capital of France. It lies on"


def speaking() -> Play:
    """Both clauses are queued, the avatar speaks the first."""
    play = begun()
    play.speak_until(clause=1)
    play.queue.clear()
    play.happens(ClauseMade(1, 0, RATE, play.now, play.now), ClauseMade(1, 1, RATE, play.now, play.now))
    return play


def cut_in(play: Play, utterance: int = 2) -> None:
    """A voice that lasts; playback was in the middle of the second clause."""
    play.happens(SpeechStarted(utterance, play.now), SpeechSustained(utterance, play.now + 300 * MS))
    play.now += 300 * MS
    play.happens(PlaybackCut(1, 1, RATE // 2, play.now))


def test_a_voice_makes_the_answer_softer_and_silence_makes_it_loud_again() -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now))
    assert play.ducked == [True] and play.cancelled == []
    play.pauses("", 2)
    assert play.ducked == [True, False]
    play.happens(SpeechResumed(2, play.now))
    assert play.ducked == [True, False, True]


def test_a_cough_loses_nothing() -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now))
    play.pauses("", 2)
    play.waits(2.0)
    play.run()
    play.happens(PlaybackEnded(1, play.now))
    (timings,) = play.timings()
    assert timings.said == ANSWER and not timings.interrupted
    assert play.states()[-1] == "listening" and play.cancelled == [] and len(play.asked) == 1
    assert play.remembered == [], "the history has all of it already"


@pytest.mark.parametrize("words", ["Mm.", "uh-huh", "Okay.", "嗯嗯", "对"])
def test_a_short_word_of_a_listener_is_not_answered(words: str) -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now))
    play.pauses(words, 2)
    play.waits(2.0)
    play.run()
    assert play.cancelled == [] and len(play.asked) == 1 and not play.of(Partial)


def test_a_voice_that_lasts_takes_the_floor_at_once() -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now), SpeechSustained(2, play.now + 300 * MS))
    assert play.cancelled == [1] and play.states()[-1] == "interrupted"
    play.happens(PlaybackCut(1, 1, RATE // 2, play.now))
    assert play.states()[-1] == "listening"
    (timings,) = play.timings()
    assert timings.interrupted and timings.said == HEARD
    assert play.remembered == [], "what was said decides whether the answer ends here"


def test_what_was_said_then_is_the_next_question_and_history_holds_what_was_heard() -> None:
    play = speaking()
    cut_in(play)
    play.happens(HeardPartial(2, "And the capital"))
    assert play.of(Partial)[-1].text == "And the capital"
    play.pauses("And the capital of Spain?", 2)
    play.waits(1.0)
    play.run()
    assert play.asked == ["What is the capital of France?", "And the capital of Spain?"]
    assert (play.remembered, play.remembered_of) == ([HEARD], [1])
    assert [record.heard for record in play.recorded] == [HEARD, ANSWER]
    assert play.timings()[-1].said == ANSWER


@pytest.mark.parametrize("words", ["", "Mm-hm.", "Yeah, right.", "对对对"])
def test_after_a_long_mm_the_answer_goes_on_from_the_word_that_was_cut(words: str) -> None:
    play = speaking()
    cut_in(play)
    play.pauses(words, 2)
    play.waits(2.0)
    play.run()
    assert len(play.asked) == 1, "nothing is asked"
    assert play.said[-1].text == "the Seine." and play.said[-1].turn == 2
    first, second = play.timings()
    assert (first.said, second.said) == (HEARD, "the Seine.")
    assert (play.remembered, play.remembered_of) == ([f"{HEARD} the Seine."], [1]), "of the turn that was asked"
    assert [record.heard for record in play.recorded] == [ANSWER]
    assert play.states()[-4:] == ["listening", "thinking", "speaking", "listening"]


def test_an_answer_that_goes_on_can_be_interrupted_again() -> None:
    play = speaking()
    cut_in(play)
    play.pauses("Mm.", 2)
    play.waits(0.5)
    while play.machine.state != "speaking":
        play.run(1)
    play.queue.clear()
    play.happens(SpeechStarted(3, play.now), SpeechSustained(3, play.now), PlaybackCut(2, 0, RATE // 2, play.now))
    play.pauses("What about Spain then?", 3)
    play.waits(1.0)
    play.run()
    assert play.asked[-1] == "What about Spain then?"
    assert play.remembered[0] == f"{HEARD} the" and play.remembered_of[0] == 1


def test_a_voice_before_the_rest_is_heard_interrupts_it_too() -> None:
    play = speaking()
    cut_in(play)
    play.pauses("Mm.", 2)
    play.waits(0.5)
    play.happens(HeardFinal(2, "Mm."))
    play.queue.clear()
    assert play.machine.state == "thinking"
    play.happens(SpeechStarted(3, play.now), PlaybackCut(2, -1, 0, play.now))
    play.pauses("What about Spain then?", 3)
    play.waits(1.0)
    play.run()
    assert play.asked == ["What is the capital of France?", "What about Spain then?"]
    assert play.remembered[0] == HEARD


@pytest.mark.parametrize("words", ["Stop.", "Wait, wait.", "停", "别说了"])
def test_a_short_stop_ends_the_answer_and_is_no_question(words: str) -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now))
    play.pauses(words, 2)
    assert play.cancelled == [1]
    play.happens(PlaybackCut(1, 1, RATE // 2, play.now))
    play.waits(2.0)
    play.run()
    assert play.states()[-1] == "listening" and len(play.asked) == 1
    assert play.remembered == [HEARD]


def test_words_that_are_known_before_the_cut_wait_for_it() -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now), SpeechSustained(2, play.now))
    play.happens(HeardFinal(2, "And Spain?"))
    assert len(play.asked) == 1
    play.happens(PlaybackCut(1, 1, RATE // 2, play.now))
    assert play.asked[-1] == "And Spain?" and play.remembered == [HEARD]


def test_the_answer_ends_while_the_user_says_something() -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now), PlaybackEnded(1, play.now))
    assert play.states()[-1] == "listening" and play.ducked[-1] is False
    play.pauses("Tell me about the Seine.", 2)
    play.waits(1.0)
    play.run()
    assert play.asked[-1] == "Tell me about the Seine." and play.timings()[-1].said == ANSWER


def test_a_nod_at_the_end_of_an_answer_is_no_question() -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now), PlaybackEnded(1, play.now))
    play.pauses("Okay.", 2)
    play.waits(1.0)
    play.run()
    assert len(play.asked) == 1 and play.states()[-1] == "listening"


def test_a_yes_at_the_end_of_a_question_is_an_answer() -> None:
    play = begun(welcome="Hello. Shall we talk?")
    while play.machine.state != "speaking":
        play.run(1)
    play.queue.clear()
    play.happens(SpeechStarted(1, play.now), PlaybackEnded(1, play.now))
    play.pauses("Yes.", 1)
    play.waits(1.0)
    play.run()
    assert play.asked == ["Yes."]


def test_a_welcome_can_be_interrupted_and_is_no_part_of_the_history() -> None:
    play = begun(welcome="Hello, I am Visavis. Nice to meet you.")
    while play.machine.state != "speaking":
        play.run(1)
    play.queue.clear()
    play.happens(SpeechStarted(1, play.now), SpeechSustained(1, play.now), PlaybackCut(1, 0, RATE // 2, play.now))
    play.pauses("Who are you?", 1)
    play.waits(1.0)
    play.run()
    assert play.asked == ["Who are you?"] and play.remembered == []
    assert [record.question for record in play.recorded] == ["Who are you?"]


def test_a_tap_after_a_voice_forgets_the_rest_of_the_answer() -> None:
    play = speaking()
    cut_in(play)
    play.happens(Interrupt())
    assert play.remembered == [HEARD]
    play.pauses("Mm.", 2)
    play.waits(2.0)
    play.run()
    assert len(play.asked) == 1 and len(play.timings()) == 1


def test_a_recogniser_that_fails_leaves_the_answer_alone() -> None:
    play = speaking()
    play.happens(SpeechStarted(2, play.now))
    play.happens(StageFailed("asr", "EngineError", "It broke; ask again."))
    assert play.cancelled == [] and play.machine.state == "speaking"


def test_words_of_an_earlier_pause_decide_nothing() -> None:
    play = speaking()
    cut_in(play)
    play.happens(HeardPause(2, "Tell me."))
    assert play.machine.wake_at is None and not [t for t in play.of(Transcript) if t.turn > 1]
