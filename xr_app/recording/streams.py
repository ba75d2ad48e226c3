"""What waits for the writer of a tape: rows until there are enough for a chunk, and notes."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from xr_app.recording.notes import AnyNote
from xr_app.recording.rows import STREAMS
from xr_app.recording.tape import NOTES, TapeWriter

_ROWS: Final = 128
_LETTERS: Final = 1 << 16
"""Of a chunk."""


class Stream:
    """Rows that fill, and go to the writer when they are full."""

    def __init__(self, writer: TapeWriter, name: str) -> None:
        self._writer, self._name = writer, name
        self._count = 0
        self._rows = np.zeros(_ROWS, STREAMS[name])

    def next(self, frame: int) -> tuple[NDArray[np.void], int]:
        """Rows, and the number of a new one among them: zeros but for its frame."""
        if self._count == _ROWS:
            self.flush()
        n, self._count = self._count, self._count + 1
        if self._name != "frames":
            self._rows["frame"][n] = frame
        return self._rows, n

    def flush(self) -> None:
        if self._count:
            self._writer.put(self._name, self._rows[: self._count])
            self._rows, self._count = np.zeros(_ROWS, STREAMS[self._name]), 0


class Notes:
    """Notes, one line of JSON each."""

    def __init__(self, writer: TapeWriter) -> None:
        self._writer, self._encoder, self._waiting = writer, msgspec.json.Encoder(), bytearray()

    def add(self, note: AnyNote) -> None:
        self._waiting += self._encoder.encode(note) + b"\n"
        if len(self._waiting) > _LETTERS:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._writer.put(NOTES, bytes(self._waiting))
            self._waiting.clear()
