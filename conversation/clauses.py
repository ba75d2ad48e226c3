"""Cuts an answer into clauses while it is being written, so that speech can begin before the answer is complete.

The first clause is short (the listener waits for it); later ones are whole sentences (prosody). A decision falls only
at white space (or at a full-width stop) and looks only at the text before it: it does not depend on how the text was
divided into tokens, "3.14" and "example.org" stay whole, and nothing is lost.
"""

from __future__ import annotations

import re
from typing import Final

FIRST_WORDS: Final = 3
"""A first clause has at least so many words …"""
FIRST_ENOUGH: Final = 8
"""… and is cut without any punctuation after so many."""
SENTENCE_WORDS: Final = 3
"""A shorter sentence is spoken together with the next one."""
LONG_WORDS: Final = 30
"""A sentence that is longer than this is cut at a comma."""
LONGEST_WORDS: Final = 45
"""No clause is longer than this."""

_CLOSERS: Final = "\"'”’»)]*_`"
_SENTENCE_END: Final = ".!?…。！？"
_SOFT_END: Final = ",;:–—，；：、"
_WIDE_STOPS: Final = "。！？；，：、"
_INITIALS: Final = re.compile(r"^[(\"'“‘]*(?:[A-Za-z]\.)+$")
_NUMBERED: Final = re.compile(r"^\d{1,3}\.$")
_ABBREVIATIONS: Final = re.compile(
    r"(?:mrs?|ms|dr|prof|st|vs|[js]r|inc|ltd|dept|approx|fig|mt|gen|capt|lt|sgt|rev|hon|cf)\.", re.IGNORECASE
)
# A clause that ends here sounds broken off: wait for the noun.
_LEADING: Final = re.compile(
    r"an?|the|of|to|in|on|at|by|for|from|with|and|or|but|as|is|are|was|were|that|this|my|your|his|her|its|our|their|not"
    r"|very|can|could|will|would|should|may|might|must|i|you|s?he|it|we|they",
    re.IGNORECASE,
)
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class ClauseCutter:
    """Takes the pieces of one answer and gives its clauses; joined, they are the text up to white space."""

    def __init__(self) -> None:
        self._text = ""
        self._clauses = 0

    def feed(self, piece: str) -> list[str]:
        """The clauses that this piece completes."""
        clauses = []
        for character in piece:
            if (character.isspace() and self._ends(line=character == "\n")) or (
                character in _WIDE_STOPS and self._ends_wide(character)
            ):
                clauses.append(self._take("" if character.isspace() else character))
            else:
                self._text += character
        return clauses

    def finish(self) -> list[str]:
        """What is left when the answer is complete."""
        return [self._take("")] if self._text.strip() else []

    def _take(self, last: str) -> str:
        clause, self._text = (self._text + last).strip(), ""
        self._clauses += 1
        return clause

    def _ends(self, *, line: bool) -> bool:
        """Whether the text before this white space is a clause."""
        words = self._text.split()
        if not words:
            return False
        last = words[-1].rstrip(_CLOSERS)
        if self._is_label(last, alone=len(words) == 1):
            return False
        count = _count(self._text)
        if line:
            return count >= FIRST_WORDS or last[-1:] in tuple(_SENTENCE_END + _SOFT_END)
        sentence = last.endswith(tuple(_SENTENCE_END))
        soft = last.endswith(tuple(_SOFT_END)) or last == "-"
        if self._clauses == 0:
            if count >= FIRST_WORDS and (sentence or soft):
                return True
            return count >= FIRST_ENOUGH and (not _LEADING.fullmatch(last) or count >= FIRST_ENOUGH + 4)
        if sentence:
            return count >= SENTENCE_WORDS
        return (soft and count >= LONG_WORDS) or count >= LONGEST_WORDS

    def _ends_wide(self, stop: str) -> bool:
        """Whether the text before this full-width stop, and the stop, are a clause."""
        count = _count(self._text)
        if stop in _SENTENCE_END:
            return count >= SENTENCE_WORDS
        return count >= (FIRST_WORDS if self._clauses == 0 else LONG_WORDS)

    def _is_label(self, word: str, *, alone: bool) -> bool:
        """Ends in a full stop that ends no sentence: "Mr.", "e.g.", the "2." of a list."""
        if _ABBREVIATIONS.fullmatch(word) or _INITIALS.match(word):
            return True
        starts_line = alone or self._text.rstrip().rpartition("\n")[2].strip() == word
        return bool(_NUMBERED.match(word)) and starts_line


def spoken(clause: str) -> str:
    """What of a clause is said aloud: no Markdown, no emoji, white space collapsed; "" where nothing is left."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)\s]*\)", r"\1", clause)
    text = re.sub(r"^\s*(?:#{1,6}\s+|[-*+•]\s+|>\s*|`{3}\w*)", "", text, flags=re.MULTILINE)
    text = re.sub(r"[*`~#|\[\]]+", "", text)
    text = re.sub(r"_+", " ", text)
    text = _EMOJI.sub("", text)
    text = " ".join(text.split())
    return text if any(character.isalnum() for character in text) else ""


def heard_part(clause: str, fraction: float) -> str:
    """The words of a clause that were heard when `fraction` of its audio was played."""
    end = round(len(clause) * min(max(fraction, 0.0), 1.0))
    if end >= len(clause):
        return clause
    # A word of which only a part was played was not heard.
    return clause[: clause.rfind(" ", 0, end + 1)].rstrip() if " " in clause[: end + 1] else ""


def _count(text: str) -> int:
    """Words; two characters of a script without spaces count as one."""
    wide = len(_WIDE.findall(text))
    return (wide + 1) // 2 + sum(any(c.isalnum() for c in word) for word in _WIDE.sub(" ", text).split())


_EMOJI: Final = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002b00-\U00002bff\U0000fe00-\U0000fe0f\U0000200d\U000e0020-\U000e007f]"
)
