"""How numbers, abbreviations and signs are read in English, in the order in which they are tried."""

from __future__ import annotations

import re
from typing import Final

from conversation.speech_text.numbers.english_units import CURRENCIES, PER, SCALES, UNITS
from conversation.speech_text.numbers.english_words import cardinal, digits, number, ordinal, plural, year
from conversation.speech_text.numbers.rules import DASH, END, NUMBER, Rule, is_date, is_time, rule

_Match = re.Match[str]
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH: Final = "(?P<month>" + "|".join(f"{m}|{m[:3]}\\.?" for m in _MONTHS) + r"|Sept\.?)"
_YEAR_WORDS: Final = r"(?<=\bin\s)|(?<=\bsince\s)|(?<=\buntil\s)|(?<=\bby\s)|(?<=\bfrom\s)|(?<=\bof\s)|(?<=\byear\s)"
_LIFE: Final = (
    r"(?<=\bthe\s)|(?<=\b(?:his|her|mid|our)[\s-])|(?<=\bearly\s)|(?<=\btheir\s)|(?<=\b(?:late|your)\s)|(?<=\bmy\s)"
)
_SIGN: Final = r"(?P<sign>(?<![\w)])[-−+])?"
_COUNTED: Final = "people|users|years|dollars|parameters|tokens|views|items|stars|times|and|or"
"""What billions are counted of."""
_PARTS: Final = {2: "half", 4: "quarter"}
_VULGAR: Final = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}
_ROMAN: Final = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}


def roman(text: str) -> int:
    """The value of a Roman numeral; 0 where it is written as none is."""
    total = 0
    for one, following in zip(text, [*text[1:], "I"], strict=True):
        total += _ROMAN[one] * (-1 if _ROMAN[one] < _ROMAN[following] else 1)
    well_formed = re.fullmatch(r"M*(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})", text)
    return total if well_formed else 0


def _month(text: str) -> str:
    return next(month for month in _MONTHS if month.startswith(text[:3]))


def _day(month: str, day: str, in_year: str | None) -> str | None:
    if not 1 <= int(day) <= 31:
        return None
    return f"{month} {ordinal(int(day))}" + (f", {year(int(in_year))}" if in_year else "")


def _iso_date(m: _Match) -> str | None:
    return _day(_MONTHS[int(m["m"]) - 1], m["d"], m["y"]) if is_date(m["y"], m["m"], m["d"]) else None


def _slashed_date(m: _Match) -> str | None:
    month, day = (m["a"], m["b"]) if int(m["a"]) <= 12 else (m["b"], m["a"])
    return _day(_MONTHS[int(month) - 1], day, m["y"]) if is_date(m["y"], month, day) else None


def _time(m: _Match) -> str | None:
    if not is_time(m["h"], m["m"], m["s"]):
        return None
    minute = (
        "" if m["m"] == "00" else f" oh {cardinal(int(m['m']))}" if m["m"][0] == "0" else f" {cardinal(int(m['m']))}"
    )
    half = _half(m["half"])
    if not minute and not half:
        minute = " o'clock" if 0 < int(m["h"]) <= 12 else " hundred" if int(m["h"]) else ""
    seconds = f" and {_many(m['s'], 'second')}" if m["s"] else ""
    return cardinal(int(m["h"])) + minute + seconds + half


def _half(text: str | None) -> str:
    return f" {text[0].upper()}.M." if text else ""


def _many(amount: str, one: str, more: str = "") -> str:
    return f"{number(amount)} {one if amount in ('1', '1.0') else more or plural(one)}"


def _money(m: _Match) -> str:
    groups = m.groupdict()
    sign = "minus " if groups.get("sign") else ""
    one, cent = CURRENCIES[m["c"]]
    amount = m["n"].replace(",", "")
    more = one if _adjective(m) else plural_of(one)
    start = f"{number(groups['from'])} to " if groups.get("from") else ""
    if m["scale"]:
        return f"{sign}{start}{number(amount)} {SCALES[m['scale'].lower()]} {more}"
    if start or sign:
        return f"{sign}{start}{_many(amount, one, more)}"
    if more == one and "." not in amount:
        return f"{number(amount)} {one}"
    whole, _, part = amount.partition(".")
    if not cent or len(part) != 2:
        return _many(amount, one, plural_of(one))
    said = [_many(whole, one, plural_of(one))] if whole.strip("0") or not int(part) else []
    return " and ".join([*said, _many(str(int(part)), cent, "pence" if cent == "penny" else "")] if int(part) else said)


def _adjective(m: _Match) -> bool:
    """Whether it stands before what it measures: "a $5 bill", "a two-terabyte disk"."""
    before, after = m.string[: m.start()], m.string[m.end() :]
    return (
        re.search(r"(?<!\w)an?\s$", before, re.IGNORECASE) is not None and re.match(r"[\s-][A-Za-z]", after) is not None
    )


