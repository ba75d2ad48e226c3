"""Full stops that end no sentence: abbreviations, initials, the labels of a list, ellipses."""

from __future__ import annotations

import re
from typing import Final, Literal

from conversation.speech_text.script import is_wide

CLOSERS: Final = "\"'”’»)]*_`」』）】》"
SENTENCE_END: Final = ".!?…。！？"
SOFT_END: Final = ",;:–—，；：、"
WIDE_STOPS: Final = "。！？；，：、…"

Ending = Literal["none", "soft", "sentence", "if starter", "if letter", "if not lower", "if not digit"]
"""How a word ends: the last four end a clause only if the word that follows them is of that kind."""

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)
_INITIALS: Final = re.compile(r"[(\"'“‘]*(?:[A-Za-z]\.)+")
_DOTTED: Final = re.compile(r"[(\"'“‘]*(?:[A-Za-z]{1,2}\.){2,}")
_NEVER: Final = re.compile(
    r"mrs?|ms|dr|prof|vs|approx|mt|gen|capt|lt|col|sgt|rev|hon|cf|e\.g|i\.e|incl|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec",
    re.IGNORECASE,
)
_STARTER: Final = re.compile(r"[js]r|inc|ltd|co|corp|dept|st|ave|blvd|etc|al|est|min|max|ed", re.IGNORECASE)
_LETTER: Final = re.compile(r"nos?|figs?|vol|ch|sec|pp?|art|eq|ver|apt|ext", re.IGNORECASE)
_STARTERS: Final = re.compile(
    r"the|an?|he|she|it|they|we|i|you|this|that|these|those|t?here|but|and|so|or|in|on|at|for|as|if|when|while|what|who"
    r"|how|why|where|which|however|then|now|also|my|your|his|her|its|our|their|after|before|not?|yes|is|are|was|were|do"
    r"|did|can|could|will|would|should|let|please",
    re.IGNORECASE,
)


def ending(word: str) -> Ending:
    """How `word`, which stands at the end of a text, ends."""
    bare = word.rstrip(CLOSERS)
    if not any(c.isalnum() for c in bare):
        # " . . . " is an ellipsis; a lone dash joins what it separates more weakly than a comma does.
        return "soft" if bare in ("-", "–", "—") else "none"
    if bare.endswith(tuple(SOFT_END)):
        return "if not digit" if bare[-2:-1].isdigit() else "soft"
    if not bare.endswith(tuple(SENTENCE_END)):
        return "none"
    stem = bare.rstrip(SENTENCE_END)
    if bare.endswith(("..", "…")):
        return "if not lower"
    if bare.endswith("."):
        start = stem.lstrip("([{\"'“‘*_")
        if _NEVER.fullmatch(start):
            return "none"
        if _DOTTED.fullmatch(bare) or _STARTER.fullmatch(start):
            return "if starter"
        if _INITIALS.fullmatch(bare):
            return "none"
        if _LETTER.fullmatch(start):
            return "if letter"
    return "if not lower" if bare != word and not bare.endswith((".", "。")) else "sentence"


def confirmed(kind: Ending, following: str) -> bool:
    """Whether what ended by `kind` is over, now that the next word is known ("": the text is over)."""
    bare = following.lstrip("([{\"'“‘*_")
    if kind == "none":
        return False
    if not bare or kind in ("soft", "sentence") or is_wide(bare[0]):
        return True
    if kind == "if starter":
        return bare[0].isupper() and _STARTERS.fullmatch(re.split(r"[\W_]", bare, maxsplit=1)[0]) is not None
    if kind == "if letter":
        return bare[0].isalpha()
    if kind == "if not digit":
        return not bare[0].isdigit()
    return not bare[0].islower()


def is_url(word: str) -> bool:
    """Whether the word is an address, whose stops and commas are part of it."""
    return _URL.search(word) is not None
