"""One job at a time on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Worker:
    """Runs jobs beside the frame. `start` hands one over while none runs; `ended` tells that it is over."""

    def __init__(self, name: str) -> None:
        self._job: Callable[[], None] | None = None
        self._failure: Exception | None = None
        self._given, self._idle = threading.Semaphore(0), threading.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], None]) -> None:
        """Begin a job."""
        self._job = job
        self._idle.clear()
        self._given.release()

    def ended(self, patience: float = 0.0) -> bool:
        """Whether no job runs (any more), within `patience` seconds; raises what the job raised."""
        if not self._idle.wait(patience):
            return False
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return True

    def stop(self) -> None:
        """End the thread after the job that runs now."""
        self._idle.wait()
        self._job = None
        self._given.release()
        self._thread.join()

    def _work(self) -> None:
        while self._given.acquire() and self._job is not None:
            try:
                self._job()
            except Exception as failure:  # told to whoever asks `ended`
                self._failure = failure
            self._idle.set()
