"""How tones change in running Mandarin: 不, 一, third tones in a row, and light syllables.

The rules are those of grammars of Standard Chinese (S. Duanmu, The Phonology of Standard Chinese, ch. 11). They work on
words, since a word's own third tones change before those of its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import pairwise
from typing import Final

Word = tuple[str, list[str]]
"""Its characters and the reading of each, such as "hao3"; 5 is the light tone."""

_NUMERALS: Final = frozenset("零〇一二三四五六七八九十百千万亿")
_MOODS: Final = frozenset("吧呢啊呐嘛呀哦哩哟喽啰耶喔")
"""Particles that end a clause in the light tone."""
_PERSONS: Final = frozenset("我你他她它您谁们")
"""After these 得 is a verb of its own."""
_BEFORE_GE: Final = _NUMERALS | frozenset("两几有半多各整每做是这那哪")


def applied(words: list[Word], light: Container[str], split: Callable[[str], list[str]]) -> list[Word]:
    """`words` of a clause with the tones that are heard.

    `light`: words whose last syllable is light. `split` divides a word of three into its parts ("纸老虎": 纸, 老虎).
    """
    joined = _joined(words)
    for characters, readings in joined:
        _bu(characters, readings)
        _yi(characters, readings)
        _light(characters, readings, light)
        _thirds(characters, readings, split)
    return joined


def _joined(words: list[Word]) -> list[Word]:
    """不 and 一 belong to the word that follows, a numeral, 地 and 得 to the one before it; two short words that meet
    in third tones are said as one."""
    out: list[Word] = []
    for characters, readings in words:
        if out:
            before, earlier = out[-1]
            number = _is_number(before) and characters[0] in _NUMERALS
            clitic = before in ("不", "一") and characters[0] not in _NUMERALS
            meets = earlier[-1].endswith("3") and readings[0].endswith("3") and len(before + characters) <= 3
            how = (characters == "地" and len(before) > 1) or (characters == "得" and before[-1] not in _PERSONS)
            if number or clitic or meets or how:
                out[-1] = before + characters, earlier + (["de5"] if how else readings)
                continue
        out.append((characters, list(readings)))
    return out


def _set(readings: list[str], at: int, tone: str) -> None:
    if readings[at][-1:].isdigit():
        readings[at] = readings[at][:-1] + tone


def _bu(characters: str, readings: list[str]) -> None:
    if len(characters) == 3 and characters[1] == "不":  # 看不懂, 好不好
        _set(readings, 1, "5")
        return
    for at, character in enumerate(characters):
        if character == "不":
            before_fourth = at + 1 < len(readings) and readings[at + 1].endswith("4")
            _set(readings, at, "2" if before_fourth else "4")


def _yi(characters: str, readings: list[str]) -> None:
    for at, (character, after) in enumerate(pairwise(characters)):
        if character != "一":
            continue
        before = characters[at - 1 : at]
        decimal = before == "点" or (after == "点" and characters[at + 2 : at + 3] in _NUMERALS)  # 一点五
        if before == after:  # 看一看
            _set(readings, at, "5")
        elif decimal or before == "第" or before in _NUMERALS or after in _NUMERALS or after in "号月":
            _set(readings, at, "1")
        else:
            _set(readings, at, "2" if readings[at + 1].endswith(("4", "ge5")) else "4")


def _is_number(characters: str) -> bool:
    return characters[0] in _NUMERALS and all(one in _NUMERALS or one == "点" for one in characters)


def _light(characters: str, readings: list[str], light: Container[str]) -> None:
    if len(characters) == 3 and characters[1] == "得":  # 看得懂
        readings[1] = "de5"
    if characters in light or characters[-2:] in light or characters[-1] in _MOODS:
        _set(readings, len(readings) - 1, "5")
    at = characters.find("个")
    if at >= 1 and characters[at - 1] in _BEFORE_GE:
        _set(readings, at, "5")


def _thirds(characters: str, readings: list[str], split: Callable[[str], list[str]]) -> None:
    third = [reading.endswith("3") for reading in readings]
    if len(third) == 3 and all(third):
        _set(readings, 1, "2")
        if len(split(characters)[0]) == 2:  # 展览 + 馆; but 纸 + 老虎
            _set(readings, 0, "2")
        return
    # A longer word falls into pairs from its beginning.
    for at in range(0, len(third) - 1, 1 if len(third) == 3 else 2):
        if third[at] and third[at + 1]:
            _set(readings, at, "2")
