"""The conversation process: the turn machine, and the stages that do what it decides.

One loop takes everything from one inbox (what the app and the audio process say, what the stages finished), asks the
turn machine, and hands its actions to the stages. Nothing in the loop takes long.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import time
from multiprocessing.connection import Connection
from typing import Any, Final

from assets.errors import VisavisError
from conversation.errors import BadMessageError, LinkClosedError
from conversation.link.audio_events import (
    CloseUtterance,
    CutSpeech,
    Duck,
    FromAudio,
    Listening,
    SpeechDropped,
    SpeechEnded,
    SpeechStarted,
    ToAudio,
    UtteranceAudio,
)
from conversation.link.events import (
    Beat,
    ChangeLora,
    ChangeVoice,
    ConversationInput,
    Failure,
    FromChild,
    ListVoices,
    Loading,
    SpeechPaused,
    SpeechResumed,
    StateChanged,
    Stop,
    Typed,
)
from conversation.link.pipe import Pipe
from conversation.settings import ConversationSettings
from conversation.speech_text.script import is_chinese
from conversation.stages.hearing import Hearing, Job
from conversation.stages.language import LanguageStage
from conversation.stages.memory import MemoryStage
from conversation.stages.speech import RecogniserStage, SpeechStage
from conversation.turns.actions import (
    Action,
    Answer,
    CancelTurn,
    DropUtterance,
    EndUtterance,
    Record,
    Remember,
    Say,
    SayEnd,
    TakeBack,
    Tell,
    Weigh,
)
from conversation.turns.events import EnginesReady, Tick, TurnEvent
from conversation.turns.machine import TurnMachine

_Item = TurnEvent | FromAudio | Job | ChangeVoice | ListVoices | ChangeLora | Stop
"""What the inbox holds."""
_INBOX: Final = 4096
_BEAT_S: Final = 1.0


def run_conversation_process(
    app_connection: Connection,
    audio_connection: Connection,
    settings: ConversationSettings,
    first_turn: int,
) -> None:
    """Main of the process; ends at Stop, or when the app or the audio process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the app decides
    app: Pipe[FromChild, ConversationInput] = Pipe(app_connection, ConversationInput)
    audio: Pipe[ToAudio, FromAudio] = Pipe(audio_connection, FromAudio)
    loop = ConversationLoop(app, audio, settings, first_turn)
    try:
        loop.run()
    except LinkClosedError:
        pass
    except VisavisError as error:
        with contextlib.suppress(LinkClosedError):
            app.send(Failure("conversation", type(error).__name__, str(error), fatal=True))
    finally:
        loop.close()


