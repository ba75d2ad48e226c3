"""The turn machine, replayed in no time: questions, answers, what fails."""

from __future__ import annotations

from conversation.link.audio_events import ClausePlaced, PlaybackCut, QuestionLabelled, SpeechEnded, SpeechStarted
from conversation.link.events import Caption, Failure, Greet, Interrupt, Partial, Ready, ReplyText, Transcript
from conversation.turns.events import (
    ClauseMade,
    EnginesReady,
    HeardFinal,
    HeardPartial,
    ReplyDone,
    ReplyPiece,
    StageFailed,
)
from tests.conversation.play import ANSWER, MS, RATE, Play, begun


def test_a_question_and_its_answer() -> None:
    play = begun()
    play.happens(QuestionLabelled("q.wav", play.now, play.now + 500 * MS))
    play.ask()
    play.run()
    assert play.states() == ["listening", "thinking", "speaking", "listening"]
    assert play.of(Ready) and play.of(Transcript) == [Transcript(1, "What is the capital of France?")]
    assert play.of(ReplyText)[-1].text.strip() == ANSWER
    assert [say.text for say in play.said] == ["Paris is the capital of France.", "It lies on the Seine."]
    (timings,) = play.timings()
    assert (timings.turn, timings.heard, timings.said) == (1, "What is the capital of France?", ANSWER)
    assert not timings.interrupted
    edges = [
        timings.question_end,
        timings.speech_end,
        timings.endpoint,
        timings.asr_final,
        timings.first_token,
        timings.first_clause,
        timings.first_audio_made,
        timings.first_face,
        timings.first_sample_out,
        timings.first_audible_out,
    ]
    assert all(edge is not None for edge in edges)
    assert edges == sorted(edges)  # type: ignore[type-var]
    assert timings.speech_end_to_audio_ms == (timings.first_audible_out - timings.question_end) / 1e6  # type: ignore[operator]
    assert sum(timings.stages_ms.values()) == timings.speech_end_to_audio_ms


def test_captions_have_the_words_in_playbacks_samples_and_the_mood() -> None:
    play = begun()
    play.ask()
    while not play.said:
        play.run(1)
    play.happens(ClausePlaced(1, 0, 48_000, RATE), ClausePlaced(9, 0, 1, 1))
    (caption,) = play.of(Caption)
    assert (caption.turn, caption.clause, caption.first, caption.samples) == (1, 0, 48_000, RATE)
    assert " ".join(word.text for word in caption.words) == "Paris is the capital of France."
    times = [time for word in caption.words for time in (word.begin, word.end)]
    assert times == sorted(times) and times[0] >= 48_000 and times[-1] == 48_000 + RATE
    assert (caption.mood, caption.strength) == ("neutral", 0.0)
    play.happens(ReplyPiece(1, "I am so happy! "), ReplyDone(1))
    happy = next(say for say in play.said if "happy" in say.text)
    assert happy.mood.name == "happy" and happy.mood.strength > 0.3


def test_speech_begins_while_the_model_still_writes() -> None:
    play = begun()
    play.ask()
    while not play.said:
        play.run(1)
    assert any(isinstance(event, ReplyDone) for event in play.queue)


def test_turns_follow_each_other() -> None:
    play = begun()
    for utterance in (1, 2, 3):
        play.ask(f"Question {utterance}?", utterance)
        play.run()
    assert [timings.turn for timings in play.timings()] == [1, 2, 3]
    assert play.asked == ["Question 1?", "Question 2?", "Question 3?"]


def test_the_welcome_is_spoken_first_and_no_model_is_asked() -> None:
    play = begun(welcome="Hello, I am Visavis. Nice to meet you.")
    play.run()
    assert play.states() == ["speaking", "listening"]
    assert play.asked == [] and play.remembered == []
    (timings,) = play.timings()
    assert timings.heard == "" and timings.said == "Hello, I am Visavis. Nice to meet you."


def test_somebody_who_speaks_before_all_is_loaded_is_not_talked_over() -> None:
    play = Play(welcome="Hello.")
    play.happens(SpeechStarted(1, play.now), EnginesReady())
    assert play.said == []


def test_an_avatar_that_is_met_later_says_its_welcome_then() -> None:
    play = begun()
    play.run()
    assert play.states() == ["listening"]
    play.happens(Greet("Hello there."))
    play.run()
    assert play.states() == ["listening", "speaking", "listening"]
    assert [say.text for say in play.said] == ["Hello there."] and play.asked == []


def test_met_while_the_engines_are_loaded_it_says_its_welcome_when_they_are() -> None:
    play = Play()
    play.happens(Greet("Hello there."))
    assert play.said == []
    play.happens(EnginesReady())
    assert [say.text for say in play.said] == ["Hello there."]


def test_no_welcome_into_what_is_said() -> None:
    play = begun()
    play.happens(SpeechStarted(1, play.now), Greet("Hello there."))
    assert play.said == []
    play.ask()
    while not play.said:
        play.run(1)
    play.happens(Greet("Hello there."))
    play.run()
    assert "Hello there." not in [say.text for say in play.said]


def test_partials_reach_the_app() -> None:
    play = begun()
    play.happens(SpeechStarted(1, play.now), HeardPartial(1, "What is"), HeardPartial(7, "of another utterance"))
    assert play.of(Partial) == [Partial(1, "What is")]


