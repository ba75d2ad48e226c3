"""What a renderer's processes had of the processors: unlike the clock on the wall, other load does not stretch it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_GROUP, _SESSION, _USER, _SYSTEM = 2, 3, 11, 12
"""Fields of /proc/PID/stat behind the command's name: 5, 6, 14 and 15 in proc_pid_stat(5)."""


def processor_seconds(leader: int, proc: Path = _PROC) -> float | None:
    """Processor seconds so far of all processes that live in the session or the process group that `leader` leads; None
    where the system does not tell (it is Linux that does)."""
    if not (proc / "self").exists():
        return None
    ticks = 0
    for stat in proc.glob("[0-9]*/stat"):
        # Processes end while one looks.
        with suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            if leader in (int(fields[_GROUP]), int(fields[_SESSION])):
                ticks += int(fields[_USER]) + int(fields[_SYSTEM])
    return ticks / os.sysconf("SC_CLK_TCK")
