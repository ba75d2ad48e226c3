"""From an utterance that grows to its transcript: what to transcribe when, so that the last one is ready at once.

At a pause everything so far is decoded at once: it tells how long to wait for more (turns/end), and if the user turns
out to be done, it is the final transcript already. While the user speaks, partials are decoded as often as the
recogniser's own speed allows; on a slow machine there are none, because work that cannot be stopped at once would make
the final transcript wait.
A recogniser with rules of its own for the end (a streaming one) goes on listening to the silence: it may hear words
that the VAD did not, which are waited on anew, or find the user done.
Every utterance that began ends in one HeardFinal, empty where it was no speech; only one whose user goes on before it
was transcribed is instead put in front of the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.base import MICROPHONE_RATE
from conversation.link.audio_events import SpeechDropped, SpeechEnded, SpeechStarted, UtteranceAudio
from conversation.link.events import SpeechPaused, SpeechResumed
from conversation.turns.events import HeardFinal, HeardPartial, HeardPause

F32 = npt.NDArray[np.float32]

_FIRST_PARTIAL_S: Final = 1.5
_PARTIAL_EVERY_S: Final = 0.7
_LISTEN_EVERY_NS: Final = 200_000_000
"""Of a pause, given to a recogniser that has rules of its own for the end."""
_SHARE: Final = 2.0
"""Between partials the recogniser rests so many times as long as the last one took: others need the cores, too."""
_AFFORDABLE_S: Final = 0.35
"""After a transcript that took longer there are no partials until one takes less."""
_LONGEST: Final = 30 * MICROPHONE_RATE
"""Samples that are transcribed at most, the newest: what a recogniser takes at once."""
_NOISE: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]")


@dataclass(eq=False)
class Job:
    """One transcription; the recogniser's thread sets `text`, `over` and `seconds`, anybody `cancelled`."""

    utterance: int
    samples: F32
    pause_ns: int | None
    """The user had been silent since before this time; None: a partial in mid-speech."""
    listens: bool = False
    """Only whether more was said after all, or the user is done by the recogniser's own rules."""
    cancelled: bool = False
    text: str | None = None
    over: bool | None = None
    """By the recogniser's own rules the user is done; None: it has none."""
    seconds: float = 0.0
    """What the work took."""


OfUtterance = SpeechStarted | UtteranceAudio | SpeechPaused | SpeechResumed | SpeechEnded | SpeechDropped

Known = HeardPartial | HeardPause | HeardFinal
"""What is known of an utterance's words now."""


