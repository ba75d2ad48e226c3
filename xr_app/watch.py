"""Sees that a display does not come back from a call, from a thread of its own, and does what is due until it does.

    shows frames → (none for a while) → hangs → (one comes) → shows frames
                                          └→ (somebody wants to leave) → the call is interrupted → left, or abandoned

A runtime that hangs keeps the frames' thread in a call of C, where Python handles no signal: Ctrl-C would be heard when
the call returns. So the number of every signal is written into a socket, too, which this thread reads. What the frames'
thread does with the talk's parts, and what is done here in its place, holds `turn`; nothing here touches what is drawn.
"""

from __future__ import annotations

import _thread
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from select import select
from types import TracebackType
from typing import Final, Self

from xr_app.texts import tr

_GLANCE_S: Final = 0.25


@dataclass(frozen=True)
class Patience:
    """Seconds."""

    hangs: float = 5.0
    """Without a frame, until it is said: no frame of ours takes so long."""
    rescue: float = 15.0
    """Until a runtime that is our own is ended."""
    leave: float = 6.0
    """From the wish to leave until the display is left where it is."""


class Watch:
    """A context manager of the main thread, whose frames they are.

    say: shows a sentence; lose: told True by the watching thread where no frame came, False by the frames' when one
    comes again; meanwhile: called by the watching thread while it hangs, says whether the talk goes on; all with `turn`
    held. abandon: called by the watching thread when the frames' did not come out; does not return.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        lose: Callable[[bool], None],
        *,
        meanwhile: Callable[[], bool],
        abandon: Callable[[], None],
        patience: Patience | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say, self._lose, self._meanwhile, self._abandon = say, lose, meanwhile, abandon
        self._patience, self._now_s = patience or Patience(), now_s
        self.turn = threading.RLock()
        self.rescue: Callable[[], None] = lambda: None
        """Ends the runtime where that is our own, so that its calls return."""
        self.hangs = False
        """Whether no frame came for a while."""
        self._expected = False
        self._seen_s = 0.0
        self._leaving_since_s: float | None = None
        self._rescued = False
        self._closing = threading.Event()

    @contextmanager
    def frames(self) -> Iterator[None]:
        """Inside, `beat` is called for every frame."""
        self._seen_s, self._expected = self._now_s(), True
        try:
            yield
        finally:
            with self.turn:
                self._expected = self.hangs = False

    def beat(self) -> None:
        """The frames' thread is not in a call."""
        self._seen_s = self._now_s()
        if self.hangs:
            self._goes_on()

    def _goes_on(self) -> None:
        with self.turn:
            self.hangs = self._rescued = False
            self._say(tr("The headset answers again.", "头显已重新响应。"))
            self._lose(False)

    def look(self, *, interrupted: bool = False) -> None:
        """What the watching thread does, every now and then; interrupted: whether there was a Ctrl-C."""
        now, patience = self._now_s(), self._patience
        silent = now - self._seen_s
        with self.turn:
            if self._expected and not self.hangs and silent > patience.hangs:
                self.hangs = True
                self._say(
                    tr(
                        "The headset's runtime does not answer; the avatar waits here until it does. Ctrl-C leaves.",
                        "头显的运行时没有响应；形象会在此等待其恢复。按 Ctrl-C 离开。",
                    )
                )
                self._lose(True)
            if self.hangs and self._leaving_since_s is None and not self._meanwhile():
                self._leaving_since_s = now
                _interrupt_main()
        if interrupted and self._leaving_since_s is None:
            self._leaving_since_s = now
        leaving_s = -1.0 if self._leaving_since_s is None else now - self._leaving_since_s
        due = leaving_s >= 0 or silent > patience.rescue if self.hangs else leaving_s > patience.hangs
        if due and not self._rescued:
            self._rescued = True
            self.rescue()
        if leaving_s > patience.leave:
            self._abandon()

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._run, name="visavis-watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        signal.set_wakeup_fd(self._before)
        with suppress(BlockingIOError):
            self._writer.send(b"\0")
        self._thread.join()
        self._reader.close()
        self._writer.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            heard = b""
            if select([self._reader], [], [], _GLANCE_S)[0]:
                heard = self._reader.recv(64)
            if not self._closing.is_set():
                self.look(interrupted=signal.SIGINT in heard)


def _interrupt_main() -> None:
    """As Ctrl-C does: some calls of C return from it."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()
