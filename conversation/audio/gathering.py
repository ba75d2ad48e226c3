"""Blocks of the microphone, gathered until they can tell something.

A processor that is woken for 10 ms of sound spends most of its work on waking: its caches are cold. So whoever listens
says how many samples it takes until anything could come of them, and is woken for those, not for every block.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Block:
    """(n,) samples at MICROPHONE_RATE; monotonic ns of the first."""

    samples: F32
    start_ns: int


class Gathering:
    """`put` is called from the device's thread, everything else from one other. limit: blocks that may wait."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._blocks: list[Block] = []
        self._count = 0
        self._wanted = 1

    @property
    def waiting(self) -> int:
        """Blocks that nobody took yet."""
        return len(self._blocks)

    def put(self, block: Block) -> bool:
        """One more, which is lost where too many wait; whether somebody should `take` now."""
        with self._lock:
            if len(self._blocks) >= self._limit:
                return False
            self._blocks.append(block)
            self._count += len(block.samples)
            return self._count >= self._wanted

    def take(self) -> list[Block]:
        """All that came, wanted or not."""
        with self._lock:
            blocks, self._blocks = self._blocks, []
            self._count = 0
            return blocks

    def want(self, count: int) -> bool:
        """From now on so many samples are worth to `take`; whether they are there already."""
        with self._lock:
            self._wanted = count
            return self._count >= count
