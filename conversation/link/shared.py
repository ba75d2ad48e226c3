"""A block of memory that several processes see, with one writer: the base of FaceTrack and AudioClock.

The writer counts a sequence number up before (odd) and after (even) it writes; a reader copies, looks at the number
again and repeats if it moved. Nobody waits for anybody: a reader gives up after a bounded number of tries, because a
writer that was killed in the middle of a write leaves the number odd for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from conversation.errors import LinkClosedError

_TRIES: Final = 64

T = TypeVar("T")


class SharedBlock:
    """Shared memory with a sequence number; whoever created it unlinks it."""

    def __init__(self, memory: SharedMemory, *, owner: bool) -> None:
        self._memory = memory
        self._owner = owner
        self._sequence: npt.NDArray[np.int64] | None = np.ndarray(1, np.int64, memory.buf)

    @classmethod
    def create(cls, size: int) -> SharedBlock:
        """A new block of `size` bytes, all zero."""
        return cls(SharedMemory(create=True, size=size + 8), owner=True)

    @classmethod
    def attach(cls, name: str) -> SharedBlock:
        """The block that another process created."""
        try:
            return cls(SharedMemory(name), owner=False)
        except FileNotFoundError:
            raise LinkClosedError(f"Shared memory {name} is gone: the process that made it has ended.") from None

    @property
    def name(self) -> str:
        """What `attach` takes in another process."""
        return self._memory.name

    def array(self, dtype: type[np.generic], shape: int | tuple[int, ...], offset: int = 0) -> npt.NDArray[Any]:
        """An array from byte `offset`, as a view. Drop every view before `close`."""
        return np.ndarray(shape, dtype, self._memory.buf, offset + 8)

    def write(self, change: Callable[[], None]) -> None:
        """Run `change`, which writes into the views, so that no reader sees half of it."""
        sequence = self._numbers()
        # From whatever a killed writer left, to odd and then to even.
        sequence[0] += 1 + (sequence[0] & 1)
        try:
            change()
        finally:
            sequence[0] += 1

    def read(self, copy: Callable[[], T]) -> T | None:
        """What `copy` took out of the views in one piece; None if the writer never stood still."""
        sequence = self._numbers()
        for _ in range(_TRIES):
            before = int(sequence[0])
            if before & 1:
                continue
            result = copy()
            if int(sequence[0]) == before:
                return result
        return None

    def close(self) -> None:
        """Let go of the memory; the creator also removes it from the system."""
        if self._sequence is None:
            return
        self._sequence = None
        self._memory.close()
        if self._owner:
            self._memory.unlink()

    def _numbers(self) -> npt.NDArray[np.int64]:
        if self._sequence is None:
            raise LinkClosedError("This shared memory is closed.")
        return self._sequence
