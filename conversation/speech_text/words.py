"""What is read as other words than it is written with, but is no number: abbreviations, signs, addresses, Roman
numerals where they can be nothing else."""

from __future__ import annotations

import re
from typing import Final

from conversation.speech_text.numbers import english_words
from conversation.speech_text.numbers.chinese_words import cardinal as chinese
from conversation.speech_text.numbers.english import roman
from conversation.speech_text.numbers.rules import Rule, rule
from conversation.speech_text.script import Language

_Match = re.Match[str]
_ABBREVIATIONS: Final = {
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Prof.": "Professor", "vs.": "versus", "e.g.": "for example",
    "i.e.": "that is", "approx.": "approximately", "Jr.": "Junior", "Sr.": "Senior", "Dept.": "Department",
    "Fig.": "Figure", "fig.": "figure", "Gen.": "General", "Capt.": "Captain", "Lt.": "Lieutenant",
    "Sgt.": "Sergeant", "Rev.": "Reverend", "Mt.": "Mount", "Vol.": "Volume", "vol.": "volume", "w/o": "without",
    "w/": "with", "vs": "versus", "Apt.": "Apartment", "tsp.": "teaspoons",
    "tbsp.": "tablespoons",
}  # fmt: skip
_SIGNS: Final[dict[str, tuple[str, str]]] = {
    "&": ("and", "和"), "=": ("equals", "等于"), "≠": ("does not equal", "不等于"), "≈": ("is about", "约等于"),
    "×": ("times", "乘"), "÷": ("divided by", "除以"), "±": ("plus or minus", "正负"), "≤": ("is at most", "小于等于"),
    "≥": ("is at least", "大于等于"), "→": ("to", "到"), "+": ("plus", "加"), "<": ("is less than", "小于"),
    ">": ("is greater than", "大于"), "∞": ("infinity", "无穷大"), "∑": ("the sum of", "求和"), "∈": ("in", "属于"),
    "@": ("at", "在"),
}  # fmt: skip
_BETWEEN_NUMBERS: Final[dict[str, tuple[str, str]]] = _SIGNS | {
    "*": ("times", "乘"), "/": ("divided by", "除以"), "-": ("minus", "减"), "−": ("minus", "减"), "–": ("minus", "减"),
}  # fmt: skip
_NAMES: Final = (
    "Henry|Louis|Charles|Elizabeth|Edward|William|Richard|James|Philip|Napoleon|Catherine|Alexander|Nicholas|Frederick"
    "|George|Leo|Paul|Benedict|Pius|Gregory|Peter|Ivan|Felipe"
)
_NUMBERED: Final = (
    r"World\ War|Part|Chapter|Volume|Act|Phase|Type|Section|Book|Episode|Appendix|Article|Stage|Title|Super\ Bowl|Rocky"
)
_TOP_LEVEL: Final = "com|org|net|edu|gov|io|ai|app|dev|info|cn|uk|de|jp|eu|us|tv|me"
_SUFFIXES: Final = "py|js|ts|json|toml|yaml|txt|md|csv|html|css|exe|pdf|png|jpg|mp3|mp4|wav|zip|cpp|sh|onnx|mnn"


def address(host: str, language: Language) -> str:
    """A host, an e-mail address or a file as it is said: "example dot org"."""
    dot, at = (" 点 ", " 艾特 ") if language == "zh" else (" dot ", " at ")
    bare = host.removeprefix("www.").rstrip(".")
    return (
        bare.replace(".", dot)
        .replace("@", at)
        .replace("_", " ")
        .replace("+", " plus ")
        .replace("-", " dash " if "@" in host else " ")
    )


