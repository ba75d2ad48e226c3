"""Chinese words for numbers."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_MYRIADS: Final = ("", "万", "亿", "万亿")


def cardinal(number: int) -> str:
    """ "一万零一十"; digits one by one from 10**16 on."""
    if number < 0:
        return "负" + cardinal(-number)
    if number == 0:
        return _DIGITS[0]
    if number >= 10**16:
        return digits(str(number))
    said, gap = "", False
    for index in range(len(_MYRIADS) - 1, -1, -1):
        group = number // 10 ** (4 * index) % 10**4
        if not group:
            gap = bool(said)
            continue
        said += (_DIGITS[0] if said and (gap or group < 1000) else "") + _group(group) + _MYRIADS[index]
        gap = False
    if said.count("亿") > 1:  # 12345 of them are "一万二千三百四十五亿"
        said = said.replace("万亿", "万", 1)
    return said.removeprefix(_DIGITS[1]) if said.startswith("一十") else said


def _group(number: int) -> str:
    """1 to 9999."""
    said = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += _DIGITS[digit] + _PLACES[place]
        elif said and number % 10**place and not said.endswith(_DIGITS[0]):
            said += _DIGITS[0]
    return said


def digits(text: str, *, phone: bool = False) -> str:
    """The digits of `text` one by one; in numbers of telephones and rooms 1 is said 幺."""
    said = "".join(_DIGITS[int(c)] for c in text if c.isdecimal())
    return said.replace("一", "幺") if phone else said


def number(text: str) -> str:
    """A number as it is written: "1,234.50", "007" (digits), "3.14"."""
    whole, _, part = text.replace(",", "").partition(".")
    said = digits(whole) if (len(whole) > 1 and whole[0] == "0") or len(whole) > 16 else cardinal(int(whole or 0))
    return f"{said}点{digits(part)}" if part else said
