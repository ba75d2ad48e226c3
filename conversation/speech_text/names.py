"""Names with digits and signs in them: versions, models, files' places, tags, telephone numbers in letters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from conversation.speech_text.numbers import chinese_words, english_words
from conversation.speech_text.numbers.rules import Rule, rule

_Match = re.Match[str]
_Say = Callable[[str], str]
"""A whole number in words."""
_DAYS: Final = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thurs": "Thursday",
    "Thur": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
_DAY: Final = "|".join(sorted(_DAYS, key=len, reverse=True))
_AFTER: Final = r"(?:rc|alpha|beta|dev|post|[ab])\d{0,3}"
_CALLED: Final = "号|号码|编号|邮编|密码|验证码|代码|房间|航班|急救|报警|火警|拨打|热线|电话"


def _version(text: str, say: _Say, point: str) -> str:
    """ "2.5" → "two point five", with what follows it in letters."""
    return point.join(say(part) for part in text.split("."))


def _named(say: _Say, point: str, version: str) -> Callable[[_Match], str]:
    """ "Qwen2.5-1.5B", "v2.0.1"."""

    def said(m: _Match) -> str:
        name = version if m["w"].lower() == "v" else m["w"]
        more = re.sub(r"\d+(?:\.\d+)+|\d+", lambda n: f" {_version(n[0], say, point)} ", m["more"].replace("-", " "))
        return " ".join(f"{name} {_version(m['n'], say, point)} {more}".split())

    return said


def _tail(say: _Say, point: str) -> Callable[[_Match], str]:
    def said(m: _Match) -> str:
        number = re.sub(r"\D", "", m["tail"])
        return (
            f"{_version(m['n'], say, point)} {m['tail'].rstrip('0123456789').upper()} {say(number) if number else ''}"
        )

    return said


def _place(path: str, slash: str, dot: str) -> str | None:
    """A path in words; None where it is something else."""
    if not any(map(str.isalpha, path)):
        return None
    home = re.sub(r"\d+", lambda n: f" {_en(n[0])} ", path.removeprefix("~"))
    return " ".join(home.replace("/", f" {slash} ").replace(".", f" {dot} ").replace("_", " ").split())


def _end(m: _Match) -> str:
    return "." if m[0].endswith(".") and not m.string[m.end() :].strip() else ""


def _digits_of(m: _Match, say: Callable[[str], str]) -> str:
    return m["k"] + re.sub(r"\d+", lambda n: say(n[0]), m[0][len(m["k"]) :])


def _en(text: str) -> str:
    return english_words.number(text)


def _zh(text: str) -> str:
    return chinese_words.number(text)


def _numbers(say: _Say, point: str, version: str) -> list[Rule]:
    return [
        rule(
            r"(?<![A-Za-z\d_.])(?P<w>[A-Za-z]{1,20})(?P<n>\d{1,4}(?:\.\d{1,4})+)(?P<more>(?:-[A-Za-z\d.]*[A-Za-z\d])*)(?![A-Za-z\d_@])",
            _named(say, point, version),
        ),
        rule(rf"(?P<n>\d{{1,4}}(?:\.\d{{1,4}})+)-?(?P<tail>{_AFTER})(?![A-Za-z\d_])", _tail(say, point)),
    ]


ENGLISH: Final[list[Rule]] = [
    *_numbers(_en, " point ", "version"),
    rule(
        r"(?P<n>\d{1,3}(?:\.\d{1,3}){3})(?![\w.]\d)",
        lambda m: " dot ".join(english_words.digits(part) for part in m["n"].split(".")),
    ),
    rule(
        rf"\b(?P<a>{_DAY})\.?\s?[-–—]\s?(?P<b>{_DAY})\b\.?(?=[\s,;)]|$)",
        lambda m: f"{_DAYS[m['a']]} to {_DAYS[m['b']]}{_end(m)}",
    ),
    rule(r"\b[Ee]xt\.?\s?(?=\d)", lambda m: "extension "),
    rule(
        r"(?P<k>\b(?:[Cc]all|[Dd]ial|[Tt]ext|[Ee]mergency):?\s)\d{3}(?:(?:\s(?:or|and)\s|/|,\s)\d{3})*(?![-\d]|\s\d)",
        lambda m: _digits_of(m, english_words.digits),
    ),
    rule(
        r"1-(?P<a>\d{3})-(?P<w>[A-Z]{4,8})\b", lambda m: f"one, {english_words.digits(m['a'])}, {m['w'].capitalize()}"
    ),
    rule(r"(?<![\w)])@(?P<w>[A-Za-z]\w+)", lambda m: f"at {m['w']}"),
    rule(r"(?<![\w&])\#(?P<w>[A-Za-z]\w+)", lambda m: f"hashtag {m['w']}"),
    rule(r"(?<![\w/.:])~?(?:/[\w.-]*\w)+/?", lambda m: _place(m[0], "slash", "dot")),
    rule(
        r"\b(?P<d>[A-Z]):(?P<p>(?:\\[\w.-]+)+)",
        lambda m: f"{m['d']} {_place(m['p'].replace(chr(92), '/'), 'backslash', 'dot') or ''}",
    ),
    rule(r"\bWW(?P<n>I{1,2})\b", lambda m: f"World War {'One' if m['n'] == 'I' else 'Two'}"),
    rule(r"(?<!\w)\.NET\b", lambda m: "dot net"),
    rule(
        r"(?P<a>\d{1,5})x(?P<b>\d{1,5})(?!\w)",
        lambda m: f"{_en(m['a'])} by {_en(m['b'])}",
    ),
]
CHINESE: Final[list[Rule]] = [
    *_numbers(_zh, "点", ""),
    rule(
        r"(?P<n>\d{1,3}(?:\.\d{1,3}){3})(?![\w.]\d)",
        lambda m: "点".join(chinese_words.digits(part, phone=True) for part in m["n"].split(".")),
    ),
    rule(
        rf"(?P<k>(?:{_CALLED})[是为:：]?\s?)(?:\d{{5,12}}|\d{{3,4}})(?:[或和、]\d{{3,12}})*(?![\d年月日.,-])",
        lambda m: _digits_of(m, lambda text: chinese_words.digits(text, phone=True)),
    ),
    rule(r"(?<![\w)])@(?P<w>[A-Za-z]\w+)", lambda m: f"艾特 {m['w']}"),
    rule(r"(?<![\w&])\#(?P<w>[A-Za-z]\w+)", lambda m: f"话题 {m['w']}"),
    rule(r"[48]00[-\s]?\d{3}[-\s]?\d{4}(?!\d)", lambda m: chinese_words.digits(m[0], phone=True)),
    rule(r"^[ \t]*(?P<n>\d{1,3})[.)、][ \t]*(?=[^\s\d])", lambda m: f"{_zh(m['n'])}，", re.MULTILINE),
    rule(r"(?<=[元块斤%\dA-Za-z³²])/(?=[年月日天周时小分秒人个次斤公千平吨件])", lambda m: "每"),
    rule(r"(?P<a>\d{1,5})[x×*](?P<b>\d{1,5})(?!\w)", lambda m: f"{_zh(m['a'])}乘{_zh(m['b'])}"),
]
