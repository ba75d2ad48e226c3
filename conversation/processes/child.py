"""A child process of the app: the process, the pipe to it, and the thread that waits on that pipe."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Final

from conversation.errors import BadMessageError, LinkClosedError, ProcessStartError
from conversation.link.events import AppEvent, AudioInput, Beat, ConversationInput, FromChild, NewPeer
from conversation.link.pipe import Pipe, connection_pair
from conversation.processes.supervision import Supervision

STOP_S: Final = 4.0
"""So long a process has to end by itself; then it is terminated."""
_TERMINATE_S: Final = 1.0
_LOOK_S: Final = 1.0
"""Silence is counted in such steps, so that an app that was itself stopped for a while accuses nobody of it."""
_SPAWN: Final = multiprocessing.get_context("spawn")


class Child:
    """Started by its making; `watch` it, and `end` it."""

    def __init__(
        self, name: str, main: Callable[..., None], arguments: tuple[Any, ...], supervision: Supervision
    ) -> None:
        self.name = name
        self.ready = False
        self.gave_up = False
        """It said why it cannot go on, or is not wanted any more."""
        self.queues: dict[str, int] = {}
        """How much waited in each, when it gave its last sign of life."""
        self.hung_s: float | None = None
        """So long it did not answer before it was ended for that."""
        self._supervision = supervision
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
        self._pipe: Pipe[Any, FromChild] = Pipe(here, FromChild)
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

    def watch(self, receive: Callable[[Child, AppEvent], None], died: Callable[[Child], None]) -> None:
        """Call `receive` for each event and `died` once at the end, from a thread of this child's own.

        A process that gives no sign of life is killed.
        """

        def run() -> None:
            with contextlib.suppress(LinkClosedError, BadMessageError):
                self._listen(receive)
            self._process.join(STOP_S)
            died(self)

        self._thread = threading.Thread(target=run, name=f"watch-{self.name}", daemon=True)
        self._thread.start()

    def _listen(self, receive: Callable[[Child, AppEvent], None]) -> None:
        patience_s, silent_s = self._supervision.load_s, 0.0
        while True:
            if not self._pipe.poll(_LOOK_S):
                silent_s += _LOOK_S
                if silent_s >= patience_s:
                    self.hung_s = silent_s
                    self._process.kill()
                    return
                continue
            silent_s, message = 0.0, self._pipe.receive()
            if isinstance(message, Beat):
                self.queues, patience_s = message.queues, self._supervision.process_s
            else:
                receive(self, message)

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
        if self.hung_s is not None:
            return f"no answer for {self.hung_s:.0f} s"
        code = self._process.exitcode
        if code is None:
            return "its pipe was closed"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"
