"""The conversation as the app sees it: starts, watches and ends the processes; events come out, commands go in.

Two processes are children of the app (audio, conversation), the language model is a child of the conversation process.
One thread for each child waits on its pipe and sleeps otherwise. A conversation process that dies is started again
once, on the same audio process; without an audio process there is no conversation. When the app itself is killed, the
children see the end of their pipes and go.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import queue
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from conversation.audio.base import SPEAKER_RATE
from conversation.audio.process import run_audio_process
from conversation.errors import (
    BadMessageError,
    LinkClosedError,
    ProcessDiedError,
    ProcessStartError,
)
from conversation.link.audio_clock import AudioClock
from conversation.link.events import (
    AppEvent,
    Ask,
    AudioInput,
    Command,
    ConversationInput,
    Failure,
    NewPeer,
    Ready,
    RecordingDone,
    StateChanged,
    Stop,
    Transcript,
)
from conversation.link.face_track import FaceTrack
from conversation.link.pipe import Pipe, connection_pair
from conversation.process import run_conversation_process
from conversation.settings import ConversationSettings

_RESTARTS: Final = 1
_STOP_S: Final = 4.0
"""So long the processes have to end by themselves; then they are terminated."""
_TERMINATE_S: Final = 1.0

_SPAWN: Final = multiprocessing.get_context("spawn")


class Conversation:
    """A running conversation; a context manager."""

    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self._events: queue.SimpleQueue[AppEvent] = queue.SimpleQueue()
        self._audio: _Child | None = None
        self._converse: _Child | None = None
        self._restarts_left = _RESTARTS
        self._newest_turn = 0
        self._lock = threading.Lock()  # starting and ending children
        self._closing = False
        self.face = FaceTrack.create(rate=SPEAKER_RATE)
        """The face by audio sample; read it at `clock.heard_at(time)`."""
        self.clock = AudioClock.create(SPEAKER_RATE)
        """Which sample is heard when."""
        self.recording: Path | None = None
        """Folder of the recording, once `close` has returned."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the processes and return at once; `Ready` says when the avatar listens. Raises ProcessStartError."""
        atexit.register(self.close)  # runs before multiprocessing waits for its children
        with self._lock:
            self._audio = _Child(
                "audio", AudioInput, run_audio_process, (self._settings, self.face.name, self.clock.name)
            )
            self._start_conversing(self._audio)
        self._watch(self._audio)

    @property
    def ready(self) -> bool:
        """All engines are loaded and sound runs."""
        return all(child is not None and child.ready and not child.ended for child in (self._audio, self._converse))

    def poll(self) -> list[AppEvent]:
        """What happened since the last call; never blocks."""
        events: list[AppEvent] = []
        with contextlib.suppress(queue.Empty):
            while True:
                events.append(self._events.get_nowait())
        return events

    def send(self, command: Command) -> None:
        """Tell the conversation what to do; lost where the process that would do it is gone (a Failure says so)."""
        child = self._audio if isinstance(command, Ask) else self._converse
        if child is not None:
            child.send(command)

    def close(self) -> None:
        """End all processes, write the recording, remove shared memory; returns within a few seconds."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            children = [child for child in (self._converse, self._audio) if child is not None]
        for child in children:
            child.send(Stop())
        deadline = time.monotonic() + _STOP_S
        for child in children:
            child.end(deadline)
        self.face.close()
        self.clock.close()
        atexit.unregister(self.close)

    def _start_conversing(self, audio: _Child) -> None:
        """Start a conversation process and introduce it to the audio process."""
        audio_end, conversation_end = connection_pair()
        with audio_end, conversation_end:
            first_turn = self._newest_turn + 1
            self._converse = _Child(
                "conversation",
                ConversationInput,
                run_conversation_process,
                (conversation_end, self._settings, first_turn),
            )
            audio.introduce(audio_end)
        self._watch(self._converse)

    def _watch(self, child: _Child) -> None:
        child.watch(self._receive, self._died)

    def _receive(self, child: _Child, event: AppEvent) -> None:
        """An event from a child, in its watching thread."""
        match event:
            case Ready():
                child.ready = True
                if not self.ready:
                    return
            case StateChanged(turn=turn) | Transcript(turn=turn):
                self._newest_turn = max(self._newest_turn, turn)
            case RecordingDone(folder=folder):
                self.recording = Path(folder)
            case Failure(fatal=True):
                child.gave_up = True
        self._events.put(event)

    def _died(self, child: _Child) -> None:
        """A child is gone, in its watching thread."""
        with self._lock:
            if self._closing or child.gave_up or self._audio is None:
                return
            if child is self._converse and self._audio.ended:
                return  # it followed the audio process
            again = child is self._converse and self._restarts_left > 0
            kind = ProcessDiedError if child.ready else ProcessStartError
            what = f"The {child.name} process {'ended' if child.ready else 'did not start'} ({child.exit_reason()})"
            then = "it is being started again" if again else "start the conversation again"
            self._events.put(Failure(child.name, kind.__name__, f"{what}; {then}.", fatal=not again))
            if again:
                self._restarts_left -= 1
                try:
                    self._start_conversing(self._audio)
                except (ProcessStartError, LinkClosedError) as error:
                    self._events.put(Failure(child.name, type(error).__name__, str(error), fatal=True))


class _Child:
    """A process, the pipe to it, and the thread that waits on that pipe."""

    def __init__(self, name: str, sends: Any, main: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self.name = name
        self.ready = False
        self.gave_up = False
        """It said why it cannot go on."""
        here, there = connection_pair()
        self._process: SpawnProcess = _SPAWN.Process(
            target=main, args=(there, *arguments), name=f"visavis-{name}", daemon=False
        )
        try:
            self._process.start()
        except (OSError, RuntimeError) as error:
            here.close()
            raise ProcessStartError(f"The {name} process could not be started ({error}); free some memory.") from None
        finally:
            there.close()
        self._pipe: Pipe[Any, AppEvent] = Pipe(here, AppEvent)
        self._thread: threading.Thread | None = None

    @property
    def ended(self) -> bool:
        """The process is gone."""
        return not self._process.is_alive()

    @property
    def process_id(self) -> int:
        """As the system knows it."""
        assert self._process.pid is not None
        return self._process.pid

    def send(self, message: AudioInput | ConversationInput) -> None:
        """Say something; nothing happens if nobody is there any more."""
        with contextlib.suppress(LinkClosedError):
            self._pipe.send(message)

    def introduce(self, connection: Connection) -> None:
        """Give the audio process its connection to a conversation process."""
        self._pipe.send_connection(NewPeer(), connection, self.process_id)

    def watch(self, receive: Callable[[_Child, AppEvent], None], died: Callable[[_Child], None]) -> None:
        """Call `receive` for each event and `died` once at the end, from a thread of this child's own."""

        def run() -> None:
            with contextlib.suppress(LinkClosedError, BadMessageError):
                while True:
                    receive(self, self._pipe.receive())
            self._process.join(_STOP_S)
            died(self)

        self._thread = threading.Thread(target=run, name=f"watch-{self.name}", daemon=True)
        self._thread.start()

    def end(self, deadline: float) -> None:
        """Wait until it ended by itself; after the deadline it is made to."""
        self._process.join(max(0.0, deadline - time.monotonic()))
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(_TERMINATE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_TERMINATE_S)
        if self._thread is not None:
            self._thread.join(_TERMINATE_S)
        self._pipe.close()

    def exit_reason(self) -> str:
        """Why it ended, in a few words."""
        code = self._process.exitcode
        if code is None:
            return "its pipe was closed"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"
