"""Somebody who moves a simulated headset and its hands by a script, from a process of their own.

The app's frame loop must not be disturbed, so nothing here runs in the app's process but the start and the stop. The
process ends when the app closes it, when the app dies (its pipe closes) or when the headset goes away.

States: ready (the script's first moment is sent) → playing (from the moment that `begin` names) → closed.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import Final, Protocol, Self

from xr_app.errors import RuntimeFailedError, SessionLostError
from xr_app.runtime.remote import Remote, State

RATE_HZ: Final = 90.0
"""Above the simulated headset's 72 Hz, so that each frame finds a new pose."""


class Play(Protocol):
    """What is performed: a function of time; it goes to another process, so it must be picklable."""

    def at(self, time_s: float) -> State:
        """Everything at seconds after the beginning; the first moment before it, the last one after the end."""
        ...


class Performer:
    """Performs a play; a context manager."""

    def __init__(self, port: int, play: Play, *, name: str = "visavis-performer") -> None:
        """port: of Monado's remote driver; name: of the process."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_feed, args=(port, play, theirs), name=name, daemon=True)
        self._process.start()
        theirs.close()

    def wait_until_ready(self, timeout_s: float = 15.0) -> None:
        """Return once the headset is as the play begins; raises RuntimeFailedError where it never is."""
        try:
            if self._pipe.poll(timeout_s):
                self._pipe.recv_bytes()
                return
        except EOFError:
            pass
        raise RuntimeFailedError("The scripted head could not reach the simulated headset; start again.")

    def begin(self, start_ns: int) -> None:
        """Begin the play at this monotonic time."""
        try:
            self._pipe.send_bytes(start_ns.to_bytes(8, "little"))
        except OSError as error:
            raise SessionLostError("The simulated headset went away; start it again.") from error

    def close(self) -> None:
        """Stop; the headset stays where it is."""
        self._pipe.close()
        self._process.join(2.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _feed(port: int, play: Play, pipe: Connection) -> None:
    start_ns: int | None = None
    try:
        with Remote(port) as remote:
            remote.send(play.at(0.0))
            pipe.send_bytes(b"ready")
            due = time.monotonic()
            while True:
                due += 1.0 / RATE_HZ
                if pipe.poll(max(0.0, due - time.monotonic())):
                    start_ns = int.from_bytes(pipe.recv_bytes(), "little")
                now_ns = time.monotonic_ns()
                time_s = 0.0 if start_ns is None else (now_ns - start_ns) / 1e9
                remote.send(play.at(time_s))
                due = max(due, time.monotonic() - 0.1)  # after a stall go on from now, do not catch up
    except (EOFError, OSError, KeyboardInterrupt, SessionLostError, RuntimeFailedError):
        return  # the app or the headset is gone; whoever remains says so
