"""Where a line of English, Chinese or both may end.

The part of Unicode's line breaking algorithm (UAX #14) that these two languages need: an English word stays whole; a
line may end after any Han character, but does not begin with punctuation that closes (kinsoku), nor end with
punctuation that opens; quotes that may be either are never torn from what they touch.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import pairwise
from typing import Final, NamedTuple

CLOSING: Final = frozenset("、。，．：；！？）」』】》〉〕］｝”’…—～·％℃,.:;!?)]}%»ー々")
"""No line begins with these (classes CL, CP, EX, IS, IN, NS and the closing quotes)."""
OPENING: Final = frozenset("（「『【《〈〔［｛“‘([{«￥$#@")
"""No line ends with these (class OP, the opening quotes, and prefixes of numbers)."""
EITHER: Final = frozenset("\"'")
"""Class QU."""
_BREAKS_AFTER: Final = frozenset("—–…")

Width = Callable[[str], float]
"""Pixels of a piece of text."""


class Line(NamedTuple):
    """A line and where it begins in the text that was broken."""

    text: str
    begin: int


def units(text: str) -> list[str]:
    """The pieces between which lines may end, in order; spaces stay with the piece before them."""
    cuts = [0, *(i for i in range(1, len(text)) if _may_break(text[i - 1], text[i])), len(text)]
    return [text[a:b] for a, b in pairwise(cuts) if b > a]


def wrap(text: str, most: float, width: Width) -> list[Line]:
    """Lines of at most `most` pixels, each as full as can be. A piece that is wider is broken between any two
    letters; spaces at a line's end are left out, as are line breaks, which end a line.
    """
    lines: list[Line] = []
    begin = 0
    for paragraph in text.split("\n"):
        lines += _wrap_one(paragraph, begin, most, width)
        begin += len(paragraph) + 1
    return lines


def _wrap_one(text: str, begin: int, most: float, width: Width) -> list[Line]:
    lines: list[Line] = []
    line, used = "", 0.0
    for unit in units(text):
        while True:
            if used + width(unit.rstrip()) <= most:
                line, used, unit = line + unit, used + width(unit), ""
                break
            if line:
                lines.append(Line(line.rstrip(), begin))
                begin += len(line)
                line, used = "", 0.0
                continue
            fitting = max(1, _fitting(unit, most, width))
            lines.append(Line(unit[:fitting], begin))
            begin += fitting
            unit = unit[fitting:]
            if not unit.strip():
                begin += len(unit)
                break
    if line.rstrip():
        lines.append(Line(line.rstrip(), begin))
    return lines


def _fitting(unit: str, most: float, width: Width) -> int:
    return next((n - 1 for n in range(1, len(unit) + 1) if width(unit[:n]) > most), len(unit))


def _may_break(a: str, b: str) -> bool:
    if b == " " or b in CLOSING or a in OPENING or a in EITHER or b in EITHER:
        return a == " " and b in EITHER
    return a == " " or a in _BREAKS_AFTER or _is_wide(a) or _is_wide(b)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"
