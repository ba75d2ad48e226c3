"""Markdown, code and emoji: what of it is said, and what is only for the eye."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

from conversation.speech_text.numbers.english_words import number
from conversation.speech_text.numbers.rules import Rule, rule
from conversation.speech_text.script import Language

EmojiSpeech = Literal["dropped", "named"]

BLOCK: Final = re.compile(r"\s*(`{3}|~{3})[ \t]*(?P<language>[\w+#.-]*)[^\n`]*(?:\n|$)")
"""The opening line of a fenced block of code."""
_LANGUAGES: Final = {
    "py": "Python", "python": "Python", "js": "JavaScript", "javascript": "JavaScript", "ts": "TypeScript",
    "c": "C", "cpp": "C plus plus", "c++": "C plus plus", "cs": "C sharp", "c#": "C sharp", "sh": "shell",
    "bash": "shell", "shell": "shell", "java": "Java", "go": "Go", "rust": "Rust", "html": "HTML", "css": "CSS",
    "json": "JSON", "sql": "SQL", "toml": "TOML", "yaml": "YAML",
}  # fmt: skip
_EMOJI_ONE: Final = "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a\u231b\u23e9-\u23fa\u3030\u303d"
EMOJI: Final = re.compile(
    f"[{_EMOJI_ONE}][\ufe00-\ufe0f\u200d\u20e3\U000e0020-\U000e007f{_EMOJI_ONE}]*|[\ufe00-\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+"
)
EMOTICON: Final = re.compile(r"(?<!\S)(?:[:;=8xX][-o']?[)(DPp/|\]\[]|<3|\^_?\^|T_T|[-x]_[-x])(?=\s|$|[.,!?])")
FACE: Final = re.compile(
    r"[(（](?=[^()（）]*[^\w\s()（）])[^A-Za-z\d\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af()（）\n]{2,12}[)）](?:[^\w\s.,!?。，！？]|[\u0e00-\u0e7fづつ])?"
)
"""A face of signs in brackets: (╯°□°)╯"""
_VERSION: Final = re.compile(r"\d+(?:\.\d+){2,}")
_INVISIBLE: Final = "\u200b\u200c\u2060\ufeff\u00ad"
_CODE_SIGNS: Final = {
    ".": " dot ", "/": " slash ", "\\": " backslash ", "=": " equals ", "+": " plus ", "*": " star ", "-": " dash ",
    "@": " at ", "#": " hash ", "$": " dollar ", "|": " pipe ", "<": " less than ", ">": " greater than ",
    "_": " ", "&": " and ", "%": " percent ",
}  # fmt: skip


def block_said(opening: re.Match[str], language: Language) -> str:
    """What is said instead of a block of code."""
    name = _LANGUAGES.get(opening["language"].lower(), "")
    if language == "zh":
        return f"请看这段{name}代码。"
    return f"Here is some {name} code.".replace("  ", " ")


def code_said(code: str) -> str:
    """A span of code in words: signs inside are named, brackets are not."""
    code = _VERSION.sub(lambda m: " point ".join(map(number, m[0].split("."))), code)
    said = ""
    for i, c in enumerate(code):
        inside = i > 0 and i + 1 < len(code) and not code[i - 1].isspace() and not code[i + 1].isspace()
        if c in "()[]{}\"'`;":
            said += " "
        elif c == "." and code[i - 1 : i].isdigit() and code[i + 1 : i + 2].isdigit():
            said += c
        elif c == "." and code[i - 1 : i].isspace() and code[i + 1 : i + 2].isalnum():
            said += " dot "
        elif c in _CODE_SIGNS and (inside or c in "=+/\\@#$|<>%-*" or (c == "." and i == 0)):
            said += _CODE_SIGNS[c]
        else:
            said += c
    return " ".join(said.split())


def emoji_said(emoji: str, language: Language) -> str:
    """The names of the signs in `emoji`; "" in Chinese, for which there are none in the Unicode tables."""
    if language == "zh":
        return ""
    names = [unicodedata.name(c, "") for c in emoji if re.match(f"[{_EMOJI_ONE}]", c)]
    spoken = [name.lower() for name in names if name and not name.startswith(("REGIONAL", "EMOJI MODIFIER"))]
    return f" {' '.join(spoken)} " if spoken else ""


def _line_end(m: re.Match[str]) -> str:
    """A heading ends like a sentence, an item of a list like a part of one, where no stop is written."""
    line = m.string[: m.start()].rpartition("\n")[2].strip()
    bare = line.rstrip("*_`\"'”’) |")
    if not any(c.isalnum() for c in bare) or not (bare[-1].isalnum()):
        return " "
    if line.startswith("#") or (m[0].count("\n") > 1 and not re.match(r"[-*+•|]|\d+[.)]\s", line)):
        return ". "
    return ", " if re.match(r"[-*+•|]|\d+[.)]\s", line) else " "


LINES: Final[list[Rule]] = [
    rule(r"^[ \t|:-]*--[ \t|:-]*$", lambda m: "", re.MULTILINE),
    rule(r"^[ \t]*(?:[-*_][ \t]*){3,}$", lambda m: "", re.MULTILINE),
    rule(
        r"^[ \t]*(?:\#{1,6}(?=[ \t])|>+(?=[ \t])|[-*+•](?=[ \t]))(?:[ \t]+(?:\#{1,6}|>+|[-*+•])(?=[ \t]))*[ \t]*"
        r"(?:\[[ xX]\][ \t])?",
        lambda m: "",
        re.MULTILINE,
    ),
]
"""Headings, quotes, bullets and rulers: marks at the beginning of a line."""
HIDDEN: Final[list[Rule]] = [
    rule(r"!?\[(?=[^\]\n]*\]\([^)\n]*\))", lambda m: ""),
    rule(r"\]\([^)\n]*\)", lambda m: ""),
    rule(r"\[\^?\w{1,8}\](?<=\d\])|\[\^\w+\]", lambda m: ""),
    rule(r"</?[A-Za-z][^<>\n:]{0,80}>|<!--.*?-->", lambda m: " "),
    rule(r"<(?=[a-z]+://)|(?<=\w)>(?=\s|$)", lambda m: ""),
    rule(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|`+", lambda m: ""),
    rule(r"(?<!\w)_{1,3}(?=\w)|(?<=[\w.!?,])_{1,3}(?!\w)", lambda m: ""),
    rule(rf"[{_INVISIBLE}]", lambda m: ""),
    rule(r"^[ \t]*\|[ \t]*", lambda m: "", re.MULTILINE),
    rule(r"[ \t]*\|[ \t]*$", lambda m: "", re.MULTILINE),
    rule(r"[ \t]*\|[ \t]*", lambda m: ", "),
]
"""Marks of Markdown and HTML within a line; the cells of a table are said like a list."""
_ENTITIES: Final = {"amp": " and ", "lt": " ", "gt": " ", "nbsp": " ", "quot": " ", "#39": "'", "apos": "'"}
SPOKEN: Final[list[Rule]] = [
    rule(rf"&(?P<n>{'|'.join(map(re.escape, _ENTITIES))});", lambda m: _ENTITIES[m["n"]]),
    rule(r"[ \t]*\n\s*", _line_end),
    rule(r"[_|~]+", lambda m: " "),
    rule(r"[\[\]*`#{}]+", lambda m: ""),
]
"""Line ends, and what is left of signs that nobody says."""
CODE_SPAN: Final = re.compile(r"(`+)(?!`)(?P<code>[^\n]*?[^`\n])\1(?!`)")
