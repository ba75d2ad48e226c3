"""The conversation as the app sees it: starts, watches and ends the processes; events come out, commands go in.

Two processes are children of the app (audio, conversation), the language model is a child of the conversation process.
One thread for each child waits on its pipe and sleeps otherwise. A process that dies, or gives no sign of life, is
started again (supervision says how often); the conversation process on the same audio process, the audio process with a
new conversation process. When the app itself is killed, the children see the end of their pipes and go.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from conversation.audio.base import SPEAKER_RATE
from conversation.errors import LinkClosedError, ProcessDiedError, ProcessHungError, ProcessStartError
from conversation.link.audio_clock import AudioClock
from conversation.link.events import (
    AppEvent,
    Ask,
    ChangeLora,
    ChangeVoice,
    Command,
    Failure,
    Greet,
    ListVoices,
    Mute,
    Ready,
    RecordingDone,
    StateChanged,
    Stop,
    Talk,
    Transcript,
)
from conversation.link.face_track import FaceTrack
from conversation.link.mouth_place import MouthPlace
from conversation.link.pipe import connection_pair
from conversation.processes import entry
from conversation.processes.child import STOP_S, Child
from conversation.processes.supervision import Restarts
from conversation.settings import ConversationSettings

_UNREAD: Final = 4096
"""Events that wait to be polled; of an app that never does, the oldest are lost."""


class Conversation:
    """A running conversation; a context manager."""

    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self._events: deque[AppEvent] = deque(maxlen=_UNREAD)
        self._audio: Child | None = None
        self._converse: Child | None = None
        self._audio_restarts = Restarts(settings.supervision)
        self._converse_restarts = Restarts(settings.supervision)
        self._newest_turn = 0
        self._mute = Mute(False)  # this, too, a process that is started again is told
        self._wishes: dict[str, ChangeVoice | ChangeLora] = {}
        self._lock = threading.Lock()  # starting and ending children
        self._closing = threading.Event()
        self.face = FaceTrack.create(rate=SPEAKER_RATE)
        """The face by audio sample; read it at `clock.heard_at(time)`."""
        self.clock = AudioClock.create(SPEAKER_RATE)
        """Which sample is heard when."""
        self.mouth = MouthPlace.create()
        """Where the voice is heard from; whoever draws the avatar says so with every picture."""
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
            self._start_all()

    @property
    def process_ids(self) -> dict[str, int]:
        """Of the processes that run, by their names."""
        return {child.name: child.process_id for child in (self._audio, self._converse) if child and not child.ended}

    @property
    def queues(self) -> dict[str, int]:
        """How much waits in each queue, as the processes told within the last second or so; unread events as well."""
        children = [child for child in (self._audio, self._converse) if child is not None]
        told = {name: count for child in children for name, count in child.queues.items()}
        return {**told, "events": len(self._events)}

    @property
    def ready(self) -> bool:
        """All engines are loaded and sound runs."""
        return all(child is not None and child.ready and not child.ended for child in (self._audio, self._converse))

    def poll(self) -> list[AppEvent]:
        """What happened since the last call; never blocks."""
        events: list[AppEvent] = []
        with contextlib.suppress(IndexError):
            while True:
                events.append(self._events.popleft())
        return events

    def send(self, command: Command) -> None:
        """Tell the conversation what to do; lost where the process that would do it is gone (a Failure says so)."""
        child = self._audio if isinstance(command, Ask | Mute | Talk) else self._converse
        match command:
            case Mute():
                self._mute = command
            case Greet() if child is None:
                self._settings = replace(self._settings, welcome=command.text)
            case ChangeVoice():
                fields = msgspec.structs.asdict(command).items()
                self._wishes |= {name: ChangeVoice(**{name: value}) for name, value in fields if value is not None}
            case ChangeLora():
                self._wishes["lora"] = command
        if isinstance(command, ChangeVoice | ListVoices | ChangeLora) and child is not None and not child.ready:
            return  # it is told when it is, and tells its voices then
        if child is not None:
            child.send(command)

    def close(self) -> None:
        """End all processes, write the recording, remove shared memory; returns within a few seconds."""
        if self._closing.is_set():
            return
        self._closing.set()  # whoever waits to start a child again goes on, and finds this
        with self._lock:
            children = [child for child in (self._converse, self._audio) if child is not None]
        for child in children:
            child.send(Stop())
        deadline = time.monotonic() + STOP_S
        for child in children:
            child.end(deadline)
        self.face.close()
        self.clock.close()
        self.mouth.close()
        atexit.unregister(self.close)

    def _start_all(self) -> None:
        shared = self.face.name, self.clock.name, self.mouth.name
        self._audio = Child("audio", entry.audio, (self._settings, *shared), self._settings.supervision)
        self._audio.send(self._mute)
        self._start_conversing(self._audio)
        self._watch(self._audio)

    def _start_conversing(self, audio: Child) -> None:
        """Start a conversation process and introduce it to the audio process."""
        audio_end, conversation_end = connection_pair()
        with audio_end, conversation_end:
            first_turn = self._newest_turn + 1
            self._converse = Child(
                "conversation",
                entry.conversation,
                (conversation_end, self._settings, first_turn),
                self._settings.supervision,
            )
            audio.introduce(audio_end)
        self._watch(self._converse)

    def _watch(self, child: Child) -> None:
        child.watch(self._receive, self._died)

    def _receive(self, child: Child, event: AppEvent) -> None:
        """An event from a child, in its watching thread."""
        match event:
            case Ready():
                child.ready = True
                if child is self._converse:
                    for wish in list(self._wishes.values()):
                        child.send(wish)
                if not self.ready:
                    return
            case StateChanged(turn=turn) | Transcript(turn=turn):
                self._newest_turn = max(self._newest_turn, turn)
            case RecordingDone(folder=folder):
                self.recording = Path(folder)
            case Failure(fatal=True):
                child.gave_up = True
        self._events.append(event)

    def _died(self, child: Child) -> None:
        """A child is gone, in its watching thread."""
        with self._lock:
            if self._closing.is_set() or child.gave_up or self._audio is None:
                return
            if child is self._converse and self._audio.ended:
                return  # it followed the audio process
            restarts = self._audio_restarts if child is self._audio else self._converse_restarts
            delay_s = restarts.take() if child.ready or child is self._converse else None
            self._events.append(_what_happened(child, again=delay_s is not None))
            if delay_s is None:
                return
            if child is self._audio:
                self._hush()
            if self._closing.wait(delay_s):
                return
            try:
                if child is self._audio:
                    self._start_all()
                else:
                    self._start_conversing(self._audio)
            except (ProcessStartError, LinkClosedError) as error:
                self._events.append(Failure(child.name, type(error).__name__, str(error), fatal=True))

    def _hush(self) -> None:
        """The audio process is gone: the face comes to rest; the conversation process, deaf without it, ends."""
        self.face.cut(round(self.clock.heard_at(time.monotonic_ns())))
        if self._converse is not None:
            self._converse.gave_up = True
            self._converse.end(time.monotonic() + STOP_S)


def _what_happened(child: Child, *, again: bool) -> Failure:
    if not child.ready:
        kind: type[Exception] = ProcessStartError
    else:
        kind = ProcessDiedError if child.hung_s is None else ProcessHungError
    what = f"The {child.name} process {'ended' if child.ready else 'did not start'} ({child.exit_reason()})"
    then = "it is being started again" if again else "start the conversation again"
    return Failure(child.name, kind.__name__, f"{what}; {then}.", fatal=not again)
