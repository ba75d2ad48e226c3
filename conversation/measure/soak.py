"""Long talk: the real processes, questions from files one after the other in real time, and what grows meanwhile.

Only real time will do: microphone and loudspeaker are paced by the machine's clock, and so is all that could drift.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.arkit import ARKIT_SHAPES
from assets.progress import Progress, Step
from conversation.audio.base import SPEAKER_RATE
from conversation.conversation import Conversation
from conversation.errors import ConversationError, ProcessStartError
from conversation.link.events import AppEvent, Ask, Caption, Failure, Ready, StateChanged, TurnDone
from conversation.measure.memory import memory_mb
from conversation.measure.talk import QUESTIONS, speak
from conversation.processes.supervision import Clock
from conversation.settings import ConversationSettings
from conversation.timings import TurnTimings

GROWTH_PERCENT: Final = 3.0
DRIFT_MS: Final = 10.0
"""A quarter of a frame of film."""
JUDGED_S: Final = 1800.0
"""Of a shorter talk memory and mouth are told, but not judged: most of it is warm-up."""
KEPT_S: Final = 60.0
"""Memory that is given back earlier is work, not growth."""
WARM_UP: Final = 1 / 6
"""Of the talk: the dialogue fills the language model's context, allocators and caches fill."""
_LOAD_S: Final = 600.0
_PATIENCE_S: Final = 90.0
"""For the answer to a question; then the next one is asked."""
_MEMORY_EVERY_S: Final = 5.0
_LOOK_S: Final = 0.01
_JAW: Final = ARKIT_SHAPES.index("jawOpen")
_OPEN: Final = 0.08
"""Of jawOpen: from here on the mouth is seen to speak."""
_TOLD_FAILURES: Final = 100


@dataclass(frozen=True)
class Moment:
    """What was seen at one time of the talk."""

    at_s: float
    memory_mb: dict[str, float]
    queues: dict[str, int]
    turns: int


@dataclass
class Watched:
    """What a talk left behind."""

    moments: list[Moment] = field(default_factory=list)
    turns: list[TurnTimings] = field(default_factory=list)
    clock_ms: list[float] = field(default_factory=list)
    """By turn: the app's clock against the time at which the loudspeaker took the turn's first sample."""
    mouth_ms: list[float] = field(default_factory=list)
    """By turn: from the first audible sample to the mouth that the app sees open."""
    failures: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0
    unanswered: int = 0


def bench_soak(seconds: float, progress: Progress, folder: Path | None = None) -> dict[str, Any]:
    """Talk so long, with the sound files of `folder` as questions (else a synthetic voice's).

    Keys: seconds, turns, unanswered, failures and failed (their number), memory.NAME.{begin_mb, end_mb,
    growth_percent} after the warm-up, queues.NAME.{max, end}, clock_ms and mouth_ms with {first, last, drift} (medians
    of the first and last tenth of the turns), speech_end_to_audio_ms.{p50, p95}, moments (sixty rows at most).
    Raises VisavisError where models or a voice for the questions are missing.
    """
    settings = ConversationSettings(microphone="file", speaker="file")
    with tempfile.TemporaryDirectory(prefix="visavis-soak-") as made:
        wavs = _questions(folder, Path(made))
        with Conversation(settings) as conversation, progress.step("Talk", round(seconds)) as step:
            talk = Talk(conversation, wavs)
            talk.begin()
            talk.run(seconds, step)
    return {"seconds": round(seconds), **figures(talk.watched, seconds)}


