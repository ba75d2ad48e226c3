"""The tokens of a transducer (tokens.txt of icefall and sherpa): text out of them, and phrases as tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from conversation.errors import EngineError
from conversation.speech_text.script import Language, is_wide

BLANK: Final = 0
_LARGEST: Final = 32 << 20
"""Bytes of tokens.txt."""
_MOST: Final = 1 << 20
_SPACE: Final = "▁"
_BYTE: Final = re.compile(r"<0x([0-9A-F]{2})>")
_SPECIAL: Final = re.compile(r"<[^<>]*>|#\d+")
_LONGEST_PIECE: Final = 64


class TransducerTokens:
    """One line each, the token and its number; raises EngineError where the file is damaged."""

    def __init__(self, path: Path) -> None:
        try:
            if path.stat().st_size > _LARGEST:
                raise EngineError(f"{path} is too large for a list of tokens: get the model again.")
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise EngineError(f"The list of tokens {path} cannot be read ({error}): get the model again.") from None
        self._pieces: dict[int, str] = {}
        for line in lines:
            token, _, number = line.rstrip().rpartition(" ")
            if number.isascii() and number.isdecimal() and int(number) < _MOST:
                self._pieces[int(number)] = token.strip() or " "
            elif line.strip():
                raise EngineError(f"{path} has the line {line[:40]!r}, which is no token and number: get it again.")
        if self._pieces.keys() != set(range(len(self._pieces))) or not self._pieces:
            raise EngineError(f"The tokens of {path} are not numbered from 0 on without gaps: get the model again.")
        self._ids = {piece: number for number, piece in self._pieces.items()}
        self.unknown = self._ids.get("<unk>", BLANK)
        self._capitals = not any(piece.islower() for piece in self._ids if not _SPECIAL.fullmatch(piece))

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def scripts(self) -> frozenset[str]:
        """The languages that can be written: "zh" with many characters of scripts without spaces, "en" with letters."""
        wide = sum(is_wide(piece[-1:]) for piece in self._ids)
        latin = sum(piece.lstrip(_SPACE)[:1].isascii() and piece.lstrip(_SPACE)[:1].isalpha() for piece in self._ids)
        return frozenset([*(["zh"] if wide else []), *(["en"] if latin else [])])

    def text(self, ids: Sequence[int]) -> str:
        """What tokens say; special ones are left out, bytes of a letter joined."""
        said = bytearray()
        for piece in (self._pieces[number] for number in ids):
            if byte := _BYTE.fullmatch(piece):
                said.append(int(byte[1], 16))
            elif not _SPECIAL.fullmatch(piece):
                said += piece.replace(_SPACE, " ").encode()
        return said.decode("utf-8", "replace").strip()

    def spell(self, phrase: str) -> list[int]:
        """A phrase in as few tokens as will do; EngineError where the model has none for a part of it."""
        said = phrase.upper() if self._capitals else phrase
        ids: list[int] = []
        for word in re.sub(r"([^\x00-\u2fff])", r" \1 ", said).split():
            starts = [word] if is_wide(word[0]) else [_SPACE + word, word]
            spelt = next((found for start in starts if (found := self._fewest(start))), None)
            if spelt is None:
                raise EngineError(f"The recogniser has no tokens for {word!r} of the hotword {phrase!r}: leave it out.")
            ids += spelt
        return ids

    def _fewest(self, text: str) -> list[int] | None:
        best: list[list[int] | None] = [[]] + [None] * len(text)
        for end in range(1, len(text) + 1):
            for start in range(max(0, end - _LONGEST_PIECE), end):
                before, piece = best[start], self._ids.get(text[start:end])
                found = best[end]
                if before is not None and piece is not None and (found is None or len(before) + 1 < len(found)):
                    best[end] = [*before, piece]
        return best[-1]


def readable(text: str) -> str:
    """A transcript in capitals, as many corpora have them, in the letters of a sentence; others stay."""
    if not text or text != text.upper() or text == text.lower():
        return text
    lower = re.sub(r"\bi\b", "I", text.lower())
    return lower[:1].upper() + lower[1:]


def script_of(text: str) -> Language:
    """The language of a transcript, by its letters."""
    return "zh" if any(map(is_wide, text)) else "en"
