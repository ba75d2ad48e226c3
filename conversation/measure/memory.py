"""How much memory processes hold, of the kind that a leak makes grow.

Anonymous memory, in RAM or swapped out: what a process allocated itself. Pages of files (libraries, mapped models) come
and go as the system likes, and are not counted. Linux alone tells (/proc/PID/smaps_rollup, proc(5)).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_KILOBYTES: Final = re.compile(r"^(?:Anonymous|Swap):\s+(\d+) kB$", re.MULTILINE)


def memory_mb(processes: Mapping[str, int]) -> dict[str, float]:
    """Megabytes (10^6) by name, with the language model's. What cannot be read is left out."""
    found = {name: _anonymous(process) for name, process in with_language_model(processes).items()}
    return {name: round(megabytes, 2) for name, megabytes in found.items() if megabytes is not None}


def with_language_model(processes: Mapping[str, int]) -> dict[str, int]:
    """The same ids by name, and that of a child of "conversation" as "llm"."""
    ids = dict(processes)
    if "conversation" in ids and (child := _child(ids["conversation"])) is not None:
        ids["llm"] = child
    return ids


def _anonymous(process: int) -> float | None:
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return None
    return sum(int(kilobytes) for kilobytes in _KILOBYTES.findall(told)) * 1024 / 1e6 if told else None


def _child(process: int) -> int | None:
    """The one that does the conversation's work, not multiprocessing's own."""
    try:
        # The model's process is started from a stage's thread, so that it is that thread's child.
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                if "resource_tracker" not in Path(f"/proc/{child}/cmdline").read_text():
                    return int(child)
    except OSError:
        return None
    return None
