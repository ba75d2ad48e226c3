"""How much of a processor processes take. Linux alone tells (/proc/PID/stat, proc(5))."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from conversation.measure.memory import with_language_model

_TICKS_S: Final = os.sysconf("SC_CLK_TCK")


class ProcessorShare:
    """A context manager: what its processes took while it was entered. processes: ids by name."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = with_language_model(processes)
        self._began: dict[str, float] = {}
        self._began_s = 0.0
        self.shares: dict[str, float] = {}
        """Of one core, by name, once it was left; what cannot be read is left out."""

    def __enter__(self) -> Self:
        self._began, self._began_s = self._seconds(), time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took_s = time.monotonic() - self._began_s
        self.shares = {
            name: round((seconds - self._began[name]) / took_s, 4)
            for name, seconds in self._seconds().items()
            if name in self._began
        }

    def _seconds(self) -> dict[str, float]:
        found = {name: _seconds(process) for name, process in self._processes.items()}
        return {name: seconds for name, seconds in found.items() if seconds is not None}


def _seconds(process: int) -> float | None:
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    # The second field, a name in brackets, may hold anything; utime and stime are the 14th and 15th.
    fields = told.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_S
