"""Scripts and languages: which characters are written without spaces, and in which language a number is read."""

from __future__ import annotations

import re
from typing import Final, Literal

Language = Literal["en", "zh"]

WIDE: Final = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Characters of scripts without spaces between words, as the inside of a regular expression's class."""
_WIDE: Final = re.compile(f"[{WIDE}]")
_HAN: Final = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff]")
_OTHER_WIDE: Final = re.compile("[\u3040-\u30ff\uac00-\ud7af]")


def is_wide(character: str) -> bool:
    """Whether it is a letter of a script written without spaces; false for ""."""
    return _WIDE.match(character) is not None


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it, and nothing that is Japanese or Korean alone."""
    return _HAN.search(text) is not None and _OTHER_WIDE.search(text) is None


def count_words(text: str) -> int:
    """Words; two characters of a script without spaces count as one."""
    wide = len(_WIDE.findall(text))
    return (wide + 1) // 2 + sum(any(c.isalnum() for c in word) for word in _WIDE.sub(" ", text).split())


_UNIT: Final = re.compile(r"(?<=[\d°])\s?[A-Za-z]{1,3}(?![A-Za-z])")


def join_clauses(parts: list[str]) -> str:
    """Parts of a text again as one, with a space between two where both sides are written with spaces."""
    joined = ""
    for part in parts:
        wide = joined[-1:] > "\u2fff" and part[:1] > "\u2fff"
        joined += part if not joined or wide else f" {part}"
    return joined


def languages(text: str, default: Language = "en") -> list[Language]:
    """The language of each character of `text`.

    A letter has that of its script, but for a unit ("5 km"). What stands between (digits, signs, spaces) has that of
    the letters around it; where they differ, Chinese: "我用 Python 3 写" is a Chinese sentence with a foreign word.
    Text without letters: `default`.
    """
    found: list[Language | None] = ["zh" if is_wide(c) else "en" if c.isalpha() else None for c in text]
    for unit in _UNIT.finditer(text):
        found[unit.start() : unit.end()] = [None] * len(unit[0])
    before: list[Language | None] = []
    last: Language | None = None
    for language in found:
        last = language or last
        before.append(last)
    after: Language | None = None
    for i in range(len(text) - 1, -1, -1):
        after = found[i] or after
        around = {before[i], after} - {None}
        found[i] = found[i] or (default if not around else "zh" if "zh" in around else "en")
    return [language or default for language in found]
