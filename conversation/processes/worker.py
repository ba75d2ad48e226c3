"""A stage's thread, watched from outside: what fails is told, what takes too long is given up, what is too much is
turned away.

Ownership: `do`, `overdue`, `give_up` and `close` are called from the loop of the conversation process; the work itself,
and `sign` within it, from the thread. A thread cannot be ended from outside: one that is given up is left to itself,
another one goes on with what is queued, and whatever the old one still does is nobody's work any more. It ends when its
work returns.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from assets.errors import VisavisError
from conversation.errors import EngineBusyError, EngineError
from conversation.processes.supervision import Clock
from conversation.turns.events import StageFailed

Put = Callable[[object], None]
"""Puts an event into the inbox of the conversation process."""
Broken = Callable[[Exception], str]
"""What becomes of an engine that raised what no engine should: the sentence for the user."""

LIMIT: Final = 128
"""Pieces of work that may wait: more than the clauses of the longest answer."""


@dataclass(eq=False)
class Work:
    """One piece of work: what to do, and for which turn."""

    run: Callable[[], None]
    turn: int | None
    patience_s: float | None


class Worker:
    """A thread that does one thing after the other; `patience_s` is what each has, None: as long as it takes."""

    def __init__(
        self,
        stage: str,
        put: Put,
        *,
        patience_s: float | None = None,
        broken: Broken | None = None,
        clock: Clock = time.monotonic,
        limit: int = LIMIT,
    ) -> None:
        self._stage = stage
        self._put = put
        self.patience_s = patience_s
        """What each piece of work has that is queued from now on."""
        self._broken = broken or self._told
        self._clock = clock
        self._limit = limit
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # who works at what, and until when
        self._current: Work | None = None
        self._until: float | None = None
        self._thread = self._begin(None)

    @property
    def waiting(self) -> int:
        """Pieces of work in the queue."""
        return self._work.qsize()

    def do(self, work: Callable[[], None], *, turn: int | None = None, patience_s: float | None = None) -> bool:
        """Queue work, with the worker's patience or its own; `turn` is told with a failure.

        False where too much waits already, which is told as one.
        """
        if self._work.qsize() >= self._limit:
            message = f"The {self._stage} stage is too far behind; ask again."
            self._put(StageFailed(self._stage, EngineBusyError.__name__, message, turn))
            return False
        self._work.put(Work(work, turn, self.patience_s if patience_s is None else patience_s))
        return True

    def sign(self, patience_s: float | None = None) -> bool:
        """From the work itself: it comes along; it has so long again, by default its usual patience.

        False where it was given up meanwhile: what it does is of no use any more.
        """
        with self._lock:
            if threading.current_thread() is not self._thread:
                return False
            patience_s = self.patience_s if patience_s is None else patience_s
            self._until = None if patience_s is None else self._clock() + patience_s
            return True

    def overdue(self) -> Work | None:
        """The work in progress, if its patience is over."""
        with self._lock:
            return self._current if self._until is not None and self._clock() >= self._until else None

    def give_up(self, then: Callable[[], None], *, patience_s: float) -> None:
        """Leave the work in progress to itself; a new thread does `then`, and what is queued after it."""
        with self._lock:
            self._thread = self._begin(Work(then, None, patience_s))

    def close(self, timeout_s: float, last: Callable[[], None] | None = None) -> None:
        """Let the thread end after what is queued, and `last`."""
        if last is not None:
            self._work.put(Work(last, None, None))
        self._work.put(None)
        self._thread.join(timeout_s)

    def _begin(self, first: Work | None) -> threading.Thread:
        self._current = self._until = None
        thread = threading.Thread(target=self._run, args=(first,), name=self._stage, daemon=True)
        thread.start()
        return thread

    def _run(self, first: Work | None) -> None:
        failed_before = False
        work = first or self._work.get()
        while work is not None:
            with self._lock:
                self._current = work
                self._until = None if work.patience_s is None else self._clock() + work.patience_s
            failure = self._try(work, failed_before)
            failed_before = failure is not None
            with self._lock:
                if threading.current_thread() is not self._thread:
                    return
                self._current = self._until = None
            if failure is not None:
                self._put(failure)
            work = self._work.get()

    def _try(self, work: Work, failed_before: bool) -> StageFailed | None:
        try:
            work.run()
        except VisavisError as error:
            # An engine says in good order that something cannot be done; twice in a row, and it is no longer in order.
            again = failed_before and type(error) is EngineError and self._mine()
            message = self._broken(error) if again else str(error)
            return StageFailed(self._stage, type(error).__name__, message, work.turn)
        except Exception as error:  # whatever a model's library raises must not end the conversation
            message = self._broken(error) if self._mine() else ""
            return StageFailed(self._stage, EngineError.__name__, message, work.turn)
        return None

    def _mine(self) -> bool:
        with self._lock:
            return threading.current_thread() is self._thread

    def _told(self, error: Exception) -> str:
        if isinstance(error, VisavisError):
            return str(error)
        return f"The {self._stage} stage failed ({type(error).__name__}: {error}); ask again."