def _address(language: Language) -> list[Rule]:
    return [
        rule(
            r"(?:[a-z][a-z0-9+.-]*://|www\.)(?P<host>[\w.-]+)(?::\d+)?(?:[/?\#][^\s\u3000-\u9fff\uff00-\uffef]*"
            r"(?<![.,;:!?)\]>\"'*_]))?",
            lambda m: address(m["host"], language),
            re.IGNORECASE,
        ),
        rule(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", lambda m: address(m[0], language), re.ASCII),
        rule(
            rf"(?:[a-z0-9-]+\.)+(?:{_TOP_LEVEL})\b(?:/[\w./?=&%\#-]*(?<![.?]))?",
            lambda m: address(m[0].partition("/")[0], language),
            re.ASCII | re.IGNORECASE,
        ),
        rule(rf"(?:\w[\w-]*\.)+(?:{_SUFFIXES})(?!\w)", lambda m: address(m[0], language), re.ASCII),
    ]


def _signs(index: int) -> list[Rule]:
    between = "|".join(map(re.escape, _SIGNS))
    return [
        rule(r"(?<=\d)\s(?P<s>[-−–/])\s(?=\d)", lambda m: f" {_BETWEEN_NUMBERS[m['s']][index]} "),
        # Between numbers these need no spaces; a hyphen there is a range, a stroke a fraction.
        rule(r"(?<=\d)\s?(?P<s>[=×÷+*±≈≤≥<>])\s?(?=[-−]?\d)", lambda m: f" {_BETWEEN_NUMBERS[m['s']][index]} "),
        rule(rf"(?<=\s)(?P<s>{between})(?=\s)", lambda m: _SIGNS[m["s"]][index]),
        rule(r"(?<=[A-Za-z)²³⁰-⁹])\s?=\s?(?=[-−]?[\dA-Za-z(√])", lambda m: f" {_SIGNS['='][index]} "),
        rule(r"(?<=[²³⁰-⁹ⁿ)])\s?(?P<s>[-−+])\s?(?=[\dA-Za-z])", lambda m: f" {_BETWEEN_NUMBERS[m['s']][index]} "),
        rule(r"(?<=[A-Za-z)\u4e00-\u9fff])(?P<s>[<>])(?=[-−]?\d)", lambda m: f" {_SIGNS[m['s']][index]} "),
        rule(r"(?P<s>[≠≈±≤≥→×÷∞∑∈])", lambda m: f" {_SIGNS[m['s']][index]} "),
        rule(r"\bC\+\+(?!\w)", lambda m: "C plus plus"),
        rule(r"\b[CF]\#(?!\w)", lambda m: f"{m[0][0]} sharp"),
        rule(r"(?<=[A-Z])&(?=[A-Z])", lambda m: " and " if index == 0 else "和"),
    ]


def _stop(m: _Match) -> str:
    """The full stop of an abbreviation that is also the sentence's."""
    return "." if m[0].endswith(".") and not m.string[m.end() :].strip() else ""


def _etc(m: _Match) -> str:
    return "et cetera" + _stop(m)


def _roman(m: _Match) -> str | None:
    value = roman(m["n"])
    if not value or (m["n"] == "I" and m.string[m.end() : m.end() + 2].strip()[:1].islower()):
        return None
    return english_words.cardinal(value)


def _ruler(m: _Match) -> str | None:
    value = roman(m["n"])
    return f"the {english_words.ordinal(value)}" if value else None


ENGLISH: Final[list[Rule]] = [
    *_address("en"),
    rule(
        r"(?<!\w)(?:" + "|".join(re.escape(a) for a in _ABBREVIATIONS) + r")(?=\s|$|,|\))",
        lambda m: _ABBREVIATIONS[m[0]] + _stop(m),
    ),
    rule(r"(?<=[\d½¼¾]\s)t(?P<b>b?)sp(?!\w)", lambda m: "tablespoons" if m["b"] else "teaspoons"),
    rule(r"\bDr\.(?=\s+[A-Z])", lambda m: "Doctor"),
    rule(r"\bSt\.(?=\s+[A-Z])", lambda m: "Saint"),
    rule(r"(?<=[a-z]\s)St\.", lambda m: "Street"),
    rule(r"\betc\.", _etc),
    rule(rf"(?:(?<=\b)(?:{_NUMBERED})\s)(?P<n>[IVX]+)\b(?!')", lambda m: _with_name(m, _roman(m))),
    rule(rf"(?:{_NAMES})\s(?P<n>[IVX]{{2,}}|V|X)\b", lambda m: _with_name(m, _ruler(m))),
    *_signs(0),
]


def _with_name(m: _Match, said: str | None) -> str | None:
    return None if said is None else m.string[m.start() : m.start("n")] + said


CHINESE: Final[list[Rule]] = [
    *_address("zh"),
    rule(r"第(?P<n>[IVX]{1,5})(?=[章节卷部期])", lambda m: f"第{chinese(roman(m['n']))}" if roman(m["n"]) else None),
    *_signs(1),
]
