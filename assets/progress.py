"""Telling the user how far long work is: bars on a terminal, lines in a log, nothing in a library."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

if TYPE_CHECKING:  # whoever shows no progress need not wait for it
    from rich.progress import Progress as RichBars
    from rich.progress import TaskID


class Step(Protocol):
    """One piece of work, open inside its `with`."""

    def expect(self, total: float) -> None:
        """Say how much work there is in all, once that is known."""

    def advance(self, amount: float = 1) -> None:
        """Say that `amount` more of the total is done."""

    def say(self, what: str) -> None:
        """Name what is being done now, in a few words."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Progress(Protocol):
    """Where steps are shown."""

    def step(self, title: str, total: float | None = None) -> Step:
        """Begin a step; `total` in any unit, None while unknown. Steps may be open side by side."""


class _Quiet:
    def expect(self, total: float) -> None: ...

    def advance(self, amount: float = 1) -> None: ...

    def say(self, what: str) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SilentProgress:
    """Shows nothing."""

    def step(self, title: str, total: float | None = None) -> Step:
        return _Quiet()


class _Line(_Quiet):
    def __init__(self, title: str, out: TextIO) -> None:
        self._title, self._out, self._start = title, out, time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        how = "done" if kind is None else "failed"
        print(f"{self._title}: {how} after {time.monotonic() - self._start:.0f} s", file=self._out, flush=True)


class LineProgress:
    """One line as each step begins and one as it ends, for logs and pipes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def step(self, title: str, total: float | None = None) -> Step:
        print(f"{title} ...", file=self._out, flush=True)
        return _Line(title, self._out)


class _Bar:
    def __init__(self, bars: RichBars, title: str, total: float | None) -> None:
        self._bars, self._title = bars, title
        self._task: TaskID = bars.add_task(title, total=total)

    def expect(self, total: float) -> None:
        self._bars.update(self._task, total=total)

    def advance(self, amount: float = 1) -> None:
        self._bars.advance(self._task, amount)

    def say(self, what: str) -> None:
        self._bars.update(self._task, description=f"{self._title} · {what}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            total = self._bars.tasks[self._task].total or 1
            self._bars.update(self._task, description=self._title, total=total, completed=total)
        self._bars.stop_task(self._task)


class BarProgress:
    """Bars on a terminal; made by `shown_on`."""

    def __init__(self, bars: RichBars) -> None:
        self._bars = bars

    def step(self, title: str, total: float | None = None) -> Step:
        return _Bar(self._bars, title, total)


@contextmanager
def shown_on(out: TextIO | None = None) -> Iterator[Progress]:
    """Progress on `out` (standard error by default): bars where it is a terminal, else lines."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichBars

    out = out or sys.stderr
    console = Console(file=out)
    if not console.is_terminal:
        yield LineProgress(out)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with RichBars(*columns, console=console) as bars:
        yield BarProgress(bars)
