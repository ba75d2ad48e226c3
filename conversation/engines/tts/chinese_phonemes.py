"""Chinese text → phonemes, in the letters that Kokoro's voices were taught.

Words are told apart by jieba, read by pypinyin's phrases, and each syllable becomes its initial, its final and an
arrow for its tone (→ ↗ ↓ ↘, none for the neutral one) behind the vowel. The letters are those of misaki's Chinese
(Apache-2.0), which follows pinyin-to-ipa (MIT). What is not Chinese is handed to a reader of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.tone_convert import to_finals, to_initials

from conversation.engines.tts.chinese_words import word_cutter
from conversation.speech_text.script import WIDE, is_wide

_INITIALS: Final = {
    **{"b": "p", "c": "ʦʰ", "ch": "ꭧʰ", "d": "t", "f": "f", "g": "k", "h": "x", "j": "ʨ", "k": "kʰ", "l": "l"},
    **{"m": "m", "n": "n", "p": "pʰ", "q": "ʨʰ", "r": "ɻ", "s": "s", "sh": "ʂ", "t": "tʰ", "x": "ɕ", "z": "ʦ"},
    "zh": "ꭧ",
}
_FINALS: Final = {
    # 0 is where the tone goes.
    **{"a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n"},
    **{"eng": "ə0ŋ", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n"},
    **{"ing": "i0ŋ", "iong": "jʊ0ŋ", "iou": "jou0", "o": "wo0", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "ua": "wa0"},
    **{"uai": "wai0", "uan": "wa0n", "uang": "wa0ŋ", "uei": "wei0", "uen": "wə0n", "ueng": "wə0ŋ", "uo": "wo0"},
    **{"ü": "y0", "üan": "ɥɛ0n", "üe": "ɥe0", "ün": "y0n"},
}
_ALONE: Final = {
    "er": "ɚ0",
    "o": "ɔ0",
    "ê": "ɛ0",
    "io": "jɔ0",
    "m": "m0",
    "n": "n0",
    "ng": "ŋ0",
    "hm": "hm0",
    "hng": "hŋ0",
}
_BUZZ: Final = "ɨ0"
"""The i of zi, ci, si, zhi, chi, shi, ri."""
_BUZZING: Final = frozenset({"z", "c", "s", "zh", "ch", "sh", "r"})
_TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_STOPS: Final = str.maketrans(
    {
        **{"，": ", ", "、": ", ", "。": ". ", "．": ". ", "！": "! ", "？": "? ", "；": "; ", "：": ": ", "…": "… "},
        **{"（": " (", "）": ") ", "《": " “", "》": "” ", "「": " “", "」": "” ", "【": " “", "】": "” "},
    }
)
_PIECE: Final = re.compile(rf"[{WIDE}]+|[^{WIDE}]+")


class ChinesePhonemes:
    """`other` reads what is not Chinese; `cache` is a folder for the dictionary as jieba wants it."""

    def __init__(self, other: Callable[[str], str], cache: Path) -> None:
        self._words = word_cutter(cache)
        self._other = other

    def __call__(self, text: str) -> str:
        """The phonemes of `text`; words are parted by spaces, stops are those of English."""
        said = []
        for piece in _PIECE.findall(text.translate(_STOPS)):
            if is_wide(piece[0]):
                said.append(" ".join(self._word(word) for word in self._words.lcut(piece)))
            elif any(letter.isalnum() for letter in piece):
                said.append(f" {self._other(piece).strip()} ")
            else:
                said.append(piece)
        return " ".join("".join(said).split())

    def syllable(self, pinyin: str) -> str:
        """The phonemes of a syllable such as "hao3"; "" for what is none."""
        plain, tone = pinyin[:-1], _TONES.get(pinyin[-1:])
        if tone is None:
            return ""
        if plain in _ALONE:
            return _ALONE[plain].replace("0", tone)
        initial = to_initials(pinyin, strict=True)
        final = to_finals(pinyin, strict=True, v_to_u=True)
        letters = _BUZZ if final == "i" and initial in _BUZZING else _FINALS.get(final, "")
        return (_INITIALS.get(initial, "") + letters).replace("0", tone)

    def _word(self, word: str) -> str:
        readings = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
        return "".join(map(self.syllable, readings))
