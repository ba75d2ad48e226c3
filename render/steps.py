"""Making something large beside a display that goes on: in steps of a few milliseconds, between its frames.

A maker is a generator whose return value is what it makes. It works on the thread of its GL context, up to its next
yield at a time. What touches no GL it hands out with `yield from beside(work)`, to be computed on another thread while
frames go on, and is given the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, wait
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Work = Callable[[], Any]
"""Touches no GL, and nothing that anybody changes."""
Steps = Generator[Work | None, Any, T]
"""Between two yields lies one step; what is yielded is work for another thread, or nothing."""


def beside(work: Callable[[], T]) -> Steps[T]:
    """The result of `work`, which another thread may do."""
    result: T = yield work
    return result


def at_once(steps: Steps[T]) -> T:
    """All of it, here and now."""
    given: Any = None
    while True:
        try:
            work = steps.send(given)
        except StopIteration as end:
            made: T = end.value
            return made
        given = work() if work is not None else None


class Sliced(Generic[T]):
    """Something that is made between frames; not shared between threads.

    pool: does what touches no GL; clock: seconds.
    """

    def __init__(self, steps: Steps[T], pool: Executor, clock: Callable[[], float] = time.perf_counter) -> None:
        self._steps, self._pool, self._clock = steps, pool, clock
        self._work: Future[Any] | None = None
        self._made: list[T] = []
        self._error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether there is a result, or an error."""
        return bool(self._made) or self._error is not None

    def go_on(self, budget_s: float) -> bool:
        """Take steps for about so long, or wait for those of the other thread; whether all is done. No step is cut
        short."""
        until = self._clock() + budget_s
        while not self.done:
            if self._work is not None and not self._work.done():
                wait([self._work], timeout=max(until - self._clock(), 0.0))
                if not self._work.done():
                    break
            self._step()
            if self._clock() >= until:
                break
        return self.done

    @property
    def result(self) -> T:
        """What was made, once that is done. Raises what a step raised."""
        if self._error is not None:
            raise self._error
        return self._made[0]

    def close(self) -> None:
        """Make it no further."""
        if self._work is not None:
            self._work.cancel()
        self._steps.close()

    def _step(self) -> None:
        work, self._work = self._work, None
        try:
            if work is None:
                asked = self._steps.send(None)
            elif (failed := work.exception()) is not None:
                asked = self._steps.throw(failed)
            else:
                asked = self._steps.send(work.result())
        except StopIteration as end:
            self._made.append(end.value)
        except Exception as error:
            self._error = error
        else:
            self._work = self._pool.submit(asked) if asked is not None else None
