"""How many words a recogniser gets wrong: edit distance over words (English) or characters (Chinese).

Before they are compared, both texts are said as a voice would say them (`conversation.speech_text`: "$3.50" becomes
"three dollars and fifty cents", "Mr." "mister"), in lower case, without punctuation; hyphens part words, apostrophes
stay. Chinese is compared character by character; a Latin word or a number's name within it counts as one. Nothing else
is forgiven: "grey" for "gray" is an error, and so is a traditional character for a simplified one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conversation.speech_text import Language, speak
from conversation.speech_text.script import WIDE

_UNIT: Final = re.compile(rf"[{WIDE}]|[^\W_{WIDE}]+(?:'[^\W_{WIDE}]+)*")


@dataclass(frozen=True)
class Errors:
    """What it takes to make the reference of what was heard; `+` sums utterances."""

    wrong: int = 0
    missing: int = 0
    added: int = 0
    units: int = 0
    """Words or characters of the reference."""

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            self.wrong + other.wrong, self.missing + other.missing, self.added + other.added, self.units + other.units
        )

    @property
    def rate(self) -> float:
        """Errors for each unit of the reference; may pass 1."""
        return (self.wrong + self.missing + self.added) / max(self.units, 1)


def units(text: str, language: Language) -> list[str]:
    """The words of `text`; its characters where they are written without spaces."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    # Corpora write all in capitals, which a voice would spell.
    said = speak(plain.lower() if plain.isupper() else plain, default=language).text
    return _UNIT.findall(said.lower())


def compare(reference: str, heard: str, language: Language) -> Errors:
    """Errors of `heard`; `language` is that of the reference."""
    return edits(units(reference, language), units(heard, language))


def edits(reference: Sequence[str], heard: Sequence[str]) -> Errors:
    """The fewest edits from `reference` to `heard` (Wagner and Fischer, 1974); among equals, wrong before the rest."""
    row = [(i, 0, 0, i) for i in range(len(heard) + 1)]  # cost, wrong, missing, added
    for r, expected in enumerate(reference, start=1):
        corner, row[0] = row[0], (r, 0, r, 0)
        for h, got in enumerate(heard, start=1):
            above, left = row[h], row[h - 1]
            cost, wrong, missing, added = corner
            diagonal = (cost, wrong, missing, added) if expected == got else (cost + 1, wrong + 1, missing, added)
            down = (above[0] + 1, above[1], above[2] + 1, above[3])
            right = (left[0] + 1, left[1], left[2], left[3] + 1)
            corner, row[h] = above, min(diagonal, down, right, key=lambda way: way[0])
    _, wrong, missing, added = row[-1]
    return Errors(wrong, missing, added, len(reference))
