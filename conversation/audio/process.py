"""The audio process: devices, VAD, playback timeline, clock. No other engine ever runs here.

One loop takes everything from one inbox: blocks of the microphone, what the app and the conversation process say, and
what playback tells. Reader threads and device threads only put things in. What the ear does with a block of the
microphone stands in `ear`.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.errors import VisavisError
from conversation.audio.base import MICROPHONE_RATE, SPEAKER_RATE
from conversation.audio.ear import Ear
from conversation.audio.echo import EchoCanceller
from conversation.audio.files import FileMicrophone, Question, read_question
from conversation.audio.gathering import Block, Gathering
from conversation.audio.kept_voice import KeptVoice
from conversation.audio.playback import Playback
from conversation.audio.recording import Recorder
from conversation.audio.sound import Sound
from conversation.audio.spatial.spatialiser import Spatialiser
from conversation.audio.timeline import FaceSink, PlaybackEvent, Timeline
from conversation.errors import AudioError, BadMessageError, EngineError, LinkClosedError, NoEchoCancellerError
from conversation.link.audio_clock import AudioClock
from conversation.link.audio_events import (
    ClausePlaced,
    CloseUtterance,
    CutSpeech,
    Duck,
    FromAudio,
    Listening,
    PlaybackEnded,
    PlaybackStarted,
    QuestionLabelled,
    Speak,
    SpeechComplete,
    ToAudio,
)
from conversation.link.events import (
    Ask,
    AudioInput,
    Beat,
    DeviceBack,
    Failure,
    FromChild,
    Mute,
    NewPeer,
    Ready,
    RecordingDone,
    Stop,
    Talk,
)
from conversation.link.face_track import FaceTrack
from conversation.link.mouth_place import MouthPlace
from conversation.link.pipe import Pipe
from conversation.settings import ConversationSettings

F32 = npt.NDArray[np.float32]

_CHECK_DEVICES_S: Final = 1.0
_INBOX: Final = 2048
_BLOCKS: Final = 1024
"""Ten seconds of the microphone."""
_QUESTIONS: Final = 100
"""Files that may wait to be asked."""


class _Heard(Enum):
    """The microphone gave so much that it is worth listening to."""

    enough = 0


@dataclass(frozen=True)
class _Peer:
    """A conversation process came."""

    pipe: Pipe[FromAudio, ToAudio]


@dataclass(frozen=True)
class _PeerGone:
    pipe: Pipe[FromAudio, ToAudio]


_Item = _Heard | _Peer | _PeerGone | PlaybackEvent | Ask | Mute | Talk | Stop | ToAudio


def run_audio_process(
    connection: Connection, settings: ConversationSettings, face: str, clock: str, mouth: str
) -> None:
    """Main of the process; ends at Stop or when the app is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the app decides
    app: Pipe[FromChild, AudioInput] = Pipe(connection, AudioInput)
    try:
        with contextlib.suppress(LinkClosedError), AudioLoop(app, settings, face, clock, mouth) as loop:
            loop.run()
    except VisavisError as error:
        _report(app, "audio", error, fatal=True)


