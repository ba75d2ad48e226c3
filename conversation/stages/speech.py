"""The slow stages of a turn, each in a thread of its own: here the recogniser, and speech with its face.

MNN's sessions free the GIL while they run, so that clause N+1 is synthesised while the language model's next tokens
arrive and the turn machine goes on. A stage that fails says so (StageFailed) and goes on with its next piece of work.
An engine that crashed, or took longer than its patience (`look`), is loaded again (supervision, worker).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import numpy as np
import soxr

from assets.arkit import ARKIT_SHAPES
from assets.errors import VisavisError
from conversation.audio.base import MICROPHONE_RATE, SPEAKER_RATE
from conversation.engines.base import F32, FaceDriver, Paced, SpeechRecogniser, SpeechSynthesiser
from conversation.engines.tts.voice import Voice, VoiceSettings
from conversation.errors import EngineError, EngineHungError, LanguageError
from conversation.face.colour import pace_of
from conversation.face.reply import FacePiece, FaceReply
from conversation.link.audio_events import FromAudio, Speak, SpeechComplete, ToAudio
from conversation.link.events import ChangeVoice, Voices
from conversation.link.pipe import Pipe
from conversation.processes.supervision import Clock, Keeper, Restarts, Supervision
from conversation.processes.worker import Put, Work, Worker
from conversation.speech_text.script import is_chinese
from conversation.stages.hearing import Job, clean_transcript
from conversation.turns.actions import Say, SayEnd
from conversation.turns.events import ClauseMade, StageFailed

T = TypeVar("T")


class RecogniserStage:
    """Transcribes; a finished job goes back into the inbox."""

    def __init__(
        self,
        put: Put,
        unknown_languages: Mapping[str, str],
        supervision: Supervision | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._put = put
        self._untold = dict(unknown_languages)
        self._supervision = supervision or Supervision()
        self._keeper: Keeper[SpeechRecogniser] = Keeper("Speech recognition", Restarts(self._supervision, clock))
        self._worker = Worker(
            "asr",
            put,
            patience_s=self._supervision.recogniser_s,
            broken=self._broken,
            clock=clock,
        )
        self._job: Job | None = None

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return self._worker.waiting

    def use(self, load: Callable[[], SpeechRecogniser]) -> None:
        """Load the engine; its first call is the slow one, so it is made at once."""

        def warm() -> SpeechRecogniser:
            recogniser = load()
            recogniser.transcribe(0.01 * np.random.default_rng(0).standard_normal(MICROPHONE_RATE, np.float32))
            return recogniser

        self._keeper.load(warm)

    def start(self, job: Job) -> None:
        """Transcribe when the jobs before it are done."""
        if not self._worker.do(lambda: self._transcribe(job)):
            self._put(job)

    def look(self) -> None:
        """Give up a transcript that takes too long."""
        if (late := self._worker.overdue()) is not None:
            job = self._job
            self._worker.give_up(lambda: _again(self._keeper), patience_s=self._supervision.load_s)
            if job is not None:
                job.cancelled = True
                self._put(job)
            self._put(_hangs("asr", self._keeper, late))

    def meet(self, language: str) -> None:
        """The user speaks or writes it: told once where the engines do not know it."""
        if sentence := self._untold.pop(language, None):
            self._put(StageFailed("language", LanguageError.__name__, sentence))

    def close(self) -> None:
        """End the thread."""
        self._worker.close(1.0)

    def _broken(self, error: Exception) -> str:
        return _lost(self._keeper, error, self._worker, self._supervision)

    def _transcribe(self, job: Job) -> None:
        try:
            if job.cancelled:
                return
            self._job = job
            recogniser = _got(self._keeper, self._worker, self._supervision)
            began = time.monotonic()
            transcript = recogniser.transcribe(
                job.samples, partial=job.pause_ns is None or job.listens, cancelled=lambda: job.cancelled
            )
            job.seconds = time.monotonic() - began
            if not job.cancelled:
                job.text, job.over = clean_transcript(transcript.text), transcript.over
                if job.text and job.pause_ns is not None:
                    self.meet(transcript.spoken)
        finally:
            self._put(job)


class SpeechStage:
    """Text to voice and face, clause by clause, straight to the audio process.

    A face that fails does not silence the voice: the clause is spoken with the face at rest.
    """

    def __init__(
        self,
        audio: Pipe[ToAudio, FromAudio],
        put: Put,
        cancelled: Callable[[int], bool],
        supervision: Supervision | None = None,
        clock: Clock = time.monotonic,
        *,
        unspoken: Mapping[str, str] | None = None,
    ) -> None:
        self._untold = dict(unspoken or {})
        self._audio = audio
        self._put = put
        self._cancelled = cancelled
        self._supervision = supervision or Supervision()
        self._voice: Keeper[SpeechSynthesiser] = Keeper("The voice", Restarts(self._supervision, clock))
        self._face: Keeper[FaceDriver] = Keeper("The movement of the face", Restarts(self._supervision, clock))
        self._worker = Worker(
            "tts",
            put,
            patience_s=self._supervision.speech_s,
            broken=self._broken,
            clock=clock,
        )
        self._at_face = False
        self._settings: VoiceSettings | None = None
        self._reply: FaceReply | None = None
        self._reply_turn = -1

    @property
    def waiting(self) -> int:
        """Clauses in the queue."""
        return self._worker.waiting

    def use_voice(self, load: Callable[[], SpeechSynthesiser]) -> None:
        """Load the engine; its first call is the slow one, so it is made at once."""

        def warm() -> SpeechSynthesiser:
            voice = load()
            if self._settings is not None and isinstance(voice, Voice):
                voice.settings = self._settings
            voice.synthesise("Hello.")
            return voice

        self._voice.load(warm)

    def use_face(self, load: Callable[[], FaceDriver]) -> None:
        """As `use_voice`."""

        def warm() -> FaceDriver:
            face = load()
            FaceReply(face, SPEAKER_RATE).push(np.zeros(SPEAKER_RATE, np.float32))
            return face

        self._face.load(warm)

    def look(self) -> None:
        """Give up a clause that takes too long."""
        if (late := self._worker.overdue()) is not None:
            self._reply, stage = None, "tts"
            if self._at_face:
                stage = "a2bs"
                failed = _hangs(stage, self._face, late)
                self._worker.give_up(lambda: _again(self._face), patience_s=self._supervision.load_s)
            else:
                failed = _hangs(stage, self._voice, late)
                self._worker.give_up(lambda: _again(self._voice), patience_s=self._supervision.load_s)
            self._put(failed)

    def change(self, wanted: ChangeVoice) -> None:
        """Speak otherwise from the next sentence on, which may be of a clause in work; what cannot be is reported."""
        try:
            voice = self._voice.engine
            if voice is None:
                raise EngineError("The voice is not loaded yet: change it once the conversation is ready.")
            if not isinstance(voice, Voice):
                raise EngineError("This voice cannot be changed while it speaks: choose another engine for speech.")
            changed = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
            voice.settings = self._settings = replace(voice.settings, **changed)
        except EngineError as error:
            self._put(StageFailed("tts", type(error).__name__, str(error)))

    def find_voices(self) -> None:
        """Look for voices that came after it was loaded; what is wrong with them is reported."""
        voice = self._voice.engine
        if isinstance(voice, Voice):
            try:
                voice.find_voices()
            except EngineError as error:
                self._put(StageFailed("tts", type(error).__name__, str(error)))

    @property
    def voices(self) -> Voices | None:
        """What `change` can choose from, where that is more than one voice."""
        voice = self._voice.engine
        if not isinstance(voice, Voice) or len(voice.voices) < 2:
            return None
        return Voices(voice.voices, voice.settings.voice)

    def say(self, action: Say) -> None:
        """Synthesise and queue one clause."""
        self._worker.do(lambda: self._say(action), turn=action.turn)

    def end(self, action: SayEnd) -> None:
        """After the clauses queued so far, the turn is complete."""
        self._worker.do(lambda: self._audio.send(SpeechComplete(action.turn)), turn=action.turn)

    def close(self) -> None:
        """End the thread."""
        self._worker.close(1.0)

    def _broken(self, error: Exception) -> str:
        return _lost(self._voice, error, self._worker, self._supervision)

    def _say(self, action: Say) -> None:
        if self._cancelled(action.turn):
            return
        self._at_face = False
        if is_chinese(action.text) and (sentence := self._untold.pop("zh", None)):
            self._put(StageFailed("language", LanguageError.__name__, sentence))
        voice = _got(self._voice, self._worker, self._supervision)
        if isinstance(voice, Paced):
            voice.pace = pace_of(action.mood)
        speech = voice.synthesise(action.text, cancelled=lambda: self._cancelled(action.turn))
        audio_made = time.monotonic_ns()
        samples = speech.samples
        if speech.sample_rate != SPEAKER_RATE and len(samples):
            samples = soxr.resample(samples, speech.sample_rate, SPEAKER_RATE)
        if self._cancelled(action.turn) or not self._worker.sign():
            return
        piece, rate = self._moved(action, samples)
        if not self._worker.sign():
            return
        face_made = time.monotonic_ns()
        self._audio.send(Speak(action.turn, action.clause, samples, piece.frames, rate, first=piece.first))
        self._put(ClauseMade(action.turn, action.clause, len(samples), audio_made, face_made))

    def _moved(self, action: Say, samples: F32) -> tuple[FacePiece, float]:
        """The face of a clause and its frame rate; at rest where it cannot be had, which is told."""
        self._at_face = True
        try:
            face = _got(self._face, self._worker, self._supervision)
            if action.turn != self._reply_turn or self._reply is None:
                self._reply_turn, self._reply = action.turn, FaceReply(face, SPEAKER_RATE)
            return self._reply.push(samples, action.mood), face.frame_rate
        except Exception as error:
            if not self._worker.sign():
                raise
            if self._face.engine is not None:
                told = self._face.lose(_stopped(error))
                self._reply = None
                self._put(StageFailed("a2bs", EngineError.__name__, told))
            return FacePiece(np.zeros((1, len(ARKIT_SHAPES)), np.float32), 0), 1.0
        finally:
            self._at_face = False


def _stopped(error: Exception) -> str:
    return f"stopped working ({type(error).__name__}: {str(error).rstrip('.')})"


def _lost(keeper: Keeper[Any], error: Exception, worker: Worker, supervision: Supervision) -> str:
    """An engine broke: it is loaded again at once, so that the next question need not wait for it."""
    if keeper.engine is None:
        return str(error)
    told = keeper.lose(_stopped(error))
    worker.do(lambda: _again(keeper), patience_s=supervision.load_s)
    return told


def _got(keeper: Keeper[T], worker: Worker, supervision: Supervision) -> T:
    """The engine; where it has to be loaded first, that has its own patience."""
    if keeper.engine is None:
        worker.sign(supervision.load_s)
    engine = keeper.get()
    worker.sign()
    return engine


def _hangs(stage: str, keeper: Keeper[Any], late: Work) -> StageFailed:
    message = keeper.lose(f"did not answer for {late.patience_s or 0.0:.0f} s")
    return StageFailed(stage, EngineHungError.__name__, message, late.turn)


def _again(keeper: Keeper[Any]) -> None:
    with contextlib.suppress(VisavisError):  # whoever needs it next is told
        keeper.get()
