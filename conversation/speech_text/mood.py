"""The mood of a text, from its words, its punctuation and its emoji: what colours a face and the pace of a voice.

A lexicon of whole words in English and of phrases in Chinese; a negation before a word ("not happy", "不开心") turns
happiness into regret and silences any other. It knows no irony: it may colour, and must not decide anything.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from conversation.speech_text.mood_words import CHINESE, EMOJI, ENGLISH, NEGATIONS_EN, NEGATIONS_ZH

MoodName = Literal["neutral", "happy", "sorry", "sad", "curious", "surprised"]

_WORD: Final = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_FULL: Final = 3.0
"""So much of one mood is all of it."""
_REACH: Final = 3
"""Words before another that a negation reaches over: "not at all sure"."""


@dataclass(frozen=True)
class Mood:
    """The strongest mood of a text; `strength` in [0, 1], 0 where it is neutral."""

    name: MoodName = "neutral"
    strength: float = 0.0


def mood_of(text: str) -> Mood:
    """The mood of `text` as it is written (emoji tell most)."""
    found: Counter[MoodName] = Counter()
    for sign, mood in EMOJI.items():
        found[mood] += 2 * text.count(sign)
    _english(text.lower().replace("’", "'"), found)
    _chinese(text, found)
    calls = text.count("!") + text.count("！")
    asks = text.count("?") + text.count("？")
    if re.search(r"[?？]\s*[!！]|[!！]\s*[?？]", text):
        found["surprised"] += 2
    elif asks:
        found["curious"] += 1
    if calls:
        # An exclamation mark strengthens what is there, and alone is friendly.
        strongest = max(found, key=lambda mood: found[mood]) if any(found.values()) else "happy"
        found[strongest] += 1
    if not any(found.values()):
        return Mood()
    name = max(found, key=lambda mood: found[mood])
    return Mood(name, min(1.0, found[name] / _FULL))


def _english(text: str, found: Counter[MoodName]) -> None:
    words = _WORD.findall(text)
    line = f" {' '.join(words)} "
    for phrase, (mood, weight) in ENGLISH.items():
        at = line.find(f" {phrase} ")
        while at >= 0:
            before = line[:at].split()[-_REACH:]
            _count(mood, weight, any(w in NEGATIONS_EN or w.endswith("n't") for w in before), found)
            at = line.find(f" {phrase} ", at + 1)


def _chinese(text: str, found: Counter[MoodName]) -> None:
    taken: set[int] = set()
    for phrase in sorted(CHINESE, key=len, reverse=True):
        mood, weight = CHINESE[phrase]
        for match in re.finditer(re.escape(phrase), text):
            if taken.isdisjoint(range(*match.span())):
                taken.update(range(*match.span()))
                before = text[max(0, match.start() - 3) : match.start()]
                _count(mood, weight, any(before.rstrip("很太那么是").endswith(no) for no in NEGATIONS_ZH), found)


def _count(mood: MoodName, weight: int, negated: bool, found: Counter[MoodName]) -> None:
    if not negated:
        found[mood] += weight
    elif mood == "happy" and weight > 1:
        found["sad"] += 1