def plural_of(currency: str) -> str:
    """ "dollars", but "yuan"."""
    return currency if currency in ("yuan", "yen", "won") else plural(currency)


def _fraction(m: _Match) -> str | None:
    above, below = int(m["a"]), int(m["b"])
    if not 0 < above < below <= 100 or (below > 10 and below not in (12, 16, 20, 32, 50, 64, 100)):
        if (above, below) in ((24, 7), (9, 11), (50, 50)):
            return f"{cardinal(above)} {cardinal(below)}"
        return None if m["whole"] or not below else f"{cardinal(above)} over {cardinal(below)}"
    return (f"{number(m['whole'])} and " if m["whole"] else "") + _parts(above, below, a=bool(m["whole"]))


def _parts(above: int, below: int, *, a: bool = False) -> str:
    part = _PARTS.get(below) or ordinal(below)
    if above == 1:
        return f"{'a' if a else 'one'} {part}"
    return f"{cardinal(above)} {'halves' if below == 2 else plural(part)}"


def _vulgar(m: _Match) -> str:
    above, below = _VULGAR[m["v"]]
    return f"{number(m['whole'])} and {_parts(above, below, a=True)}" if m["whole"] else _parts(above, below)


def _phone(m: _Match) -> str | None:
    groups = re.findall(r"\d+", m[0])
    plus = "plus " if m[0].startswith("+") else ""
    if not plus and (not 7 <= sum(map(len, groups)) <= 15 or len(groups[-1]) < 4):
        return None
    return plus + ", ".join(map(digits, groups))


def _plain(text: str) -> str:
    """A number alone; four digits of our time are a year."""
    return year(int(text)) if re.fullmatch(r"19\d\d|20\d\d", text) else number(text)


def _signed(m: _Match) -> str:
    sign = {"-": "minus ", "−": "minus ", "+": "plus "}.get(m["sign"] or "", "")
    glued = " " if m.string[m.end() : m.end() + 1].isalpha() else ""
    return sign + (number(m["n"]) if sign else _plain(m["n"])) + glued


def _unit(m: _Match) -> str | None:
    one, more = UNITS[m["u"]]
    sign = "minus " if m["sign"] in ("-", "−") else ""
    start = f"{number(m['from'])} to " if m["from"] else ""
    return f"{sign}{start}{_many(m['n'], one, one if _adjective(m) else more)}"


def _per(m: _Match) -> str | None:
    measured = re.search(r"\d\s?[A-Za-zµμΩ°¢%]{0,5}$", m.string[: m.start()])
    return f" per {PER[m['u']]}" if measured else None


def _scaled(m: _Match) -> str | None:
    """ "221B" is a house, "7B" the size of a model."""
    if m["s"] == "B" and "." not in m["n"] and not re.match(rf"\s(?:{_COUNTED})", m.string[m.end() :]):
        return None
    return f"{number(m['n'])} {SCALES[m['s'].lower()]}"


def _day_of(m: _Match) -> str | None:
    month, day = int(m["a"]), int(m["b"])
    return f"{m['k']}{_MONTHS[month - 1]} {ordinal(day)}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _decade(m: _Match) -> str:
    if m["century"]:
        return year(int(m["century"]) * 100) + "s" if m["tens"] == "0" else _decade_words(m["century"], m["tens"])
    return plural(cardinal(int(m["tens"]) * 10))


def _decade_words(century: str, tens: str) -> str:
    return f"{cardinal(int(century))} {plural(cardinal(int(tens) * 10))}"


