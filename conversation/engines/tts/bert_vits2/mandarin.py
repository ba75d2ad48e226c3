"""Chinese text → a reading of each character, in pinyin with the tone that is heard."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Final

from pypinyin import Style, lazy_pinyin

from conversation.engines.tts.bert_vits2 import sandhi
from conversation.engines.tts.chinese_words import word_cutter

_READ_AS: Final = str.maketrans({"嗯": "恩", "呣": "母", "咯": "落", "嘞": "勒"})
"""Sounds that are no syllable of the voice's, as the nearest one that is."""


class Mandarin:
    """`cache` is a folder for the dictionary as jieba wants it; `light`: words whose last syllable is light."""

    def __init__(self, cache: Path, light: Container[str] = ()) -> None:
        self._words = word_cutter(cache)
        self._light = light

    def __call__(self, text: str) -> list[str]:
        """One reading a character of `text`, which is all Chinese: "lve4"; what has none is given back."""
        words = [(word, self._read(word)) for word in self._words.cut(text.translate(_READ_AS))]
        return [reading for _, readings in sandhi.applied(words, self._light, self._split) for reading in readings]

    def _read(self, word: str) -> list[str]:
        # v for ü, as Bert-VITS2's table of syllables has it.
        readings = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
        if len(readings) == len(word):
            return readings
        # Signs that have no reading come as one: each is asked for by itself.
        return [lazy_pinyin(one, style=Style.TONE3, neutral_tone_with_five=True)[0] for one in word]

    def _split(self, word: str) -> list[str]:
        """A word of three in the two parts of which the longer is the more frequent."""
        known = self._words.FREQ
        at = 2 if known.get(word[:2], 0) > known.get(word[1:], 0) else 1
        return [word[:at], word[at:]]
