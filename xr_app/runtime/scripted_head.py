"""A head that follows a `HeadPath`, fed to Monado's remote driver from a process of its own.

The app's frame loop must not be disturbed, so nothing here runs in the app's process but the start and the stop. The
process ends when the app closes it, when the app dies (its pipe closes) or when the headset goes away.

States: standing (the path's start is sent) → walking (from the moment that `walk` names) → closed.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import Final, Self

from xr_app.errors import RuntimeFailedError, SessionLostError
from xr_app.runtime.head_path import HeadPath
from xr_app.runtime.remote import Head, Remote, State

RATE_HZ: Final = 90.0
"""Above the simulated headset's 72 Hz, so that each frame finds a new pose."""


class ScriptedHead:
    """Moves the simulated headset; a context manager."""

    def __init__(self, port: int, path: HeadPath | None = None) -> None:
        """port: of Monado's remote driver; path: the walk, the standard one if not given."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_feed, args=(port, path or HeadPath(), theirs), name="visavis-head", daemon=True
        )
        self._process.start()
        theirs.close()

    def wait_until_standing(self, timeout_s: float = 15.0) -> None:
        """Return once the headset stands at the path's start; raises RuntimeFailedError where it never does."""
        try:
            if self._pipe.poll(timeout_s):
                self._pipe.recv_bytes()
                return
        except EOFError:
            pass
        raise RuntimeFailedError("The scripted head could not reach the simulated headset; start again.")

    def walk(self, start_ns: int) -> None:
        """Begin the path at this monotonic time."""
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


def _feed(port: int, path: HeadPath, pipe: Connection) -> None:
    start_ns: int | None = None
    try:
        with Remote(port) as remote:
            remote.send(State(Head(path.at(0.0))))
            pipe.send_bytes(b"standing")
            due = time.monotonic()
            while True:
                due += 1.0 / RATE_HZ
                if pipe.poll(max(0.0, due - time.monotonic())):
                    start_ns = int.from_bytes(pipe.recv_bytes(), "little")
                now_ns = time.monotonic_ns()
                time_s = 0.0 if start_ns is None else (now_ns - start_ns) / 1e9
                remote.send(State(Head(path.at(time_s))))
                due = max(due, time.monotonic() - 0.1)  # after a stall go on from now, do not catch up
    except (EOFError, OSError, KeyboardInterrupt, SessionLostError, RuntimeFailedError):
        return  # the app or the headset is gone; whoever remains says so
