"""Whisper's tokens: the special ones by name, text out of the others, and loops in a row of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

_MIN_COPIES: Final = ((1, 6), (2, 4), (3, 3), (6, 2))
"""From which length a phrase counts as a loop at how many copies in a row: people do say "no no no no"."""
_MAX_PHRASE: Final = 32
_LONGEST_CODE: Final = 3
"""Letters of a language's code ("en", "haw"); other special tokens have longer names."""


class _Table(msgspec.Struct, frozen=True):
    tokens: list[str]
    special: dict[str, int]
    suppress: list[int]
    suppress_at_begin: list[int]


@dataclass(frozen=True)
class Special:
    """Ids of the tokens that steer the decoder."""

    start: int
    end: int
    transcribe: int
    no_timestamps: int
    no_speech: int


class Tokens:
    """The vocabulary of one model, read from its tokens.json."""

    def __init__(self, path: Path) -> None:
        table = msgspec.json.decode(path.read_bytes(), type=_Table)
        self._bytes = _byte_values()
        self._tokens = table.tokens
        self._special = table.special
        self.suppress = table.suppress
        self.suppress_at_begin = table.suppress_at_begin
        self.special = Special(
            start=self._special["<|startoftranscript|>"],
            end=self._special["<|endoftext|>"],
            transcribe=self._special["<|transcribe|>"],
            no_timestamps=self._special["<|notimestamps|>"],
            no_speech=self._special["<|nocaptions|>"],
        )

    @property
    def languages(self) -> dict[str, int]:
        """The tokens of all languages that Whisper knows, by code."""
        named = {name[2:-2]: id_ for name, id_ in self._special.items()}
        return {code: id_ for code, id_ in named.items() if code.isalpha() and len(code) <= _LONGEST_CODE}

    def language(self, code: str) -> int:
        """The id of a language's token, "en" or "zh" say; KeyError for one that Whisper does not know."""
        return self._special[f"<|{code}|>"]

    def text(self, ids: Sequence[int]) -> str:
        """The text of ordinary tokens; special ones are left out."""
        spelt = "".join(self._tokens[i] for i in ids if i < self.special.end)
        return bytes(self._bytes[letter] for letter in spelt).decode("utf-8", "replace")


def looping_tail(ids: Sequence[int]) -> int:
    """How many tokens at the end only say again what stands before them; 0 where the row is no loop."""
    for length in range(1, min(_MAX_PHRASE, len(ids) // 2) + 1):
        phrase = ids[-length:]
        copies = 1
        while ids[len(ids) - (copies + 1) * length : len(ids) - copies * length] == phrase:
            copies += 1
        if copies >= next(least for shortest, least in reversed(_MIN_COPIES) if length >= shortest):
            return (copies - 1) * length
    return 0


def _byte_values() -> dict[str, int]:
    """GPT-2's alphabet: printable Latin-1 stands for itself, every other byte for a letter from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + i): byte for i, byte in enumerate(others)}
