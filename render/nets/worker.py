"""One job at a time on a thread of its own."""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class _Desk:
    """What a worker and its thread share. The thread knows nothing else, so that a worker whom nobody needs any more
    can go, and its thread with it."""

    jobs: queue.SimpleQueue[Callable[[], None] | None] = field(default_factory=queue.SimpleQueue)
    idle: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None


class Worker:
    """Runs jobs beside the frame. `start` hands one over while none runs; `ended` tells that it is over. The thread
    ends with `stop`, or with the worker."""

    def __init__(self, name: str) -> None:
        self._desk = _Desk()
        self._desk.idle.set()
        self._thread = threading.Thread(target=_work, args=(self._desk,), name=name, daemon=True)
        self._thread.start()
        weakref.finalize(self, self._desk.jobs.put, None)

    def start(self, job: Callable[[], None]) -> None:
        """Begin a job."""
        self._desk.idle.clear()
        self._desk.jobs.put(job)

    @property
    def idle(self) -> bool:
        """Whether no job runs."""
        return self._desk.idle.is_set()

    def ended(self, patience: float = 0.0) -> bool:
        """Whether no job runs (any more), within `patience` seconds; raises what the job raised."""
        if not self._desk.idle.wait(patience):
            return False
        failure, self._desk.failure = self._desk.failure, None
        if failure is not None:
            raise failure
        return True

    def stop(self) -> None:
        """End the thread after the job that runs now."""
        self._desk.jobs.put(None)
        self._thread.join()


def _work(desk: _Desk) -> None:
    while (job := desk.jobs.get()) is not None:
        try:
            job()
        except Exception as failure:  # told to whoever asks `ended`
            desk.failure = failure
        del job  # and all that it holds, while nothing is to be done
        desk.idle.set()
