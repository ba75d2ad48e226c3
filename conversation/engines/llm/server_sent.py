"""Server-sent events (WHATWG HTML standard, section 9.2.6), as far as chat servers use them: the data of each event.

Comments (`: ping`) and fields other than `data` say nothing. Lines end in LF, CR LF or CR; characters may be split
between two pieces of the network.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final

from conversation.errors import EngineError

LARGEST_EVENT: Final = 1 << 20
"""Characters; an answer's pieces are a few hundred."""


class EventParser:
    """Takes bytes as they come; gives the data of each complete event."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._rest = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[str]:
        """The events that `data` completes; EngineError where one grows out of all measure."""
        text = self._rest + self._decode(data)
        # A CR at the very end may be half of a CR LF.
        held = "\r" if text.endswith("\r") else ""
        lines = (text[:-1] if held else text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + held
        for line in lines:
            if line:
                self._take(line)
            elif self._data:
                yield "\n".join(self._data)
                self._data, self._size = [], 0
        if self._size + len(self._rest) > LARGEST_EVENT:
            raise EngineError("The language model's server sent an endless line: it is not one for chat.")

    def _take(self, line: str) -> None:
        field, _, value = line.partition(":")
        if field != "data":
            return
        self._data.append(value.removeprefix(" "))
        self._size += len(value)
        if self._size > LARGEST_EVENT:
            raise EngineError("The language model's server sent an endless event: it is not one for chat.")