class Hearing:
    """One utterance at a time; called from one thread. `start` gives a job to the recogniser's thread."""

    def __init__(self, start: Callable[[Job], None], clock: Callable[[], int]) -> None:
        self._start = start
        self._clock = clock
        self._utterance = 0
        self._pieces: list[F32] = []
        self._waiting = False  # the pieces begin with an earlier utterance that was never transcribed
        self._job: Job | None = None
        self._finished: Job | None = None  # the last pause's, if speech may not have gone on since
        self._ended: SpeechEnded | None = None
        self._rest_until_ns = 0
        self._silent = False  # in a pause
        self._listen_at_ns = 0  # when more of its silence is listened to
        self._cost_s = 0.0  # of the last job

    def handle(self, event: OfUtterance) -> list[Known]:
        """Something about the utterance. SpeechEnded may also come from who decided that the user is done."""
        if not isinstance(event, SpeechStarted) and event.utterance != self._utterance:
            return []
        match event:
            case SpeechStarted():
                waiting = self._pieces if self._ended is not None else []
                self._reset(event.utterance)
                self._pieces, self._waiting = waiting, bool(waiting)
            case UtteranceAudio():
                self._pieces.append(event.samples)
                if not self._listens_on():
                    self._consider_partial()
            case SpeechPaused():
                self._rest(_PARTIAL_EVERY_S)  # what follows at once is silence or too little to be worth a partial
                self._replace_job(event.time)
            case SpeechResumed():
                self._silent = False
            case SpeechEnded():
                self._ended = event
                return self._settle()
            case SpeechDropped() if self._waiting:
                now = self._clock()
                self._ended = SpeechEnded(event.utterance, now, now)
                return self._settle()
            case SpeechDropped():
                self._reset(0)
                return [HeardFinal(event.utterance, "")]
        return []

    def forget(self, utterance: int) -> None:
        """Nobody wants to know any more what is said in this utterance, or was in one that it goes on from."""
        if utterance == self._utterance:
            self._reset(0)

    def done(self, job: Job) -> list[Known]:
        """A job ended (or failed: its text is None); what is known now."""
        self._rest(_SHARE * job.seconds)
        self._cost_s = job.seconds or self._cost_s
        if job is not self._job:
            return []
        self._job = None
        if job.text is None:
            return []  # the failure itself was reported where it happened
        known = self._finished
        if job.listens and known is not None:
            more = len(job.text) > len(known.text or "")
            known.text, known.over = job.text if more else known.text, job.over
            tells = more or bool(job.over)
        elif job.pause_ns is not None:
            self._finished, known, tells = job, job, True
        if self._ended is not None:
            return self._settle()
        if known is not None and job.pause_ns is not None:
            self._listen_at_ns = self._clock() + _LISTEN_EVERY_NS
            return [HeardPause(known.utterance, known.text or "", over=bool(known.over))] if tells else []
        return [HeardPartial(job.utterance, job.text)] if job.text else []

    def _settle(self) -> list[Known]:
        """The utterance has ended: the pause's transcript if nothing was said since, else one more."""
        ended = self._ended
        assert ended is not None
        finished = self._finished
        if finished is not None and _covers(finished, ended):
            self._reset(0)
            return [HeardFinal(finished.utterance, finished.text or "")]
        if self._job is None or not _covers(self._job, ended):
            self._replace_job(ended.time)
        return []

    def _listens_on(self) -> bool:
        """Whether this is silence that is listened to, by a recogniser that can tell when the user is done."""
        finished = self._finished
        if finished is None or finished.over is not False or not self._silent:
            return False
        if self._job is None and self._ended is None and self._clock() >= self._listen_at_ns:
            self._begin(finished.pause_ns, listens=True)
        return True

    def _consider_partial(self) -> None:
        seconds = sum(map(len, self._pieces)) / MICROPHONE_RATE
        affordable = self._cost_s <= _AFFORDABLE_S and self._clock() >= self._rest_until_ns
        if self._job is None and seconds >= _FIRST_PARTIAL_S and affordable:
            self._rest(_PARTIAL_EVERY_S)
            self._begin(None)

    def _replace_job(self, pause_ns: int) -> None:
        if self._job is not None:
            self._job.cancelled = True
        self._finished, self._silent = None, True
        self._begin(pause_ns)

    def _rest(self, seconds: float) -> None:
        self._rest_until_ns = max(self._rest_until_ns, self._clock() + round(seconds * 1e9))

    def _begin(self, pause_ns: int | None, *, listens: bool = False) -> None:
        self._pieces = [np.concatenate(self._pieces)[-_LONGEST:]]
        self._job = Job(self._utterance, self._pieces[0], pause_ns, listens)
        self._start(self._job)

    def _reset(self, utterance: int) -> None:
        if self._job is not None:
            self._job.cancelled = True
        self._utterance, self._pieces, self._waiting = utterance, [], False
        self._job = self._finished = self._ended = None


def clean_transcript(text: str) -> str:
    """A transcript without what is no speech ("[BLANK_AUDIO]", "(coughs)"); "" where nothing is left."""
    text = " ".join(_NOISE.sub(" ", text).split())
    return text if any(character.isalnum() for character in text) else ""


def _covers(job: Job, ended: SpeechEnded) -> bool:
    return job.pause_ns is not None and ended.speech_end <= job.pause_ns
