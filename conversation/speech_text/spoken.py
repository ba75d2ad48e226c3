"""A clause as it is said, and which part of what is written each part of it says.

The voice gets words ("three point one four"), the eye keeps what was written ("3.14"), and both ask how far the voice
is: captions for their timing, a conversation that was cut off for what the listener has heard. Time within a clause is
shared among what is said by the length of its syllables and pauses: a voice gives no times of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from conversation.speech_text import formulas, markup, names, words
from conversation.speech_text.markup import EmojiSpeech
from conversation.speech_text.numbers import chinese, english
from conversation.speech_text.script import WIDE, Language, is_wide, languages

_RULES: Final = {
    "en": [*formulas.ENGLISH, *words.ENGLISH, *names.ENGLISH, *english.RULES],
    "zh": [*formulas.CHINESE, *words.CHINESE, *names.CHINESE, *chinese.RULES],
}
_WIDE_STOPS: Final = "，。！？；：、…"
_CLOSE: Final = _WIDE_STOPS + "”’」』）》】,.!?;:)*_`\"'"
_UNIT: Final = re.compile(
    rf"[“‘（《「『(]*[{WIDE}][{re.escape(_CLOSE)}]*|[^\s{WIDE}{_WIDE_STOPS}]+[{re.escape(_CLOSE)}]*|\S"
)
_STOPS: Final = ".!?。！？…"
_COMMAS: Final = ",;:，；：、"


@dataclass(frozen=True)
class CaptionWord:
    """A written word (one character where words are written without spaces) and when it is said."""

    text: str
    begin: float
    """Of the clause's sound, in [0, 1]."""
    end: float


@dataclass(frozen=True)
class Spoken:
    """A clause as it is written and as it is said."""

    written: str
    text: str
    """What the voice says; "" where nothing is left to say."""
    origin: tuple[int, ...]
    """For each character of `text` the place in `written` that it says; never falls."""
    hidden: frozenset[int]
    """Places in `written` that are for neither eye nor ear: marks of Markdown."""
    language: Language
    """Of its last letters: the language of numbers that follow alone."""

    def heard(self, fraction: float) -> str:
        """The beginning of `written` of which every word was heard when `fraction` of the sound was played."""
        if fraction >= 1:
            return self.written
        said = bisect_right(self._times, max(fraction, 0.0) + 1e-9)
        reached = self.origin[said] if said < len(self.origin) else len(self.written)
        ends = [unit.end() for unit in self._units() if unit.end() <= reached] if said else []
        return self.written[: ends[-1]] if ends else ""

    def words(self) -> list[CaptionWord]:
        """The written words without marks of Markdown, each with the part of the sound in which it is said."""
        found = []
        for unit in self._units():
            shown = "".join(self.written[i] for i in range(*unit.span()) if i not in self.hidden)
            if shown:
                found.append(CaptionWord(shown, self._time(unit.start()), self._time(unit.end())))
        return found

    def _units(self) -> Iterator[re.Match[str]]:
        return _UNIT.finditer(self.written)

    def _time(self, place: int) -> float:
        """When everything before this place of `written` was said."""
        count = bisect_left(self.origin, place)
        return self._times[count - 1] if count else 0.0

    @cached_property
    def _times(self) -> list[float]:
        """When each character of `text` was said, up to 1."""
        sums = list(accumulate(map(_weight, self.text)))
        return [s / sums[-1] for s in sums]


def speak(written: str, *, default: Language = "en", emoji: EmojiSpeech = "dropped") -> Spoken:
    """How a clause is said. `default` is the language of what has no letters, such as "3.14"."""
    language: Language = next(("zh" if is_wide(c) else "en" for c in reversed(written) if c.isalpha()), default)
    hidden: set[int] = set()
    said: list[tuple[str, int]] = []
    if opening := markup.BLOCK.match(written):
        said = _spread(markup.block_said(opening, default), 0, len(written))
        language = default
        last = written.rstrip().rpartition("\n")[2].strip()
        hidden.update(range(opening.end() if "\n" in opening[0] else len(written)))
        if last and not last.strip("`~"):
            hidden.update(range(written.rindex(last), len(written)))
    else:
        for start, end, text, mark in _tokens(written, default, emoji):
            said += _spread(text, start, end)
            if mark:
                hidden.update(range(start, end))
    kept = _tidied(said)
    if not any(c.isalnum() for c, _ in kept):
        kept = []
    return Spoken(written, "".join(c for c, _ in kept), tuple(i for _, i in kept), frozenset(hidden), language)


def _tokens(text: str, default: Language, emoji: EmojiSpeech) -> Iterator[tuple[int, int, str, bool]]:
    """(start, end, what is said, whether it is a mark), one after the other over the whole of `text`."""
    language = languages(text, default)
    at = 0
    while at < len(text):
        token = _token(text, at, language[at], emoji)
        yield (at, *token)
        at = token[0]


def _token(text: str, at: int, language: Language, emoji: EmojiSpeech) -> tuple[int, str, bool]:
    """The token at this place: (end, what is said, whether it is a mark)."""
    character = text[at]
    if character == "`" and (code := markup.CODE_SPAN.match(text, at)):
        return code.end(), markup.code_said(code["code"]), False
    if match := markup.EMOJI.match(text, at) or markup.EMOTICON.match(text, at) or markup.FACE.match(text, at):
        named = emoji == "named" and not match[0].isascii()
        return match.end(), markup.emoji_said(match[0], language) if named else " ", False
    inside = (
        character.isascii() and character.isalnum() and at > 0 and text[at - 1].isascii() and text[at - 1].isalnum()
    )
    if not inside:
        for rules, mark in (
            (markup.LINES, True),
            (_RULES[language], False),
            (markup.HIDDEN, True),
            (markup.SPOKEN, False),
        ):
            for one in rules:
                match = one.pattern.match(text, at)
                if match and match.end() > at and (said := one.say(match)) is not None:
                    return match.end(), said, mark
    return at + 1, character, False


def _spread(said: str, start: int, end: int) -> list[tuple[str, int]]:
    """Each character of what is said for text[start:end] with the place that it says."""
    return [(c, start + (end - start) * i // len(said)) for i, c in enumerate(said)]


def _tidied(said: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """White space collapsed, none before a stop, and no comma after another."""
    kept: list[tuple[str, int]] = []
    for character, place in said:
        if character.isspace():
            if kept and kept[-1][0] != " ":
                kept.append((" ", place))
            continue
        if character in _COMMAS + _STOPS and kept and kept[-1][0] == " ":
            kept.pop()
        if character == "," and (not kept or kept[-1][0] in _COMMAS + "!?"):
            continue
        kept.append((character, place))
    while kept and kept[-1][0] == " ":
        kept.pop()
    return kept


def _weight(character: str) -> float:
    """How long a character takes, in Latin letters."""
    if is_wide(character):
        return 3.0  # a syllable
    if character in _STOPS:
        return 4.0
    if character in _COMMAS:
        return 2.0
    return 1.0 if character.isalnum() else 0.5
