"""Cuts an answer into clauses while it is being written, so that speech can begin before the answer is complete.

The first clause is short (the listener waits for it); later ones are whole sentences (prosody). A decision falls at
white space, or before the character that follows a full-width stop, or, where a stop may end no sentence ("U.S.",
"No.", "…"), after the next word. It looks only at the text before it: it does not depend on how the text was divided
into tokens, "3.14" and "example.org" stay whole, and nothing is lost. A fenced block of code is one clause, a row of a
table, a span of code and the text of a link are never divided.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from conversation.speech_text.endings import (
    CLOSERS,
    SENTENCE_END,
    SOFT_END,
    WIDE_STOPS,
    Ending,
    confirmed,
    ending,
    is_url,
)
from conversation.speech_text.script import count_words, is_wide


@dataclass(frozen=True)
class CutSettings:
    """Lengths in words; two Chinese characters count as one."""

    first_words: int = 3
    """A first clause has at least so many words …"""
    first_enough: int = 8
    """… and is cut without any punctuation after so many."""
    sentence_words: int = 3
    """A shorter sentence is spoken together with the next one."""
    long_words: int = 30
    """A sentence that is longer than this is cut at a comma."""
    longest_words: int = 45
    """No clause is longer than this, but for a block of code."""


_NUMBERED: Final = re.compile(r"\d{1,3}[.)]")
_FENCE: Final = re.compile(r"\s*(?:`{3}[^`]*|~{3}.*)")
_OPEN_SPAN: Final = re.compile(r"\[[^\]\n]*$|\]\([^)\n]*$")
# A clause that ends here sounds broken off: wait for the noun.
_LEADING: Final = re.compile(
    r"an?|the|of|to|in|on|at|by|for|from|with|and|or|but|as|is|are|was|were|that|this|my|your|his|her|its|our|their|not"
    r"|very|can|could|will|would|should|may|might|must|i|you|s?he|it|we|they|no"
    r"|january|february|march|april|may|june|july|august|september|october|november|december",
    re.IGNORECASE,
)


class ClauseCutter:
    """Takes the pieces of one answer and gives its clauses; joined, they are the text up to white space."""

    def __init__(self, settings: CutSettings | None = None) -> None:
        self._settings = settings or CutSettings()
        self._text = ""
        self._line = ""  # since the last line feed, of which a part may be in clauses already given
        self._fenced = False
        self._deferred: tuple[int, Ending] | None = (
            None  # the text before this place is a clause if the next word says so
        )
        self._first = True

    def feed(self, piece: str) -> list[str]:
        """The clauses that this piece completes."""
        clauses: list[str] = []
        for character in piece:
            if character == "\n":
                self._line_end(clauses)
            elif not self._fenced:
                if character.isspace():
                    self._word_end(clauses)
                else:
                    self._before(character, clauses)
            self._text += character
            self._line = "" if character == "\n" else self._line + character
        return clauses

    def finish(self) -> list[str]:
        """What is left when the answer is complete."""
        clauses: list[str] = []
        if not self._fenced:
            self._resolve(clauses)
        self._take(len(self._text), clauses)
        return clauses

    def _take(self, end: int, clauses: list[str]) -> None:
        """The text before `end` is a clause."""
        clause, self._text = self._text[:end].strip(), self._text[end:]
        self._deferred = None
        if clause:
            clauses.append(clause)
            self._first = False

    def _line_end(self, clauses: list[str]) -> None:
        if _FENCE.fullmatch(self._line):
            if self._fenced:
                self._take(len(self._text), clauses)
            else:
                self._take(len(self._text) - len(self._line), clauses)
            self._fenced = not self._fenced
            return
        if self._fenced or not self._text or self._text[-1].isspace():
            return
        self._resolve(clauses)
        last = self._last_word()
        if not last or self._is_label(last):
            return
        closed = last.rstrip(CLOSERS).endswith(tuple(SENTENCE_END + SOFT_END))
        if closed or count_words(self._text) >= self._settings.first_words:
            self._take(len(self._text), clauses)

    def _word_end(self, clauses: list[str]) -> None:
        """White space that ends no line."""
        if not self._text or self._text[-1].isspace():
            return
        self._resolve(clauses)
        word = self._last_word()
        if not word or self._is_label(word):
            return
        count = count_words(self._text)
        if count >= self._settings.longest_words:
            self._take(len(self._text), clauses)
        elif not self._inside():
            kind = ending(word)
            if self._long_enough(kind, count):
                if kind in ("soft", "sentence"):
                    self._take(len(self._text), clauses)
                else:
                    self._deferred = len(self._text), kind
            elif self._first and self._may_break(word, count):
                self._take(len(self._text), clauses)

    def _resolve(self, clauses: list[str]) -> None:
        """The word after a doubtful ending is complete."""
        if self._deferred is not None:
            at, kind = self._deferred
            self._deferred = None
            if confirmed(kind, self._text[at:].strip()):
                self._take(at, clauses)

    def _before(self, character: str, clauses: list[str]) -> None:
        """A character that is no space comes after one that is none: full-width stops end a clause between the two."""
        text = self._text
        if not text or text[-1].isspace() or character in CLOSERS or character in WIDE_STOPS:
            return
        bare = text.rstrip(CLOSERS)
        stop, before = bare[-1:], bare[-2:-1]
        if stop in WIDE_STOPS:
            if before.isdigit() and character.isdigit():
                return
        elif is_wide(character) and stop in SENTENCE_END + SOFT_END:
            word = self._last_word()
            if is_url(word) or self._is_label(word) or not confirmed(ending(word), character):
                return
        else:
            between = is_wide(character) and is_wide(text[-1])
            if between and count_words(text) >= self._settings.longest_words:
                self._take(len(text), clauses)
            return
        if not stop or self._inside():
            return
        sentence = stop in SENTENCE_END
        if self._long_enough("sentence" if sentence else "soft", count_words(text)):
            self._take(len(text), clauses)

    def _long_enough(self, kind: Ending, count: int) -> bool:
        """Whether a clause of so many words may end so."""
        if kind == "none":
            return False
        if self._first:
            return count >= self._settings.first_words
        soft = kind in ("soft", "if not digit")
        return count >= (self._settings.long_words if soft else self._settings.sentence_words)

    def _may_break(self, word: str, count: int) -> bool:
        """Whether a first clause that has no punctuation has waited long enough, and sounds whole."""
        enough = self._settings.first_enough
        if count < enough or any(c.isdigit() for c in word) or any(is_wide(c) for c in self._text):
            return False
        return ending(word) == "none" and (not _LEADING.fullmatch(word.rstrip(CLOSERS)) or count >= enough + 4)

    def _last_word(self) -> str:
        words = self._text.split()
        return words[-1] if words else ""

    def _inside(self) -> bool:
        """Whether the text ends in a span of code, in a link or in a row of a table."""
        line = self._text.rpartition("\n")[2]
        if line.count("`") % 2 or _OPEN_SPAN.search(line):
            return True
        return self._line.lstrip().startswith("|")

    def _is_label(self, word: str) -> bool:
        """The "2." of a list."""
        return bool(_NUMBERED.fullmatch(word)) and self._line.strip() == word