def missed(found: dict[str, Any]) -> list[str]:
    """What a talk falls short in, one sentence each."""
    short: list[str] = []
    if found["failed"]:
        short.append(f"{found['failed']} failures were told.")
    if found["unanswered"]:
        short.append(f"{found['unanswered']} questions were not answered.")
    if not found["turns"]:
        short.append("No question was answered.")
    judged = found["seconds"] >= JUDGED_S
    # When the mouth opens depends on the first sound of an answer, too: the medians of a few answers say little.
    for name in ("clock_ms", "mouth_ms") if judged else ("clock_ms",):
        drift = found[name]["drift"]
        if drift is not None and abs(drift) > DRIFT_MS:
            short.append(f"{name} drifts by {drift} ms.")
    if judged:
        for name, memory in found["memory"].items():
            if memory["growth_percent"] > GROWTH_PERCENT:
                short.append(f"The memory of {name} grows by {memory['growth_percent']} %.")
    return short


class Talk:
    """Asks, and looks on as the app does: a hundred times a second while the avatar speaks."""

    def __init__(
        self,
        conversation: Conversation,
        questions: Sequence[Path],
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.watched = Watched()
        self._clock = clock
        self._sleep = sleep
        self._conversation = conversation
        self._questions = questions
        self._began_s = 0.0
        self._asked = 0
        self._ask_by_s = 0.0
        self._speaking = False
        self._opened_ns: int | None = None
        self._first_sample: dict[int, int] = {}

    def begin(self) -> None:
        """Until the avatar listens."""
        self._conversation.start()
        deadline = self._clock() + _LOAD_S
        while self._clock() < deadline:
            for event in self._conversation.poll():
                if isinstance(event, Ready):
                    return
                if isinstance(event, Failure):
                    raise ConversationError(event.message)
            self._sleep(0.1)
        raise ProcessStartError(f"The conversation was not ready after {_LOAD_S:.0f} s; run `visavis doctor`.")

    def run(self, seconds: float, step: Step) -> None:
        """The talk; ends early where the conversation does."""
        self._began_s = self._clock()
        look_at_s, shown = 0.0, 0
        self._ask()
        while (at_s := self._clock() - self._began_s) < seconds:
            for event in self._conversation.poll():
                self._see(event)
                if isinstance(event, Failure) and event.fatal:
                    return
            if at_s >= self._ask_by_s:
                self.watched.unanswered += 1
                self._ask()
            if at_s >= look_at_s:
                look_at_s = at_s + _MEMORY_EVERY_S
                self._note(at_s)
                step.advance(round(at_s) - shown)
                shown = round(at_s)
            self._look()
            self._sleep(_LOOK_S if self._speaking else 3 * _LOOK_S)

    def _ask(self) -> None:
        self._conversation.send(Ask(str(self._questions[self._asked % len(self._questions)])))
        self._asked += 1
        self._ask_by_s = self._clock() - self._began_s + _PATIENCE_S

    def _see(self, event: AppEvent) -> None:
        watched = self.watched
        match event:
            case StateChanged(state=state):
                self._speaking = state in ("thinking", "speaking")
                if state == "thinking":
                    self._opened_ns = None
            case Caption(clause=0):
                self._first_sample[event.turn] = event.first
            case TurnDone(timings=timings):
                self._measure(timings)
                watched.turns.append(timings)
                if timings.question_end is not None:  # else only the beginning of the file was taken for a question
                    self._ask()
            case Failure():
                watched.failed += 1
                if len(watched.failures) < _TOLD_FAILURES:
                    at_s = round(self._clock() - self._began_s)
                    watched.failures.append(
                        {"at_s": at_s, "stage": event.stage, "error": event.error, "message": event.message}
                    )

    def _measure(self, timings: TurnTimings) -> None:
        first = self._first_sample.pop(timings.turn, None)
        self._first_sample.clear()
        if first is not None and timings.first_sample_out is not None:
            heard = self._conversation.clock.heard_at(timings.first_sample_out)
            self.watched.clock_ms.append((heard - first) * 1000 / SPEAKER_RATE)
        if self._opened_ns is not None and timings.first_audible_out is not None:
            self.watched.mouth_ms.append((self._opened_ns - timings.first_audible_out) / 1e6)

    def _look(self) -> None:
        if not self._speaking or self._opened_ns is not None:
            return
        now = round(self._clock() * 1e9)
        if self._conversation.face.at(self._conversation.clock.heard_at(now))[_JAW] >= _OPEN:
            self._opened_ns = now

    def _note(self, at_s: float) -> None:
        processes = {"app": os.getpid(), **self._conversation.process_ids}
        self.watched.moments.append(
            Moment(at_s, memory_mb(processes), self._conversation.queues, len(self.watched.turns))
        )


def figures(watched: Watched, seconds: float) -> dict[str, Any]:
    """What `bench_soak` tells, from what was seen."""
    names = list(dict.fromkeys(name for moment in watched.moments for name in moment.memory_mb))
    queues = list(dict.fromkeys(name for moment in watched.moments for name in moment.queues))
    latencies = [turn.speech_end_to_audio_ms for turn in watched.turns if turn.speech_end_to_audio_ms is not None]
    return {
        "turns": len(watched.turns),
        "unanswered": watched.unanswered,
        "failed": watched.failed,
        "memory": {name: _growth(watched.moments, name, seconds) for name in names},
        "queues": {
            name: {
                "max": max(moment.queues.get(name, 0) for moment in watched.moments),
                "end": watched.moments[-1].queues.get(name, 0),
            }
            for name in queues
        },
        "clock_ms": _drift(watched.clock_ms),
        "mouth_ms": _drift(watched.mouth_ms),
        "speech_end_to_audio_ms": {
            name: round(float(np.percentile(latencies, share)), 1) if latencies else None
            for name, share in (("p50", 50), ("p95", 95))
        },
        "failures": watched.failures,
        "moments": _rows(watched.moments, seconds),
    }


def _growth(moments: Sequence[Moment], name: str, seconds: float) -> dict[str, float]:
    """Of what is not given back within a minute, as a long answer that waits to be heard is: from the median of the
    first quarter after the warm-up to the highest of the last; a median of the last would not see what grows in its
    second half."""
    warm = [moment for moment in moments if name in moment.memory_mb and moment.at_s >= WARM_UP * seconds]
    warm = warm or [moment for moment in moments if name in moment.memory_mb][-1:]
    kept = [
        min(moment.memory_mb[name] for moment in warm[: i + 1] if moment.at_s > last.at_s - KEPT_S)
        for i, last in enumerate(warm)
    ]
    quarter = max(len(kept) // 4, 1)
    begin, end = float(np.median(kept[:quarter])), max(kept[-quarter:])
    return {
        "begin_mb": round(begin, 1),
        "end_mb": round(end, 1),
        "growth_percent": round(100 * (end - begin) / max(begin, 1e-9), 2),
    }


def _drift(values: Sequence[float]) -> dict[str, float | None]:
    """Medians of the first and the last tenth, of three at least, and from the one to the other."""
    tenth = max(len(values) // 10, 3)
    if len(values) < 2 * tenth:
        return {"first": None, "last": None, "drift": None}
    first, last = float(np.median(values[:tenth])), float(np.median(values[-tenth:]))
    return {"first": round(first, 2), "last": round(last, 2), "drift": round(last - first, 2)}


def _rows(moments: Sequence[Moment], seconds: float) -> list[dict[str, Any]]:
    """The last moment of each sixtieth of the talk."""
    last = {int(60 * moment.at_s / seconds): moment for moment in moments}
    return [
        {
            "minute": round(moment.at_s / 60, 2),
            "turns": moment.turns,
            "memory_mb": moment.memory_mb,
            "queues": moment.queues,
        }
        for moment in last.values()
    ]


def _questions(folder: Path | None, made: Path) -> list[Path]:
    if folder is None:
        return [speak(text, made / f"question{number}.wav") for number, text in enumerate(QUESTIONS)]
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".wav", ".flac"))
    if not found:
        raise ConversationError(f"{folder} holds no sound files (.wav, .flac) to ask; name another folder.")
    return found