def test_silence_is_no_question() -> None:
    play = begun()
    play.ask("")
    play.run()
    assert play.states() == ["listening", "thinking", "listening"]
    assert play.asked == [] and play.timings() == []


def test_interrupt_while_speaking_keeps_what_was_heard() -> None:
    play = begun()
    play.ask()
    while "speaking" not in play.states() or len(play.said) < 2:
        play.run(1)
    play.queue.clear()
    play.happens(ClauseMade(1, 0, RATE, play.now, play.now), ClauseMade(1, 1, RATE, play.now, play.now))
    play.happens(Interrupt())
    assert play.cancelled == [1] and play.states()[-1] == "interrupted"
    play.happens(PlaybackCut(1, 1, RATE // 2, play.now))
    assert play.states()[-1] == "listening"
    heard = "Paris is the capital of France. It lies on"
    assert play.remembered == [heard]
    (timings,) = play.timings()
    assert timings.interrupted and timings.said == heard


def test_nothing_of_an_interrupted_turn_is_ever_said() -> None:
    play = begun()
    play.ask()
    play.run(3)
    late = list(play.queue)
    play.happens(Interrupt(), PlaybackCut(1, -1, 0, play.now))
    said, told = len(play.said), len(play.told)
    play.happens(*late)
    assert (len(play.said), len(play.told)) == (said, told)
    assert play.remembered == [""]
    play.queue.clear()
    play.ask("And of Spain?", 2)
    play.run()
    assert [timings.said for timings in play.timings()] == ["", ANSWER]


def test_interrupting_silence_does_nothing() -> None:
    play = begun()
    told = len(play.told)
    play.happens(Interrupt(), Interrupt())
    assert len(play.told) == told and play.cancelled == []


def test_interrupting_before_the_transcript_forgets_the_question() -> None:
    play = begun()
    play.happens(SpeechStarted(1, play.now), SpeechEnded(1, play.now, play.now), Interrupt())
    assert play.states()[-1] == "listening"
    play.happens(HeardFinal(1, "Never mind."))
    assert play.asked == []


def test_going_on_before_the_answer_makes_one_question() -> None:
    play = begun()
    play.ask("What is the capital", 1)
    play.run(2)
    play.queue.clear()
    play.happens(SpeechStarted(2, play.now))
    assert play.cancelled == [1] and play.states()[-1] == "listening"
    play.happens(PlaybackCut(1, -1, 0, play.now), HeardPartial(2, "of"))
    assert play.of(Partial)[-1].text == "What is the capital of"
    play.happens(SpeechEnded(2, play.now, play.now), HeardFinal(2, "of France?"))
    play.run()
    assert play.asked[-1] == "What is the capital of France?"
    (timings,) = play.timings()
    assert timings.heard == "What is the capital of France?" and timings.said == ANSWER


def test_a_cough_before_the_answer_does_not_lose_the_question() -> None:
    play = begun()
    play.ask("What is the capital of France?", 1)
    play.queue.clear()
    play.happens(SpeechStarted(2, play.now), PlaybackCut(1, -1, 0, play.now), HeardFinal(2, ""))
    play.run()
    assert play.asked == ["What is the capital of France?"] * 2
    assert [timings.said for timings in play.timings()] == [ANSWER]


def test_a_labelled_question_that_is_not_over_at_the_endpoint_labels_the_next_turn() -> None:
    play = begun()
    end = play.now + 10_000 * MS
    play.happens(QuestionLabelled("q.wav", play.now, end))
    play.ask("First half.", 1)
    play.queue.clear()
    play.now = end
    play.happens(SpeechStarted(2, play.now), PlaybackCut(1, -1, 0, play.now))
    play.now += 450 * MS
    play.happens(SpeechEnded(2, end, play.now), HeardFinal(2, "Second half."))
    play.run()
    (timings,) = play.timings()
    assert timings.question_end == end


def test_a_stage_that_fails_ends_its_turn_and_the_next_one_works() -> None:
    for stage in ("llm", "tts"):
        play = begun()
        play.ask()
        play.run(2)
        play.queue.clear()
        play.happens(StageFailed(stage, "EngineError", "It broke; ask again.", turn=1))
        assert play.of(Failure) == [Failure(stage, "EngineError", "It broke; ask again.")]
        assert play.cancelled == [1]
        play.happens(PlaybackCut(1, -1, 0, play.now))
        assert play.states()[-1] == "listening"
        play.ask("Again?", 2)
        play.run()
        assert play.timings()[-1].said == ANSWER


def test_a_recogniser_that_fails_goes_back_to_listening() -> None:
    play = begun()
    play.happens(SpeechStarted(1, play.now), SpeechEnded(1, play.now, play.now))
    play.happens(StageFailed("asr", "EngineError", "It broke; ask again."))
    assert play.states()[-1] == "listening"
    play.ask("Again?", 2)
    play.run()
    assert play.timings()[-1].said == ANSWER


def test_turn_numbers_go_on_after_a_restart() -> None:
    play = begun(first_turn=8)
    play.ask()
    play.run()
    assert play.timings()[0].turn == 8


def test_a_turn_without_words_is_over_at_once() -> None:
    play = begun()
    play.ask()
    play.queue.clear()
    play.happens(ReplyPiece(1, "😀 "), ReplyDone(1))
    play.run()
    assert play.said == [] and play.timings()[0].said == ""
    assert play.states()[-1] == "listening"
