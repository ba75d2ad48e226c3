"""What is transcribed when, and which transcript becomes the final one."""

import numpy as np

from conversation.link.audio_events import SpeechDropped, SpeechEnded, SpeechStarted, UtteranceAudio
from conversation.link.events import SpeechPaused, SpeechResumed
from conversation.stages.hearing import Hearing, Job, clean_transcript
from conversation.turns.events import HeardFinal, HeardPartial, HeardPause

SECOND = 1_000_000_000


class Desk:
    """A recogniser's desk: jobs come, and are done when the test says so."""

    def __init__(self) -> None:
        self.now = 0
        self.jobs: list[Job] = []
        self.hearing = Hearing(self.jobs.append, lambda: self.now)

    def speak(self, seconds: float, utterance: int = 1) -> list[object]:
        """In pieces of 0.1 s."""
        heard: list[object] = []
        for _ in range(round(seconds * 10)):
            self.now += SECOND // 10
            heard += self.hearing.handle(UtteranceAudio(utterance, np.ones(1600, np.float32)))
        return heard

    def finish(self, job: Job, text: str | None, seconds: float = 0.0) -> list[object]:
        job.text, job.seconds = text, seconds
        return list(self.hearing.done(job))

    def begin(self, utterance: int = 1) -> None:
        self.hearing.handle(SpeechStarted(utterance, self.now))

    def pause(self, utterance: int = 1) -> list[object]:
        return list(self.hearing.handle(SpeechPaused(utterance, self.now - SECOND // 10, self.now)))

    def end(self, utterance: int = 1, silent_s: float = 0.45) -> list[object]:
        return list(self.hearing.handle(SpeechEnded(utterance, self.now - round(silent_s * SECOND), self.now)))


def test_the_transcript_of_the_pause_is_the_final_one() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(0.6)
    desk.pause()
    (job,) = desk.jobs
    assert len(job.samples) == 9600
    desk.speak(0.2)
    assert desk.finish(job, "Hello there.") == [HeardPause(1, "Hello there.")]
    assert desk.end() == [HeardFinal(1, "Hello there.")]
    assert desk.jobs == [job], "nothing is transcribed twice"


def test_the_end_waits_for_the_transcript_of_the_pause() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(0.6)
    desk.pause()
    desk.speak(0.3)
    assert desk.end() == []
    assert desk.finish(desk.jobs[0], "Hello.") == [HeardFinal(1, "Hello.")]
    assert len(desk.jobs) == 1


def test_speech_that_goes_on_after_a_pause_is_transcribed_again() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(0.6)
    desk.pause()
    desk.finish(desk.jobs[0], "Hello")
    desk.speak(0.5)
    desk.pause()
    assert len(desk.jobs[-1].samples) == 1600 * 11
    desk.speak(0.3)
    assert desk.end() == []
    assert desk.finish(desk.jobs[-1], "Hello again.") == [HeardFinal(1, "Hello again.")]


def test_a_new_pause_cancels_the_work_for_the_old_one() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(0.6)
    desk.pause()
    desk.speak(0.5)
    desk.pause()
    old, new = desk.jobs
    assert old.cancelled and not new.cancelled
    assert desk.finish(old, None) == []
    desk.speak(0.3)
    desk.end()
    assert desk.finish(new, "All of it.") == [HeardFinal(1, "All of it.")]


def test_partials_come_as_often_as_the_recogniser_can_afford() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(1.4)
    assert desk.jobs == [], "too little for a partial"
    desk.speak(0.2)
    assert len(desk.jobs) == 1
    desk.speak(1.0)
    assert len(desk.jobs) == 1, "one at a time"
    assert desk.finish(desk.jobs[0], "So", seconds=0.3) == [HeardPartial(1, "So")]
    desk.speak(0.5)
    assert len(desk.jobs) == 1, "the recogniser rests twice as long as it worked"
    desk.speak(0.2)
    assert len(desk.jobs) == 2


def test_a_slow_recogniser_makes_no_partials_until_it_is_fast_again() -> None:
    desk = Desk()

    def partials(utterance: int, cost_s: float) -> int:
        desk.jobs.clear()
        desk.begin(utterance)
        desk.speak(2.0, utterance)
        count = len(desk.jobs)
        desk.pause(utterance)
        desk.finish(desk.jobs[-1], "Text.", seconds=cost_s)
        desk.end(utterance)
        desk.now += 5 * SECOND
        return count

    assert partials(1, cost_s=0.9) == 1
    assert partials(2, cost_s=0.2) == 0
    assert partials(3, cost_s=0.2) == 1


def test_an_end_without_a_pause_is_transcribed_then() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(1.7)
    partial = desk.jobs[0]
    assert desk.end(silent_s=0.0) == []
    assert partial.cancelled and len(desk.jobs[-1].samples) == 1600 * 17
    assert desk.finish(desk.jobs[-1], "It was cut.") == [HeardFinal(1, "It was cut.")]


def test_what_was_no_speech_is_heard_as_nothing() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(0.2)
    assert list(desk.hearing.handle(SpeechDropped(1))) == [HeardFinal(1, "")]


def test_going_on_before_the_transcript_is_made_loses_nothing() -> None:
    desk = Desk()
    desk.begin(1)
    desk.speak(0.6, 1)
    desk.pause(1)
    desk.end(1)
    desk.begin(2)
    assert desk.jobs[0].cancelled
    desk.speak(0.4, 2)
    desk.pause(2)
    assert len(desk.jobs[-1].samples) == 1600 * 10
    desk.end(2)
    assert desk.finish(desk.jobs[-1], "Both parts.") == [HeardFinal(2, "Both parts.")]


def test_a_cough_before_the_transcript_is_made_loses_nothing() -> None:
    desk = Desk()
    desk.begin(1)
    desk.speak(0.6, 1)
    desk.pause(1)
    desk.end(1)
    desk.begin(2)
    desk.speak(0.1, 2)
    assert list(desk.hearing.handle(SpeechDropped(2))) == []
    assert desk.finish(desk.jobs[-1], "The question.") == [HeardFinal(2, "The question.")]


def test_a_failed_job_does_not_stop_the_next_utterance() -> None:
    desk = Desk()
    desk.begin(1)
    desk.speak(0.6, 1)
    desk.pause(1)
    desk.end(1)
    assert desk.finish(desk.jobs[0], None) == []
    desk.begin(2)
    desk.speak(0.6, 2)
    desk.pause(2)
    desk.end(2)
    assert desk.finish(desk.jobs[-1], "Again.") == [HeardFinal(2, "Again.")]


def test_noise_is_no_text() -> None:
    assert clean_transcript(" [BLANK_AUDIO] (coughs) ♪ ") == ""
    assert clean_transcript("...") == ""
    assert clean_transcript(" Hello (laughs)  you. ") == "Hello you."


def test_what_is_forgotten_is_in_no_transcript() -> None:
    desk = Desk()
    desk.begin()
    desk.speak(0.6)
    desk.end()
    desk.hearing.forget(1)
    (job,) = desk.jobs
    assert job.cancelled and desk.finish(job, "Never mind.") == []
    desk.begin(2)
    desk.speak(0.5, 2)
    desk.hearing.forget(1)
    desk.pause(2)
    assert len(desk.jobs[-1].samples) == 8000, "nothing of the first"


def streaming(text: str = "I live in", over: bool | None = False) -> Desk:
    """A pause of an utterance, heard by a recogniser with rules of its own for the end (None: without)."""
    desk = Desk()
    desk.begin()
    desk.speak(1.0)
    desk.pause()
    desk.jobs[0].over = over
    desk.finish(desk.jobs[0], text)
    return desk


def test_a_recogniser_with_rules_of_its_own_listens_to_the_silence() -> None:
    desk = streaming()
    desk.speak(0.3)
    again = desk.jobs[1]
    assert again.listens and len(again.samples) > len(desk.jobs[0].samples)
    again.over = False
    assert desk.finish(again, "I live") == [], "what it has so far may be less than what it makes of the end"
    desk.speak(0.3)
    desk.jobs[2].over = True
    assert desk.finish(desk.jobs[2], "I live") == [HeardPause(1, "I live in", over=True)]
    desk.speak(0.5)
    assert not any(job.listens for job in desk.jobs[3:]), "it is done"
    assert desk.end(silent_s=1.2) == [HeardFinal(1, "I live in")]


def test_words_that_only_the_recogniser_heard_are_told() -> None:
    desk = streaming()
    desk.speak(0.3)
    desk.jobs[1].over = False
    assert desk.finish(desk.jobs[1], "I live in Oslo") == [HeardPause(1, "I live in Oslo")]
    assert desk.end() == [HeardFinal(1, "I live in Oslo")]


def test_others_do_not_listen_to_silence_and_nobody_does_once_the_user_goes_on() -> None:
    desk = streaming(over=None)
    desk.speak(0.5)
    assert len(desk.jobs) == 1
    desk = streaming()
    assert desk.hearing.handle(SpeechResumed(1, desk.now)) == []
    desk.speak(0.5)
    assert not any(job.listens for job in desk.jobs)
