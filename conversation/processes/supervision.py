"""What is done about an engine or a process that broke or does not answer: how long to wait, how often to begin again.

Patience is counted by whoever waits, on a clock that is given to it. Whoever begins again asks `Restarts` first: the
first time it is at once, then ever later, and after so many times within a while no more.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from assets.errors import VisavisError
from conversation.errors import EngineError

Clock = Callable[[], float]
"""Seconds that only grow."""
T = TypeVar("T")
LATER: Final = 3.0
"""Each further time it is waited so many times as long before an engine is started."""


@dataclass(frozen=True)
class Supervision:
    """Seconds that each part has for one piece of work, and how often it is started again."""

    recogniser_s: float = 30.0
    """For one transcript."""
    speech_s: float = 30.0
    """For voice and face of one clause."""
    language_s: float = 60.0
    """From the question to the first piece of the answer, and from each piece to the next."""
    load_s: float = 300.0
    """For loading an engine, and for a process to start."""
    process_s: float = 10.0
    """For a process to give a sign of life, which it does every second."""
    restarts: int = 3
    """So often each part is started again …"""
    within_s: float = 600.0
    """… in so long."""
    backoff_s: float = 1.0
    """Before the second time in that while; the first is at once."""


class Restarts:
    """Counts how often one part was started again."""

    def __init__(self, supervision: Supervision, clock: Clock = time.monotonic) -> None:
        self._limit = supervision.restarts
        self._within_s = supervision.within_s
        self._backoff_s = supervision.backoff_s
        self._clock = clock
        self._taken: deque[float] = deque()

    def take(self) -> float | None:
        """One more: seconds to wait before it; None where it was started again too often."""
        now = self._clock()
        while self._taken and now - self._taken[0] >= self._within_s:
            self._taken.popleft()
        before = len(self._taken)
        if before >= self._limit:
            return None
        self._taken.append(now)
        return self._backoff_s * LATER ** (before - 1) if before else 0.0


class Keeper(Generic[T]):
    """An engine, and how it is loaded again. `get` and `load` are called from one thread at a time."""

    def __init__(self, name: str, restarts: Restarts, wait: Callable[[float], object] = time.sleep) -> None:
        self.name = name
        """As a sentence begins with it: "Speech recognition"."""
        self.engine: T | None = None
        """None before it is loaded, and after it was lost."""
        self._restarts = restarts
        self._wait = wait
        self._load: Callable[[], T] | None = None
        self._delay_s: float | None = None
        self._generation = 0

    def load(self, load: Callable[[], T]) -> None:
        """Load it for the first time; `load` also makes its slow first call."""
        self.engine = load()
        self._load = load

    def lose(self, why: str) -> str:
        """It crashed or hangs: it is not used any more. One sentence for the user; `why` goes on from the name."""
        self.engine, self._delay_s = None, self._restarts.take()
        self._generation += 1
        then = "start the conversation again" if self._delay_s is None else "it is being started again"
        return f"{self.name} {why}; {then}."

    def get(self) -> T:
        """The engine, loaded again where it was lost; raises VisavisError where there is none."""
        if self.engine is not None:
            return self.engine
        if self._load is None:
            raise EngineError(f"{self.name} is not loaded yet; ask again.")
        if self._delay_s is None:
            self._delay_s = self._restarts.take()  # after a while it may be tried again
        if self._delay_s is None:
            raise EngineError(f"{self.name} does not run any more; start the conversation again.")
        generation = self._generation
        self._wait(self._delay_s)
        try:
            engine = self._load()
        except Exception as error:
            if generation == self._generation:
                self._delay_s = self._restarts.take()
            if isinstance(error, VisavisError):
                raise
            raise EngineError(
                f"{self.name} could not be started again ({type(error).__name__}: {error}); ask again."
            ) from error
        if generation != self._generation:
            raise EngineError(f"{self.name} took too long to start; ask again.")
        self.engine = engine
        return engine
