"""What else may go on beside a frame loop, to be switched on and off.

as it is          nothing
collector on      Python's own garbage collection, whenever it likes
busy thread       a thread that computes, in this process
busy, 0.5 ms      the same, with a switch interval of 0.5 ms instead of 5
busy process      a process that computes: what a second load takes without Python's lock
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

Disturb = Callable[[], AbstractContextManager[None]]
"""Something that goes on inside."""


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _collector() -> Iterator[None]:
    gc.enable()
    try:
        yield
    finally:
        gc.disable()


@contextmanager
def _busy_thread(interval_s: float | None) -> Iterator[None]:
    over = threading.Event()
    before = sys.getswitchinterval()
    if interval_s is not None:
        sys.setswitchinterval(interval_s)
    thread = threading.Thread(target=_compute, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(before)


@contextmanager
def _busy_process() -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    process = context.Process(target=_compute, args=(over,), daemon=True)
    process.start()
    try:
        yield
    finally:
        over.set()
        process.join()


def _compute(over: Any) -> None:
    x = 0
    while not over.is_set():
        for _ in range(10_000):
            x = (x * 31 + 7) % 1_000_003


CASES: Final[Mapping[str, Disturb]] = {
    "as it is": _nothing,
    "collector on": _collector,
    "busy thread": lambda: _busy_thread(None),
    "busy, 0.5 ms": lambda: _busy_thread(0.0005),
    "busy process": _busy_process,
}