RULES: Final[list[Rule]] = [
    rule(rf"(?P<y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}}){END}", _iso_date),
    rule(rf"(?P<a>\d{{1,2}})([-/])(?P<b>\d{{1,2}})\2(?P<y>\d{{4}}){END}", _slashed_date),
    rule(
        rf"{_MONTH}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y>\d{{4}}))?{END}",
        lambda m: _day(_month(m["month"]), m["d"], m["y"]),
    ),
    rule(
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s(?P<y>\d{{4}}))?{END}",
        lambda m: _day(_month(m["month"]), m["d"], m["y"]),
    ),
    rule(r"(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?:\s?(?P<half>[aApP])\.?[mM]\b\.?)?(?![\d:])", _time),
    rule(
        r"(?P<h>\d{1,2})\s?h(?:rs?)?\s?(?P<m>\d{1,2})\s?m(?:in)?(?!\w)",
        lambda m: f"{_many(m['h'], 'hour')} {_many(m['m'], 'minute')}",
    ),
    rule(
        r"(?P<k>\b(?:[Oo]n|[Bb]y|[Bb]efore|[Aa]fter|[Uu]ntil|[Ss]ince|[Dd]ue)\s)(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/])",
        _day_of,
    ),
    rule(r"(?P<h>\d{1,2})\s?(?P<half>[aApP])\.?[mM]\b\.?", lambda m: cardinal(int(m["h"])) + _half(m["half"])),
    rule(rf"(?:\+\d{{1,3}}[\s-]?)?(?:\(\d{{2,4}}\)\s?)?\d{{2,5}}(?:[\s-]\d{{3,5}}){{1,3}}{END}", _phone),
    rule(rf"\+\d{{8,15}}{END}", _phone),
    rule(
        rf"(?P<sign>(?<![\w)])[-−])?(?P<c>US\$|[$€£¥₩₹])\s?(?:(?P<from>{NUMBER}){DASH}(?P=c)?)?(?P<n>{NUMBER})"
        r"(?:\s?(?P<scale>thousand|million|billion|trillion|bn|tn|[kKMBT])\b)?(?!\w|[.,]\d)",
        _money,
    ),
    rule(rf"(?P<n>{NUMBER})\s?(?P<c>USD|EUR|GBP|CNY|RMB|JPY)(?P<scale>(?!))?\b", _money),
    # "30s" alone are seconds.
    rule(
        rf"(?:(?P<century>1\d|20)|[’']|{_LIFE})(?P<tens>\d)0[’']?s{END}",
        _decade,
    ),
    rule(
        rf"{_SIGN}(?:(?P<from>{NUMBER})[%°]?{DASH})?(?P<n>{NUMBER})[\s-]?(?P<u>"
        + "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
        + r")(?!\w)",
        _unit,
    ),
    rule(rf"(?:(?P<whole>\d+)\s)?(?P<a>\d{{1,3}})[/⁄](?P<b>\d{{1,3}})(?![°%]){END}", _fraction),
    rule(rf"(?:(?P<whole>\d+)\s?)?(?P<v>[{''.join(_VULGAR)}])", _vulgar),
    rule(rf"(?P<n>\d[\d,]{{0,18}})(?:st|nd|rd|th){END}", lambda m: ordinal(int(m["n"].replace(",", "")))),
    rule(
        rf"v?(?P<n>\d{{1,9}}(?:\.\d{{1,9}}){{2,}}){END}",
        lambda m: " point ".join(cardinal(int(n)) for n in m["n"].split(".")),
    ),
    rule(rf"(?P<a>{NUMBER})x{DASH}(?P<b>{NUMBER})x{END}", lambda m: f"{number(m['a'])} to {number(m['b'])} times"),
    rule(rf"(?P<n>{NUMBER})in(?!\w)", lambda m: _many(m["n"], "inch")),
    rule(rf"/\s?(?P<u>{'|'.join(sorted(PER, key=len, reverse=True))})(?!\w)", _per),
    rule(rf"(?<=\d)/(?=\d+[KM]?\s(?:{_COUNTED}))", lambda m: " per "),
    rule(
        rf"(?P<a>(?:19|20)\d\d)[-–—](?P<b>\d\d){END}",
        lambda m: f"{year(int(m['a']))} to {'oh ' if m['b'][0] == '0' else ''}{cardinal(int(m['b']))}",
    ),
    # What is left of ranges: "$5-$10", "10:30–11:00".
    rule(r"(?:(?<=\d)|(?<=\d[ap]m))(?:-|\s?[–—]\s?)(?=[$€£]?\d)", lambda m: " to "),
    rule(
        r"(?P<feet>\d)['’′](?P<inches>\d{1,2})(?:[\"”″]|'')",
        lambda m: f"{cardinal(int(m['feet']))} foot {cardinal(int(m['inches']))}",
    ),
    rule(rf"(?P<a>{NUMBER}){DASH}(?P<b>{NUMBER}){END}", lambda m: f"{_plain(m['a'])} to {_plain(m['b'])}"),
    rule(rf"(?P<a>{NUMBER}):(?P<b>{NUMBER}){END}", lambda m: f"{number(m['a'])} to {number(m['b'])}"),
    rule(rf"(?:{_YEAR_WORDS})(?P<n>1\d{{3}}){END}", lambda m: year(int(m["n"]))),
    # "4K" and "8K" are pictures, "10K" is a sum.
    rule(rf"(?P<n>(?![248]K){NUMBER})(?P<s>[kKMB]|x|bn){END}", _scaled),
    rule(rf"(?:\#|№|[Nn]os?\.)\s?(?P<n>\d{{1,15}}){END}", lambda m: f"number {cardinal(int(m['n']))}"),
    rule(rf"~\s?(?P<n>{NUMBER}){END}", lambda m: f"about {_plain(m['n'])}"),
    rule(rf"{_SIGN}(?P<n>{NUMBER})(?!\d)", _signed),
]