class ConversationLoop:
    """Owns the turn machine and the stages; everything is decided in `run`'s thread."""

    def __init__(
        self,
        app: Pipe[FromChild, ConversationInput],
        audio: Pipe[ToAudio, FromAudio],
        settings: ConversationSettings,
        first_turn: int,
    ) -> None:
        self._app = app
        self._audio = audio
        self._settings = settings
        # Full where this loop stands still: then the readers wait, as do those who write to them, until the app, which
        # hears no sign of life any more, ends this process. Stages never put in more than they were asked to do.
        self._inbox: queue.Queue[Any] = queue.Queue(_INBOX)
        self._beat_at = 0.0
        self._cancelled_turn = 0
        welcome = settings.welcome if first_turn == 1 else None  # a restarted process was welcome before
        self._machine = TurnMachine(
            time.monotonic_ns,
            welcome=welcome,
            first_turn=first_turn,
            cut=settings.cut,
            emoji=settings.emoji,
            turn_end=settings.turn_end,
            silent=not settings.voice,
        )
        self._language = LanguageStage(settings, self._inbox.put, self._is_cancelled)
        self._memory = MemoryStage(settings, self._inbox.put)
        self._recogniser = RecogniserStage(self._inbox.put, settings.unknown_languages, settings.supervision)
        self._speech = SpeechStage(
            audio, self._inbox.put, self._is_cancelled, settings.supervision, unspoken=settings.unspoken_languages
        )
        self._hearing = Hearing(self._recogniser.start, time.monotonic_ns)

    def run(self) -> None:
        """Load, then converse until Stop; raises LinkClosedError when a neighbour is gone."""
        threading.Thread(target=self._read, args=(self._app,), name="app-reader", daemon=True).start()
        threading.Thread(target=self._read, args=(self._audio,), name="audio-reader", daemon=True).start()
        self._load()
        while True:
            self._watch()
            item = self._next()
            if isinstance(item, SpeechPaused | SpeechResumed):
                self._app.send(item)  # who listens nods in pauses
            match item:
                case Stop():
                    return
                case Job():
                    self._decide(self._hearing.done(item))
                case SpeechStarted() | SpeechPaused() | SpeechResumed() | SpeechEnded():
                    self._decide([item])
                    self._decide(self._hearing.handle(item))
                case UtteranceAudio() | SpeechDropped():
                    self._decide(self._hearing.handle(item))
                case ChangeVoice():
                    self._speech.change(item)
                    self._tell_voices()
                case ListVoices():
                    self._speech.find_voices()
                    self._tell_voices()
                case ChangeLora():
                    self._language.change(item)
                case Typed():
                    self._recogniser.meet("zh" if is_chinese(item.text) else "en")
                    self._decide([item])
                case _:
                    self._decide([item])

    def _next(self) -> _Item:
        """What happened next; that nothing did before the turn machine, or `_watch`, wants to be woken."""
        wake = self._machine.wake_at
        timeout = _BEAT_S if wake is None else min(_BEAT_S, max(0.0, (wake - time.monotonic_ns()) / 1e9))
        try:
            item: _Item = self._inbox.get(timeout=timeout)
        except queue.Empty:
            return Tick()
        return item

    def _watch(self) -> None:
        """Give up what hangs, and tell the app that this loop does not."""
        now = time.monotonic()
        if now < self._beat_at:
            return
        self._beat_at = now + _BEAT_S
        stages: dict[str, RecogniserStage | LanguageStage | SpeechStage]
        stages = {"asr": self._recogniser, "llm": self._language, "tts": self._speech}
        for stage in stages.values():
            stage.look()
        self._app.send(Beat({"inbox": self._inbox.qsize(), **{name: stage.waiting for name, stage in stages.items()}}))

    def close(self) -> None:
        """End the stages; whatever they still do is cancelled."""
        self._cancelled_turn = 1 << 62
        self._recogniser.close()
        self._speech.close()
        self._language.close()
        self._memory.close()

    def _load(self) -> None:
        """The language model loads in its own process meanwhile."""
        engines = self._settings.engines
        loaded = threading.Event()

        def ready() -> None:
            loaded.wait()
            self._inbox.put(EnginesReady())

        self._app.send(Loading("llm"))
        self._language.load(ready)
        try:
            if not self._settings.voice:
                return
            self._app.send(Loading("tts"))
            self._speech.use_voice(engines.synthesiser.load)
            self._tell_voices()
            self._app.send(Loading("a2bs"))
            self._speech.use_face(engines.face_driver.load)
            self._app.send(Loading("asr"))
            self._recogniser.use(engines.recogniser.load)
        finally:
            loaded.set()

    def _tell_voices(self) -> None:
        if (voices := self._speech.voices) is not None:
            self._app.send(voices)

    def _decide(self, events: list[Any]) -> None:
        for event in events:
            for action in self._machine.handle(event):
                self._act(action)

    def _act(self, action: Action) -> None:
        match action:
            case Tell():
                self._app.send(action.message)
                if isinstance(action.message, StateChanged):
                    self._audio.send(Listening(action.message.state == "listening"))
            case Weigh():
                self._language.weigh(action)
            case Answer():
                self._language.answer(action)
            case Say():
                self._speech.say(action)
            case SayEnd():
                self._speech.end(action)
            case Remember():
                self._language.remember(action)
            case TakeBack():
                self._language.take_back(action)
            case Record():
                self._memory.record(action)
            case EndUtterance():
                self._audio.send(CloseUtterance(action.utterance))
                ended = SpeechEnded(action.utterance, action.speech_end, time.monotonic_ns())
                self._decide(self._hearing.handle(ended))
            case DropUtterance():
                self._audio.send(CloseUtterance(action.utterance))
                self._hearing.forget(action.utterance)
            case Duck():
                self._audio.send(action)
            case CancelTurn():
                self._cancelled_turn = max(self._cancelled_turn, action.turn)
                self._audio.send(CutSpeech(action.turn))

    def _is_cancelled(self, turn: int) -> bool:
        """Turn numbers grow: one number says which are cancelled. A turn that ended by itself needs no cancel."""
        return turn <= self._cancelled_turn

    def _read(self, pipe: Pipe[Any, Any]) -> None:
        try:
            while True:
                self._inbox.put(pipe.receive())
        except (LinkClosedError, BadMessageError):
            self._inbox.put(Stop())
