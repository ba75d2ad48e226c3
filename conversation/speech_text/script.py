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


_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]{2,}")
_NAME: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,20}-?(?=\d)")
_WIDE_STOPS: Final = "，。！？；：、（）“”…"
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

    A letter has that of its script, but for a unit ("5 km"), and for letters that a number is a part of ("PM2.5"). What
    stands between (digits, signs, spaces) has that of the letters around it, as far as the next wide stop; where they
    differ, Chinese: "我用 Python 3 写" is a Chinese sentence with a foreign word. Where there are letters on one side
    alone, Latin ones count only if the text has more words than Chinese characters. Text without letters: `default`.
    """
    found: list[Language | None] = ["zh" if is_wide(c) else "en" if c.isalpha() else None for c in text]
    for unit in _UNIT.finditer(text):
        found[unit.start() : unit.end()] = [None] * len(unit[0])
    chinese = len(_WIDE.findall(text))
    latin = sum(found[word.start()] == "en" for word in _LATIN.finditer(text))
    most: Language = default if not chinese + latin else "zh" if chinese >= latin else "en"
    for name in _NAME.finditer(text) if most == "zh" else ():
        found[name.start() : name.end()] = [None] * len(name[0])
    before = _letters_before(text, found)
    after = _letters_before(text[::-1], found[::-1])[::-1]
    result: list[Language] = []
    for own, one, other in zip(found, before, after, strict=True):
        if own is not None or "zh" in (one, other):
            result.append(own or "zh")
        else:
            result.append("en" if one and other else most)
    return result


def _letters_before(text: str, found: list[Language | None]) -> list[Language | None]:
    """For each character the language of the nearest letter before it that no wide stop parts from it."""
    result: list[Language | None] = []
    last: Language | None = None
    for character, language in zip(text, found, strict=True):
        result.append(last)
        last = language or (None if character in _WIDE_STOPS else last)
    return result
