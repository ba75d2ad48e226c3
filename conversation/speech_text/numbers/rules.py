"""A rule finds something in a text that is not said as it is written, and says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rule:
    """`say` gets a match of `pattern` and gives the words, or None where it is something else after all."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]


def rule(pattern: str, say: Callable[[re.Match[str]], str | None], flags: int = 0) -> Rule:
    """A Rule; the pattern may use white space for itself (re.VERBOSE)."""
    return Rule(re.compile(pattern, flags | re.VERBOSE), say)


NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
"""An unsigned number, with or without commas between its thousands."""
END: Final = r"(?![\w]|[.,:/]\d)"
"""No more of a number or word follows."""
DASH: Final = r"(?:[-−]|\s?[–—~～]\s?)"
"""Between the ends of a range; a hyphen with spaces around it is a minus."""


def is_date(year: str, month: str, day: str) -> bool:
    """Whether these digits can be a date of 1000 to 2999."""
    return 1000 <= int(year) < 3000 and 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def is_time(hour: str, minute: str, second: str | None = None) -> bool:
    """Whether these digits can be a time of day."""
    return int(hour) <= 24 and int(minute) < 60 and int(second or 0) < 60
