"""The slow stages of a turn, each in a thread of its own: here the recogniser, and speech with its face.

MNN's sessions free the GIL while they run, so that clause N+1 is synthesised while the language model's next tokens
arrive and the turn machine goes on. A stage that fails says so (StageFailed) and goes on with its next piece of work.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import msgspec
import numpy as np
import soxr

from assets.errors import VisavisError
from conversation.audio.base import MICROPHONE_RATE, SPEAKER_RATE
from conversation.engines.base import FaceDriver, Paced, SpeechRecogniser, SpeechSynthesiser
from conversation.engines.voice import Voice
from conversation.errors import EngineError, LanguageError
from conversation.face.colour import pace_of
from conversation.face.reply import FaceReply
from conversation.hearing import Job, clean_transcript
from conversation.link.events import ChangeVoice, FromAudio, Speak, SpeechComplete, ToAudio
from conversation.link.pipe import Pipe
from conversation.turn_actions import Say, SayEnd
from conversation.turn_events import ClauseMade, StageFailed

Put = Callable[[object], None]
"""Puts an event into the inbox of the conversation process."""


class Worker:
    """A thread that does one thing after the other."""

    def __init__(self, stage: str, put: Put) -> None:
        self._stage = stage
        self._put = put
        self._work: queue.SimpleQueue[tuple[Callable[[], None], int | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=stage, daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], None], *, turn: int | None = None) -> None:
        """Queue work; `turn` is told with a failure."""
        self._work.put((work, turn))

    def close(self, timeout_s: float) -> None:
        """Let the thread end after what it does now."""
        self._work.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            work, turn = item
            try:
                work()
            except VisavisError as error:
                self._put(StageFailed(self._stage, type(error).__name__, str(error), turn))
            except Exception as error:  # whatever a model's library raises must not end the conversation
                message = f"The {self._stage} stage failed ({type(error).__name__}: {error}); ask again."
                self._put(StageFailed(self._stage, EngineError.__name__, message, turn))


class RecogniserStage:
    """Transcribes; a finished job goes back into the inbox."""

    def __init__(self, put: Put, unknown_languages: Mapping[str, str]) -> None:
        self._put = put
        self._untold = dict(unknown_languages)
        self._worker = Worker("asr", put)
        self._recogniser: SpeechRecogniser | None = None

    def use(self, recogniser: SpeechRecogniser) -> None:
        """The engine, once it is loaded; the first call is the slow one, so it is made now."""
        recogniser.transcribe(0.01 * np.random.default_rng(0).standard_normal(MICROPHONE_RATE, np.float32))
        self._recogniser = recogniser

    def start(self, job: Job) -> None:
        """Transcribe when the jobs before it are done."""
        self._worker.do(lambda: self._transcribe(job))

    def close(self) -> None:
        """End the thread."""
        self._worker.close(1.0)

    def _transcribe(self, job: Job) -> None:
        try:
            if job.cancelled or self._recogniser is None:
                return
            began = time.monotonic()
            transcript = self._recogniser.transcribe(
                job.samples, partial=job.pause_ns is None, cancelled=lambda: job.cancelled
            )
            job.seconds = time.monotonic() - began
            if not job.cancelled:
                job.text = clean_transcript(transcript.text)
                if job.text and job.pause_ns is not None and (sentence := self._untold.pop(transcript.spoken, None)):
                    self._put(StageFailed("language", LanguageError.__name__, sentence))
        finally:
            self._put(job)


class SpeechStage:
    """Text to voice and face, clause by clause, straight to the audio process."""

    def __init__(self, audio: Pipe[ToAudio, FromAudio], put: Put, cancelled: Callable[[int], bool]) -> None:
        self._audio = audio
        self._put = put
        self._cancelled = cancelled
        self._worker = Worker("tts", put)
        self._voice: SpeechSynthesiser | None = None
        self._face: FaceDriver | None = None
        self._reply: FaceReply | None = None
        self._reply_turn = -1

    def use(self, voice: SpeechSynthesiser, face: FaceDriver) -> None:
        """The engines, once they are loaded; the first call is the slow one, so it is made now."""
        speech = voice.synthesise("Hello.")
        FaceReply(face, SPEAKER_RATE).push(speech.samples)
        self._voice, self._face = voice, face

    def change(self, wanted: ChangeVoice) -> None:
        """Speak otherwise from the next sentence on, which may be of a clause in work; what cannot be is reported."""
        try:
            if self._voice is None:
                raise EngineError("The voice is not loaded yet: change it once the conversation is ready.")
            if not isinstance(self._voice, Voice):
                raise EngineError("This voice cannot be changed while it speaks: choose another engine for speech.")
            changed = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
            self._voice.settings = replace(self._voice.settings, **changed)
        except EngineError as error:
            self._put(StageFailed("tts", type(error).__name__, str(error)))

    def say(self, action: Say) -> None:
        """Synthesise and queue one clause."""
        self._worker.do(lambda: self._say(action), turn=action.turn)

    def end(self, action: SayEnd) -> None:
        """After the clauses queued so far, the turn is complete."""
        self._worker.do(lambda: self._audio.send(SpeechComplete(action.turn)), turn=action.turn)

    def close(self) -> None:
        """End the thread."""
        self._worker.close(1.0)

    def _say(self, action: Say) -> None:
        if self._cancelled(action.turn):
            return
        if self._voice is None or self._face is None:
            raise EngineError("The voice is not loaded yet; ask again.")
        if isinstance(self._voice, Paced):
            self._voice.pace = pace_of(action.mood)
        speech = self._voice.synthesise(action.text, cancelled=lambda: self._cancelled(action.turn))
        audio_made = time.monotonic_ns()
        samples = speech.samples
        if speech.sample_rate != SPEAKER_RATE and len(samples):
            samples = soxr.resample(samples, speech.sample_rate, SPEAKER_RATE)
        if self._cancelled(action.turn):
            return
        if action.turn != self._reply_turn or self._reply is None:
            self._reply_turn, self._reply = action.turn, FaceReply(self._face, SPEAKER_RATE)
        piece = self._reply.push(samples, action.mood)
        face_made = time.monotonic_ns()
        self._audio.send(
            Speak(action.turn, action.clause, samples, piece.frames, self._face.frame_rate, first=piece.first)
        )
        self._put(ClauseMade(action.turn, action.clause, len(samples), audio_made, face_made))
