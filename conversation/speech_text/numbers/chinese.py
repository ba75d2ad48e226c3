"""How numbers and signs are read in Chinese, in the order in which they are tried."""

from __future__ import annotations

import re
from typing import Final

from conversation.speech_text.numbers.chinese_words import cardinal, digits, number
from conversation.speech_text.numbers.rules import DASH, NUMBER, Rule, is_date, is_time, rule

_Match = re.Match[str]
_END: Final = r"(?![\dA-Za-z_]|[.,:/]\d)"
_SIGN: Final = r"(?P<sign>(?<![A-Za-z\d)])[-−+])?"
_UNITS: Final = {
    "μg/m³": "微克每立方米", "mg/L": "毫克每升",
    "km/h": "公里每小时", "m/s": "米每秒", "km²": "平方公里", "m²": "平方米", "m³": "立方米", "km": "公里",
    "cm": "厘米", "mm": "毫米", "m": "米", "kg": "公斤", "mg": "毫克", "g": "克", "ml": "毫升", "mL": "毫升", "L": "升",
    "kWh": "千瓦时", "kW": "千瓦", "W": "瓦",
    "V": "伏", "°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "℉": "华氏度", "°": "度",
    "GHz": "吉赫", "MHz": "兆赫", "kHz": "千赫", "Hz": "赫兹", "ms": "毫秒", "s": "秒", "h": "小时", "min": "分钟",
}  # fmt: skip
_CURRENCIES: Final = {"$": "美元", "US$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元", "₩": "韩元"}
_COUNTED: Final = "个只位次天年种条本张块件岁遍步座间层台辆家杯瓶碗双对周小时分钟点秒米公里倍名句段页篇颗斤元万亿千"
"""Before these 2 is said 两 …"""
_NOT_COUNTED: Final = frozenset(("分", "秒"))
_VULGAR: Final = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}


def _sign(m: _Match) -> str:
    return {"-": "负", "−": "负", "+": "正"}.get(m["sign"] or "", "")


def _date(m: _Match) -> str | None:
    if not is_date(m["y"], m["m"], m["d"]):
        return None
    return f"{digits(m['y'])}年{cardinal(int(m['m']))}月{cardinal(int(m['d']))}日"


def _time(m: _Match) -> str | None:
    if not is_time(m["h"], m["m"], m["s"]):
        return None
    minute = f"{'零' if m['m'][0] == '0' else ''}{cardinal(int(m['m']))}分" if m["m"] != "00" or m["s"] else ""
    second = f"{cardinal(int(m['s']))}秒" if m["s"] else ""
    return f"{_two(m['h'])}点{minute}{second}"


def _two(text: str) -> str:
    """A number before a measure word."""
    return "两" if text == "2" else number(text)


def _phone(m: _Match) -> str | None:
    groups = re.findall(r"\d+", m[0])
    if len(groups) > 1 and not 7 <= sum(map(len, groups)) <= 15:
        return None
    return "，".join(digits(group, phone=True) for group in groups)


def _unit(m: _Match) -> str:
    unit = _UNITS[m["u"]]
    sign = _sign(m)
    if sign == "负" and "氏度" in unit:
        return f"零下{number(m['n'])}{unit}"
    start = f"{number(m['from'])}到" if m["from"] else ""
    return sign + start + (number if unit.endswith("度") else _two)(m["n"]) + unit


def _percent(m: _Match) -> str:
    start = f"百分之{number(m['from'])}到" if m["from"] else ""
    return f"{start}{_sign(m)}{'千' if m['p'] == '‰' else '百'}分之{number(m['n'])}"


def _money(m: _Match) -> str:
    return number(m["n"]) + (m["scale"] or "") + _CURRENCIES[m["c"]]


def _fraction(m: _Match) -> str | None:
    above, below = int(m["a"]), int(m["b"])
    return f"{cardinal(below)}分之{cardinal(above)}" if 0 < above < below <= 100 else None


def _vulgar(m: _Match) -> str:
    above, below = _VULGAR[m["v"]]
    whole = f"{number(m['whole'])}又" if m["whole"] else ""
    return f"{whole}{cardinal(below)}分之{cardinal(above)}"


def _counted(m: _Match) -> str | None:
    return None if m["one"] in _NOT_COUNTED and m["rest"] != "钟" else "两"


RULES: Final[list[Rule]] = [
    rule(rf"(?P<y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}}){_END}", _date),
    rule(r"(?P<y>\d{4})(?=\s?年)", lambda m: digits(m["y"])),
    rule(rf"(?P<a>\d{{4}}){DASH}(?P<b>\d{{4}})(?=\s?年)", lambda m: f"{digits(m['a'])}到{digits(m['b'])}"),
    rule(r"(?P<h>\d{1,2})[:：](?P<m>\d\d)(?:[:：](?P<s>\d\d))?(?![\d:：])", _time),
    rule(rf"1[3-9]\d[\s-]?\d{{4}}[\s-]?\d{{4}}{_END}", _phone),
    rule(rf"(?:\+\d{{1,3}}[\s-]?)?(?:\(?0\d{{2,3}}\)?[\s-])\d{{3,4}}[\s-]?\d{{4}}{_END}", _phone),
    rule(rf"(?P<c>US\$|[$€£¥￥₩])\s?(?P<n>{NUMBER})\s?(?P<scale>[万亿千百])?", _money),
    rule(rf"{_SIGN}(?:(?P<from>{NUMBER})%?{DASH})?(?P<n>{NUMBER})\s?(?P<p>[%％‰])", _percent),
    rule(
        rf"{_SIGN}(?:(?P<from>{NUMBER})°?{DASH})?(?P<n>{NUMBER})\s?(?P<u>"
        + "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
        + r")(?![A-Za-z\d])",
        _unit,
    ),
    rule(rf"(?P<a>\d{{1,3}})[/⁄](?P<b>\d{{1,3}}){_END}", _fraction),
    rule(rf"(?P<whole>\d+)?(?P<v>[{''.join(_VULGAR)}])", _vulgar),
    rule(
        rf"(?P<n>\d{{1,9}}(?:\.\d{{1,9}}){{2,}}){_END}",
        lambda m: "点".join(cardinal(int(n)) for n in m["n"].split(".")),
    ),
    rule(rf"(?P<a>{NUMBER}){DASH}(?P<b>{NUMBER})(?!\d)", lambda m: f"{number(m['a'])}到{number(m['b'])}"),
    rule(
        rf"(?P<a>\d{{1,15}})[:：](?P<b>\d{{1,15}}){_END}", lambda m: f"{cardinal(int(m['a']))}比{cardinal(int(m['b']))}"
    ),
    rule(rf"(?<![\d第.])2(?=\s?(?P<one>[{_COUNTED}])(?P<rest>.?))", _counted),
    rule(r"(?<=[\d年月日号点分%℃])[-–—](?=\d)", lambda m: "到"),
    rule(r"(?<=约)~\s?(?=\d)", lambda m: ""),
    rule(r"(?<=[\w%℃°])[~～](?=[\d¥$￥])", lambda m: "到"),
    rule(r"~\s?(?=\d)", lambda m: "大约"),
    rule(rf"{_SIGN}(?P<n>{NUMBER})(?!\d)", lambda m: _sign(m) + number(m["n"])),
]
