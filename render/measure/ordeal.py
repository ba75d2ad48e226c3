"""Damaged files, read one after another in processes that may not take more memory than they are worth.

A file has to be refused with one sentence, or to be read. Its reader may allocate what the series allows for it, and
the process may not grow past a limit of the system nor think for ever; where it dies or is ended, the file that was at
work is counted and another process goes on behind it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import tempfile
import tracemalloc
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Protocol

from assets.errors import VisavisError

PATIENCE_S: Final = 120.0
"""For one file."""
LONGEST_SENTENCE: Final = 600
"""Letters, beside those of the file's place."""
TOLD: Final = 20
AFRESH: Final = 2000
"""After so many files another process reads on: what the allocator keeps of thousands is no fault of the next."""


@dataclass(frozen=True)
class Order:
    """A damaged file to read."""

    number: int
    kind: str
    """What was done to it."""
    source: str
    """What it was before."""
    path: Path
    """The file, or the folder of files."""
    size: int
    """Bytes of all of it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one damaged file."""

    order: Order
    refused: bool
    allocated: int
    """Bytes at once, at most."""
    allowed: int
    wrong: str = ""
    """What should not have happened."""


class Series(Protocol):
    """What is damaged and how it is read. It goes along into other processes, so it can be pickled."""

    @property
    def growth(self) -> int:
        """Bytes by which the reading process may grow, whatever takes them."""

    def damaged(self, number: int, folder: Path) -> Order:
        """Write the file of that number into an empty folder, the same for the same number."""

    def prepare(self, folder: Path) -> None:
        """Load once what every reading needs, so that it does not count."""

    def read(self, order: Order) -> object:
        """Raises VisavisError where the file is refused."""

    def allowed(self, order: Order, *, refused: bool) -> int:
        """Bytes that may be allocated at once."""

    def complaint(self, order: Order, found: object | None) -> str:
        """What else is wrong with what was found, None where it was refused; else empty."""


def endure(series: Series, count: int, advance: Callable[[], None]) -> list[Outcome]:
    """Read `count` damaged files; `advance` is called after each."""
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        while len(outcomes) < count:
            for outcome in _in_a_process(series, Path(name), len(outcomes), count):
                outcomes.append(outcome)
                advance()
    return outcomes


def figures_of(outcomes: list[Outcome]) -> dict[str, Any]:
    """files, refused, wrong (with the first of them told), most_of_allowed (the largest share of the memory allowed
    that any took), kinds (by damage) and sources (by what was damaged)."""
    wrong = [f"{o.order.number}, {o.order.source}, {o.order.kind}: {o.wrong}" for o in outcomes if o.wrong]
    return {
        "files": len(outcomes),
        "refused": sum(outcome.refused for outcome in outcomes),
        "wrong": len(wrong),
        "told": wrong[:TOLD],
        "most_of_allowed": _most(outcomes),
        "kinds": _table(outcomes, "damage", lambda order: order.kind),
        "sources": _table(outcomes, "file", lambda order: order.source),
    }


def _table(outcomes: list[Outcome], title: str, key: Callable[[Order], str]) -> list[dict[str, Any]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome.order)].append(outcome)
    return [
        {
            title: name,
            "files": len(group),
            "refused": sum(outcome.refused for outcome in group),
            "wrong": Counter(bool(outcome.wrong) for outcome in group)[True],
            "most_of_allowed": _most(group),
        }
        for name, group in sorted(groups.items())
    ]


def _most(outcomes: list[Outcome]) -> float:
    return round(max((outcome.allocated / outcome.allowed for outcome in outcomes if outcome.allowed), default=0.0), 3)


def _in_a_process(series: Series, folder: Path, first: int, count: int) -> Iterator[Outcome]:
    """Outcomes from `first` on, until all are there, the process has ended, or it has read enough."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_read_what_comes, args=(series, folder, there))
    child.start()
    there.close()
    order: Order | None = None
    try:
        if here.recv() != "ready":
            raise EOFError
        for number in range(first, min(count, first + AFRESH)):
            with tempfile.TemporaryDirectory(dir=folder) as name:
                order = series.damaged(number, Path(name))
                here.send(order)
                if not here.poll(PATIENCE_S):
                    child.kill()
                    child.join()
                    yield Outcome(order, False, 0, 0, f"it was still read after {PATIENCE_S:g} s")
                    return
                yield here.recv()
    except (EOFError, OSError):
        child.join()
        if order is None:
            raise RuntimeError("the process that should read died before the first file") from None
        yield Outcome(order, False, 0, 0, f"the process died ({child.exitcode})")
    finally:
        here.close()
        child.join()


def _read_what_comes(series: Series, folder: Path, orders: Connection) -> None:
    series.prepare(folder)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = used + series.growth
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    orders.send("ready")
    with contextlib.suppress(EOFError):
        while True:
            orders.send(attempt(series, orders.recv()))


def attempt(series: Series, order: Order) -> Outcome:
    """Read one file, in this process."""
    found: object | None = None
    wrong, sentence = "", ""
    tracemalloc.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = series.read(order)
    except VisavisError as error:
        sentence = str(error)
    except BaseException as error:
        wrong = f"{type(error).__name__}: {error}"[:LONGEST_SENTENCE]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    refused = found is None and not wrong
    allowed = series.allowed(order, refused=refused)
    if refused and not is_sentence(sentence, order.path):
        wrong = f"this is not one sentence: {sentence!r}"
    elif not wrong and peak > allowed:
        wrong = f"{peak} bytes were allocated where {allowed} are allowed"
    wrong = wrong or series.complaint(order, found)
    return Outcome(order, refused and not wrong, peak, allowed, wrong)


def is_sentence(text: str, path: Path) -> bool:
    """Whether this is one line that ends as a sentence does, and not too long; it may name the path twice."""
    longest = LONGEST_SENTENCE + 2 * len(os.fspath(path))
    return "\n" not in text and text.endswith((".", "?")) and len(text) <= longest and text.isprintable()