class AudioLoop:
    """Owns devices, VAD and timeline; everything happens in `run`'s thread."""

    def __init__(
        self, app: Pipe[FromChild, AudioInput], settings: ConversationSettings, face: str, clock: str, mouth: str
    ) -> None:
        self._app = app
        self._settings = settings
        # Full where this loop stands still; then sound of the microphone is lost, and readers wait.
        self._inbox: queue.Queue[_Item] = queue.Queue(_INBOX)
        self._peer: Pipe[FromAudio, ToAudio] | None = None
        self._face = FaceTrack.attach(face)
        self._clock = AudioClock.attach(clock)
        self._mouth = MouthPlace.attach(mouth)
        # After an audio process that died the count of samples goes on: readers of the clock know no way back.
        heard = self._clock.heard_at(time.monotonic_ns())
        first = round(heard) + SPEAKER_RATE if heard >= 0 else 0
        self._recorder = Recorder(settings.record_to, first) if settings.record_to else None
        faces: list[FaceSink] = [self._face, *([self._recorder.face] if self._recorder else [])]
        self._timeline = Timeline(SPEAKER_RATE, self._clock, faces, self._inbox.put, first=first)
        voice = KeptVoice(settings.engines.voice_activity.load, settings.supervision, self._engine_failed)
        self._ear = Ear(
            voice,
            settings.endpoint,
            settings.barge_in,
            self._canceller(),
            settings.tail_s,
            push_to_talk=settings.push_to_talk,
        )
        place = Spatialiser(SPEAKER_RATE, self._mouth.read(), room=settings.room) if settings.spatial else None
        self._playback = Playback(self._timeline, self._mouth, place, self._ear.played, self._recorder)
        self._listening = False
        self._gathering = Gathering(_BLOCKS)
        self._questions: deque[tuple[Question, bool]] = deque()
        """With whether each is asked over what the avatar says."""
        self._sound = Sound(
            settings.microphone if settings.voice else "file",
            settings.speaker if settings.voice else "file",
            self._deliver,
            self._playback.fill,
            self._report,
            settings.devices,
            back=lambda kind: self._app.send(DeviceBack(kind)),
        )

    def __enter__(self) -> AudioLoop:
        return self

    def __exit__(self, *_: object) -> None:
        self._sound.close()
        self._face.close()
        self._clock.close()
        self._mouth.close()

    def run(self) -> None:
        """Until the app says Stop; raises LinkClosedError when the app is gone without it."""
        threading.Thread(target=self._read_app, name="app-reader", daemon=True).start()
        self._app.send(Ready())
        check_at = time.monotonic() + _CHECK_DEVICES_S
        while True:
            try:
                item = self._inbox.get(timeout=_CHECK_DEVICES_S)
            except queue.Empty:
                item = None
            match item:
                case Stop():
                    break
                case _Heard.enough:
                    self._hear()
                case _Peer() | _PeerGone():
                    self._meet(item)
                case Ask():
                    self._ask(item)
                case Mute() | Talk():
                    self._hear()
                    self._gate(item)
                case Listening() | Speak() | SpeechComplete() | CutSpeech() | Duck() | CloseUtterance():
                    self._obey(item)
                case PlaybackStarted() | PlaybackEnded():
                    self._tell(item)
            if time.monotonic() >= check_at:
                check_at = time.monotonic() + _CHECK_DEVICES_S
                self._sound.check()
                waiting = {"audio inbox": self._inbox.qsize(), "microphone": self._gathering.waiting}
                self._app.send(Beat({**waiting, "questions": len(self._questions)}))
        self._finish()

    def _hear(self) -> None:
        """All that the microphone gave until now."""
        for block in self._gathering.take():
            self._hear_block(block)
        if self._gathering.want(self._ear.wants(busy=self._timeline.busy)):
            with contextlib.suppress(queue.Full):
                self._inbox.put_nowait(_Heard.enough)

    def _hear_block(self, block: Block) -> None:
        """The microphone's next block; half duplex lets none through while the avatar speaks."""
        busy = self._timeline.busy
        now, latency_s = time.monotonic_ns(), self._timeline.latency_s
        if self._ear.deaf(block.start_ns, now_ns=now, busy=busy, latency_s=latency_s):
            return
        self._play_question()
        for message in self._ear.hear(block.samples, block.start_ns, busy=busy):
            self._tell(message)

    def _gate(self, message: Mute | Talk) -> None:
        """The user opens or shuts the microphone."""
        if isinstance(message, Mute):
            told = self._ear.mute(message.on)
        else:
            self._tell(message)
            told = self._ear.hold(message.on, time.monotonic_ns())
        for heard in told:
            self._tell(heard)

    def _obey(self, message: ToAudio) -> None:
        now = time.monotonic_ns()
        match message:
            case Listening():
                self._listening = message.on
            case Speak():
                start = self._timeline.schedule(
                    message.turn,
                    message.clause,
                    message.samples,
                    message.frames,
                    message.frame_rate,
                    now,
                    message.first,
                )
                if start is not None:
                    self._tell(ClausePlaced(message.turn, message.clause, start, len(message.samples)))
            case SpeechComplete():
                self._timeline.complete(message.turn, now)
            case CutSpeech():
                self._tell(self._timeline.cut(message.turn, now))
            case CloseUtterance():
                self._ear.close(message.utterance)
            case Duck():
                self._timeline.duck(message.on)

    def _canceller(self) -> EchoCanceller | None:
        """None for half duplex, wanted or not."""
        if self._settings.duplex == "half" or not self._settings.voice:
            return None
        try:
            return EchoCanceller()
        except NoEchoCancellerError as error:
            self._report("microphone", error)
            return None

    def _ask(self, message: Ask) -> None:
        try:
            if not isinstance(self._sound.microphone, FileMicrophone):
                raise AudioError(f"{message.path} cannot be asked while a real microphone listens; use --hear.")
            if len(self._questions) >= _QUESTIONS:
                raise AudioError(f"{message.path} cannot be asked: {_QUESTIONS} questions wait already.")
            self._questions.append((read_question(Path(message.path)), message.over))
        except AudioError as error:
            self._report("microphone", error)

    def _play_question(self) -> None:
        """Let the next question begin, if it is its turn."""
        microphone = self._sound.microphone
        if not (self._questions and isinstance(microphone, FileMicrophone)) or microphone.playing:
            return
        question, over = self._questions[0]
        if not (self._listening or over):
            return
        self._questions.popleft()
        start_ns = microphone.play(question)
        label = QuestionLabelled(
            str(question.path),
            start_ns + question.first_voiced * 1_000_000_000 // MICROPHONE_RATE,
            start_ns + question.last_voiced * 1_000_000_000 // MICROPHONE_RATE,
        )
        if self._recorder:
            self._recorder.label(label)
        self._tell(label)

    def _meet(self, item: _Peer | _PeerGone) -> None:
        if isinstance(item, _Peer):
            self._peer = item.pipe
        elif item.pipe is self._peer:
            # Nobody will say more: silence, and ears open for the one that is started next.
            self._peer, self._listening = None, False
            self._timeline.cut(self._timeline.turn, time.monotonic_ns())
            self._ear.abandon()

    def _tell(self, message: FromAudio) -> None:
        """To the conversation process; without one there is nobody to care."""
        if self._peer is None:
            return
        try:
            self._peer.send(message)
        except LinkClosedError:
            self._meet(_PeerGone(self._peer))

    def _deliver(self, block: F32, start_ns: int) -> None:
        if self._recorder:
            # What is not listened to is not kept either.
            self._recorder.take_microphone(np.zeros_like(block) if self._ear.shut else block, start_ns)
        enough = self._settings.voice and self._gathering.put(Block(block, start_ns))
        if enough and self._inbox.qsize() < _INBOX // 2:
            self._inbox.put(_Heard.enough)

    def _read_app(self) -> None:
        try:
            while True:
                message = self._app.receive()
                if isinstance(message, NewPeer):
                    peer: Pipe[FromAudio, ToAudio] = Pipe(self._app.receive_connection(), ToAudio)
                    self._inbox.put(_Peer(peer))
                    threading.Thread(target=self._read_peer, args=(peer,), name="peer-reader", daemon=True).start()
                else:
                    self._inbox.put(message)
        except (LinkClosedError, BadMessageError):
            self._inbox.put(Stop())

    def _read_peer(self, peer: Pipe[FromAudio, ToAudio]) -> None:
        try:
            while True:
                self._inbox.put(peer.receive())
        except (LinkClosedError, BadMessageError):
            self._inbox.put(_PeerGone(peer))

    def _finish(self) -> None:
        self._sound.close()
        if self._recorder:
            try:
                self._app.send(RecordingDone(str(self._recorder.save())))
            except AudioError as error:
                self._report("recording", error)

    def _engine_failed(self, error: EngineError) -> None:
        _report(self._app, "vad", error)

    def _report(self, stage: str, error: AudioError) -> None:
        _report(self._app, stage, error)


def _report(app: Pipe[FromChild, AudioInput], stage: str, error: VisavisError, *, fatal: bool = False) -> None:
    with contextlib.suppress(LinkClosedError):
        app.send(Failure(stage, type(error).__name__, str(error), fatal))
