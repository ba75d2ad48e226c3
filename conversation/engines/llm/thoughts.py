"""Models that think aloud write `<think>…</think>` before the answer: nobody wants to hear that."""

from __future__ import annotations

from typing import Final

OPENING: Final = "<think>"
CLOSING: Final = "</think>"


class ThoughtFilter:
    """Lets through what is outside of thoughts; a mark may be split between two pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._began = False
        self.found = False
        """Whether there was any thought."""

    @property
    def thinking(self) -> bool:
        """Whether what comes now is part of a thought."""
        return self._thinking

    def feed(self, piece: str) -> str:
        """What of all so far may now be said; the answer begins with its first letter."""
        text, said = self._held + piece, ""
        self._held = ""
        while text:
            mark = CLOSING if self._thinking else OPENING
            before, found, after = text.partition(mark)
            kept = 0 if found else _shared_end(before, mark)
            if not self._thinking:
                said += before[: len(before) - kept]
            self.found |= bool(found)
            if not found:
                self._held = before[len(before) - kept :]
                break
            text, self._thinking = after, not self._thinking
        if not self._began:
            said = said.lstrip()
            self._began = bool(said)
        return said

    def end(self) -> str:
        """What was held back, once nothing more comes."""
        rest, self._held = "" if self._thinking else self._held, ""
        return rest


def _shared_end(text: str, mark: str) -> int:
    """Characters at the end of `text` that may be the beginning of `mark`."""
    return next((size for size in range(min(len(mark) - 1, len(text)), 0, -1) if mark.startswith(text[-size:])), 0)
