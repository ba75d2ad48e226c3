"""Mathematics as it is said: powers, roots, indices, comparisons, and what models write in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from conversation.speech_text.numbers import chinese_words, english_words
from conversation.speech_text.numbers.rules import NUMBER, Rule, rule
from conversation.speech_text.script import Language

_Match = re.Match[str]
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_COMPARED: Final[dict[str, tuple[str, str]]] = {
    ">=": ("is at least", "大于等于"), "<=": ("is at most", "小于等于"), "!=": ("does not equal", "不等于"),
    "==": ("equals", "等于"), "->": ("to", "到"), "=>": ("so", "所以"),
}  # fmt: skip
_COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "times": ("times", "乘"), "cdot": ("times", "乘"), "div": ("divided by", "除以"), "pm": ("plus or minus", "正负"),
    "leq": ("is at most", "小于等于"), "le": ("is at most", "小于等于"), "geq": ("is at least", "大于等于"),
    "ge": ("is at least", "大于等于"), "neq": ("does not equal", "不等于"), "ne": ("does not equal", "不等于"),
    "approx": ("is about", "约等于"), "infty": ("infinity", "无穷大"), "sum": ("the sum of", "求和"),
    "int": ("the integral of", "积分"), "to": ("to", "到"), "rightarrow": ("to", "到"), "ldots": ("and so on", "等等"),
    "circ": ("degrees", "度"), "percent": ("percent", "百分之"), "sqrt": ("the square root of", "根号"),
}  # fmt: skip
_LAYOUT: Final = frozenset(
    {"left", "right", "quad", "qquad", "text", "mathrm", "mathbf", "mathit", "operatorname", "displaystyle"}
)
_OPERATORS: Final[dict[str, tuple[str, str]]] = {
    "=": ("equals", "等于"), "+": ("plus", "加"), "-": ("minus", "减"), "−": ("minus", "减"), "*": ("times", "乘"),
    "/": ("over", "除以"), "<": ("is less than", "小于"), ">": ("is greater than", "大于"),
}  # fmt: skip
_FRACTION: Final = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_POWER: Final = re.compile(r"\^\s*(?:\{([^{}]*)\}|(-?\w))")
_FORMULA: Final = re.compile(r"[\\^_={}]|^[A-Za-z]$")


_MARKS: Final = (
    r"\$\$([^$]{1,500})\$\$",
    r"\$(?![\s$])([^$\n]{1,300})(?<!\s)\$(?!\d)",
    r"\\\((.{1,300}?)\\\)",
    r"\\\[([^]]{1,500})\\\]",
)


def _index(language: Language) -> int:
    return 1 if language == "zh" else 0


def _number(text: str, language: Language) -> str:
    return chinese_words.number(text) if language == "zh" else english_words.number(text)


def power(exponent: str, language: Language) -> str:
    """What is said behind something for its `exponent`: " squared"."""
    value = exponent.strip().strip("()")
    digits = value.lstrip("-−+")
    said = _number(digits, language) if digits.isdecimal() else digits
    minus = value[:1] in ("-", "−") and value[:1] != ""
    if language == "zh":
        return {"2": "的平方", "3": "的立方"}.get(value, f"的{'负' if minus else ''}{said}次方")
    known = {"2": " squared", "3": " cubed"}
    return known.get(value, f" to the power of {'minus ' if minus else ''}{said}")


def formula_said(formula: str, language: Language) -> str:
    """A formula in LaTeX, in words."""
    index, text = _index(language), formula
    while (found := _FRACTION.search(text)) is not None:
        above, below = found.groups()
        said = f" {below}分之{above} " if index else f" {above} over {below} "
        text = text[: found.start()] + said + text[found.end() :]
    text = _POWER.sub(lambda m: f"{power(m[1] or m[2], language)} ", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: _command(m[1], index), text)
    text = re.sub(r"\\.|[{}&$]|_", " ", text)
    text = re.sub(r"(?<![A-Za-z\d])-(?=\d)", " 负" if index else " minus ", text)
    text = "".join(f" {_OPERATORS[c][index]} " if c in _OPERATORS else c for c in text)
    text = text if index else re.sub(r"\b[aA]\b", "ay", text)  # else it is the article
    text = re.sub(NUMBER, lambda m: f" {_number(m[0], language)} ", text)
    return " ".join(text.split())


def _command(name: str, index: int) -> str:
    if name in _LAYOUT:
        return " "
    return f" {_COMMANDS[name][index]} " if name in _COMMANDS else f" {name} "


def _latex(language: Language) -> Rule:
    def say(m: _Match) -> str | None:
        body = next(group for group in m.groups() if group is not None)
        dollars = m[0].startswith("$") and not m[0].startswith("$$")
        if dollars and not _FORMULA.search(body):
            return None  # sums of money
        return f" {formula_said(body, language)} "

    return rule("|".join(_MARKS), say)


def _raised(language: Language) -> Rule:
    def say(m: _Match) -> str | None:
        before = re.search(r"[A-Za-z]*$", m.string[: m.start()])
        exponent = m[0].translate(_SUPERSCRIPTS)
        if exponent == "1" or (before is not None and len(before[0]) > 2):
            return ""  # the number of a note
        return power(exponent, language)

    return rule("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+", say)


def _lowered(language: Language) -> Rule:
    return rule("[₀-₉]+", lambda m: f" {_number(m[0].translate(_SUBSCRIPTS), language)} ")


def _rules(language: Language) -> list[Rule]:
    index = _index(language)
    signs = "|".join(map(re.escape, _COMPARED))
    root = "根号" if index else " the square root of "
    about = "大约" if index else "about "
    return [
        _latex(language),
        _raised(language),
        _lowered(language),
        rule(r"(?<=[\w)])\^(?P<n>\(?[-−]?\w{1,6}\)?)", lambda m: power(m["n"], language) + " "),
        rule(r"√\s?", lambda m: root),
        rule(rf"\s?(?P<s>{signs})\s?(?=[\w(-])", lambda m: f" {_compared(m, index)} "),
        rule(r"(?:(?<=[(（,，:：])|^)≈\s?(?=\d)", lambda m: about),
        rule(r"[Ⅰ-Ⅻ]", lambda m: _number(str(int(unicodedata.numeric(m[0]))), language)),
        rule(r"[①-⑳]", lambda m: f" {_number(str(int(unicodedata.numeric(m[0]))), language)}{'' if index else ','} "),
        rule(
            rf"(?P<a>{NUMBER})[eE](?P<b>[-+]?\d{{1,3}})(?!\w)",
            lambda m: _scientific(m["a"], m["b"].lstrip("+"), language),
        ),
    ]


def _compared(m: _Match, index: int) -> str:
    """ "x is at least five", but "Python at least three"."""
    said = _COMPARED[m["s"]][index]
    quantity = re.search(r"(?:(?<![A-Za-z])[A-Za-z]|[\d)])$", m.string[: m.start()])
    return said if quantity else said.removeprefix("is ")


def _scientific(number: str, exponent: str, language: Language) -> str:
    ten = "十" if language == "zh" else "ten"
    times = "乘" if language == "zh" else " times "
    return ("" if number == "1" else f"{_number(number, language)}{times}") + ten + power(exponent, language)


ENGLISH: Final[list[Rule]] = _rules("en")
CHINESE: Final[list[Rule]] = _rules("zh")
