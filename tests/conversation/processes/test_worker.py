"""Engines that crash or hang, on a clock turned by hand: given up, told once, loaded again, and work goes on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from conversation.engines.base import F32, Cancelled, Speech, Transcript, never
from conversation.errors import EngineError
from conversation.link.audio_events import Speak
from conversation.processes.supervision import Keeper, Restarts, Supervision
from conversation.processes.worker import Worker
from conversation.speech_text import Mood
from conversation.stages.hearing import Job
from conversation.stages.speech import RecogniserStage, SpeechStage
from conversation.turns.actions import Say
from conversation.turns.events import ClauseMade, StageFailed
from tests.conversation.engines_of_rules import LengthRecogniser, OpenMouth, ToneVoice


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Inbox:
    """What comes out of a stage, in order."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Any] = queue.Queue()
        self.put: Callable[[object], None] = self._queue.put
        self.send = self.put  # as the pipe to the audio process

    def next(self, kind: type) -> Any:
        while True:
            item = self._queue.get(timeout=20)
            if isinstance(item, kind):
                return item

    def empty(self) -> bool:
        return self._queue.empty()


class Gate:
    """Where an engine hangs until the test lets it go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def hang(self) -> None:
        self.reached.set()
        self.opened.wait(20)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


def test_restarts_come_ever_later_and_only_so_often_in_a_while() -> None:
    clock = Hand()
    restarts = Restarts(Supervision(restarts=3, within_s=100.0, backoff_s=2.0), clock)
    assert [restarts.take() for _ in range(4)] == [0.0, 2.0, 6.0, None]
    clock.now += 99
    assert restarts.take() is None
    clock.now += 1
    assert restarts.take() == 0.0


def test_a_lost_engine_is_loaded_again_after_its_wait_and_in_the_end_no_more() -> None:
    waited: list[float] = []
    keeper: Keeper[object] = Keeper(
        "The voice", Restarts(Supervision(restarts=2, backoff_s=1.5), Hand()), waited.append
    )
    with pytest.raises(EngineError, match="not loaded yet"):
        keeper.get()
    keeper.load(object)
    first = keeper.get()
    assert keeper.lose("broke") == "The voice broke; it is being started again."
    second = keeper.get()
    assert second is not first and keeper.get() is second
    keeper.lose("broke")
    assert keeper.get() is not second and waited == [0.0, 1.5]
    assert keeper.lose("broke") == "The voice broke; start the conversation again."
    with pytest.raises(EngineError, match="start the conversation again"):
        keeper.get()


def test_what_takes_too_long_is_given_up_and_the_rest_goes_on(gate: Gate) -> None:
    clock, inbox = Hand(), Inbox()
    worker = Worker("tts", inbox.put, patience_s=5.0, clock=clock)
    signs: list[bool] = []

    def hangs() -> None:
        gate.hang()
        signs.append(worker.sign())
        inbox.put("late")

    worker.do(hangs, turn=3)
    worker.do(lambda: inbox.put("next"))
    assert gate.reached.wait(20)
    clock.now += 4.9
    assert worker.overdue() is None
    clock.now += 0.2
    late = worker.overdue()
    assert late is not None and late.turn == 3
    worker.give_up(lambda: inbox.put("again"), patience_s=60.0)
    assert [inbox.next(str), inbox.next(str)] == ["again", "next"]
    assert worker.overdue() is None
    gate.opened.set()
    assert inbox.next(str) == "late" and signs == [False]
    worker.do(lambda: inbox.put("after"))
    assert inbox.next(str) == "after", "one thread alone does the work"
    worker.close(5.0)


def test_signs_of_progress_make_it_last(gate: Gate) -> None:
    clock = Hand()
    worker = Worker("llm", Inbox().put, patience_s=5.0, clock=clock)
    signed = threading.Event()

    def work() -> None:
        clock.now += 4
        worker.sign()
        signed.set()
        gate.hang()

    worker.do(work)
    assert signed.wait(20)
    clock.now += 4
    assert worker.overdue() is None
    clock.now += 1.1
    assert worker.overdue() is not None
    gate.opened.set()
    worker.close(5.0)


def test_more_than_a_stage_can_do_is_turned_away_and_told(gate: Gate) -> None:
    inbox = Inbox()
    worker = Worker("tts", inbox.put, limit=2)
    worker.do(gate.hang)
    assert gate.reached.wait(20)
    assert [worker.do(lambda: None, turn=4) for _ in range(4)] == [True, True, False, False]
    failed = inbox.next(StageFailed)
    assert (failed.error, failed.turn) == ("EngineBusyError", 4) and worker.waiting == 2
    gate.opened.set()
    worker.close(5.0)


class HangingEar(LengthRecogniser):
    def __init__(self, gate: Gate, *, crashes: bool = False) -> None:
        self._gate = gate
        self._crashes = crashes
        self._calls = 0

    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        self._calls += 1
        if self._calls > 1:
            if self._crashes:
                raise RuntimeError("a tensor has no memory")
            self._gate.hang()
        return super().transcribe(samples)


@pytest.mark.parametrize("crashes", [False, True])
def test_a_recogniser_that_breaks_is_loaded_again(gate: Gate, crashes: bool) -> None:
    clock, inbox = Hand(), Inbox()
    stage = RecogniserStage(inbox.put, {}, Supervision(recogniser_s=5.0), clock)
    ears = iter([HangingEar(gate, crashes=crashes), LengthRecogniser()])
    stage.use(lambda: next(ears))
    job = Job(1, np.ones(16_000, np.float32), 1)
    stage.start(job)
    if not crashes:
        assert gate.reached.wait(20)
        clock.now += 6
        stage.look()
        stage.look()
    assert inbox.next(Job) is job and job.text is None
    failed = inbox.next(StageFailed)
    assert failed.stage == "asr" and "it is being started again" in failed.message
    assert ("stopped working (RuntimeError" if crashes else "did not answer for 5 s") in failed.message
    stage.start(Job(2, np.ones(16_000, np.float32), 1))
    assert inbox.next(Job).text == "I heard 10 tenths." and inbox.empty()
    gate.opened.set()
    stage.close()


class Breaks:
    """Does as another engine until it is told to crash, hang or say that it cannot."""

    def __init__(self, gate: Gate) -> None:
        self.how = ""
        self._gate = gate

    def maybe(self) -> None:
        match self.how:
            case "crash":
                raise RuntimeError("a tensor has no memory")
            case "hang":
                self._gate.hang()
            case "refuse":
                raise EngineError("The voice is hoarse; ask again.")


class BreakingVoice(ToneVoice, Breaks):
    def synthesise(self, text: str, *, cancelled: Cancelled = never) -> Speech:
        self.maybe()
        return super().synthesise(text)


class BreakingMouth(OpenMouth, Breaks):
    def curve(self, samples: F32, sample_rate: int) -> F32:
        self.maybe()
        return super().curve(samples, sample_rate)


class Speaking:
    """A speech stage whose engines break as told; each is loaded anew in good order."""

    def __init__(self, gate: Gate) -> None:
        self.clock, self.inbox = Hand(), Inbox()
        self.stage = SpeechStage(
            self.inbox, self.inbox.put, lambda turn: turn < 0, Supervision(speech_s=5.0), self.clock
        )  # type: ignore[arg-type]
        self.voices: list[BreakingVoice] = []
        self.mouths: list[BreakingMouth] = []
        self.stage.use_voice(lambda: self.voices.append(BreakingVoice(gate)) or self.voices[-1])
        self.stage.use_face(lambda: self.mouths.append(BreakingMouth(gate)) or self.mouths[-1])
        self.clauses = 0

    def say(self, turn: int) -> None:
        self.clauses += 1
        self.stage.say(Say(turn, self.clauses, "one two three", Mood()))


@pytest.fixture
def speaking(gate: Gate) -> Iterator[Speaking]:
    speaking = Speaking(gate)
    yield speaking
    gate.opened.set()
    speaking.stage.close()


@pytest.mark.parametrize("how", ["crash", "hang"])
def test_a_voice_that_breaks_is_loaded_again(gate: Gate, speaking: Speaking, how: str) -> None:
    speaking.voices[0].how = how
    speaking.say(1)
    if how == "hang":
        assert gate.reached.wait(20)
        speaking.clock.now += 6
        speaking.stage.look()
    failed = speaking.inbox.next(StageFailed)
    assert (failed.stage, failed.turn) == ("tts", 1) and failed.message.startswith("The voice ")
    assert "it is being started again" in failed.message
    speaking.say(2)
    assert speaking.inbox.next(ClauseMade).turn == 2 and len(speaking.voices) == 2


def test_a_voice_that_refuses_twice_in_a_row_is_loaded_again(speaking: Speaking) -> None:
    speaking.voices[0].how = "refuse"
    speaking.say(1)
    assert speaking.inbox.next(StageFailed).message == "The voice is hoarse; ask again."
    speaking.say(2)
    assert "started again" in speaking.inbox.next(StageFailed).message
    speaking.say(3)
    assert speaking.inbox.next(ClauseMade).turn == 3 and len(speaking.voices) == 2


def test_a_face_that_crashes_does_not_silence_the_voice(speaking: Speaking) -> None:
    speaking.mouths[0].how = "crash"
    speaking.say(1)
    failed = speaking.inbox.next(StageFailed)
    assert (failed.stage, failed.turn) == ("a2bs", None) and "The movement of the face stopped" in failed.message
    spoken = speaking.inbox.next(Speak)
    assert len(spoken.samples) and not np.asarray(spoken.frames).any()
    speaking.say(1)
    assert np.asarray(speaking.inbox.next(Speak).frames).any() and len(speaking.mouths) == 2


def test_a_face_that_hangs_ends_its_turn_and_is_loaded_again(gate: Gate, speaking: Speaking) -> None:
    speaking.mouths[0].how = "hang"
    speaking.say(1)
    assert gate.reached.wait(20)
    speaking.clock.now += 6
    speaking.stage.look()
    failed = speaking.inbox.next(StageFailed)
    assert (failed.stage, failed.error, failed.turn) == ("a2bs", "EngineHungError", 1)
    gate.opened.set()
    speaking.say(2)
    spoken = speaking.inbox.next(Speak)
    assert spoken.turn == 2 and np.asarray(spoken.frames).any(), "nothing of the clause that hung is spoken"
    assert len(speaking.mouths) == 2 and len(speaking.voices) == 1
