"""English words for whole numbers, ordinals, years, decimals and digits."""

from __future__ import annotations

from typing import Final

_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion")
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip


def cardinal(number: int) -> str:
    """ "one thousand two hundred thirty-four"; digits one by one where it has more words than anybody follows."""
    if number < 0:
        return "minus " + cardinal(-number)
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{_ONES[number // 100]} hundred" + (f" {cardinal(number % 100)}" if number % 100 else "")
    if number >= 1000 ** len(_SCALES):
        return digits(str(number))
    groups = []
    for scale in _SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(cardinal(group) + scale)
    return " ".join(reversed(groups))


def ordinal(number: int) -> str:
    """ "twenty-first"."""
    words = cardinal(number)
    at = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[at:]
    if last.endswith("y"):
        return f"{words[:-1]}ieth"
    return words[:at] + _ORDINALS.get(last, f"{last}th")


def year(number: int) -> str:
    """ "nineteen oh five", "two thousand five", "twenty twenty-four"."""
    century, rest = divmod(number, 100)
    if not 10 <= century < 100 or (century % 10 == 0 and rest < 10):
        return cardinal(number)
    return f"{cardinal(century)} " + (
        "hundred" if not rest else f"oh {cardinal(rest)}" if rest < 10 else cardinal(rest)
    )


def digits(text: str) -> str:
    """The digits of `text` one by one."""
    return " ".join(_ONES[int(c)] for c in text if c.isdecimal())


def number(text: str) -> str:
    """A number as it is written: "1,234.50", "007" (digits), "3.14"."""
    whole, _, part = text.replace(",", "").partition(".")
    words = digits(whole) if (len(whole) > 1 and whole[0] == "0") or len(whole) > 15 else cardinal(int(whole or 0))
    return f"{words} point {digits(part)}" if part else words


def plural(word: str) -> str:
    """ "sixes", "twenties", "inches"."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return word + ("es" if word.endswith(("x", "ch", "s")) else "s")
