"""English text → phones of the CMU dictionary (ARPAbet), by hibari's reader, which writes IPA with signs of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from conversation.engines.tts.bert_vits2.phones import PUNCTUATION, Phone

_VOWELS: Final = {
    "A": "ey", "I": "ay", "O": "ow", "W": "aw", "Y": "oy", "i": "iy", "u": "uw", "æ": "ae", "ɑ": "aa", "ɐ": "ah",
    "ɔ": "ao", "ə": "ah", "ᵊ": "ah", "ɛ": "eh", "ɜ": "er", "ɪ": "ih", "ᵻ": "ih", "ʊ": "uh", "ʌ": "ah", "ɒ": "aa",
}  # fmt: skip
_CONSONANTS: Final = {
    "b": "b", "d": "d", "f": "f", "h": "hh", "j": "y", "k": "k", "l": "l", "m": "m", "n": "n", "p": "p", "s": "s",
    "t": "t", "v": "V", "w": "w", "z": "z", "ð": "dh", "ŋ": "ng", "ɡ": "g", "g": "g", "ɹ": "r", "ɾ": "t", "T": "t",
    "ʃ": "sh", "ʒ": "zh", "ʤ": "jh", "ʧ": "ch", "θ": "th",
}  # fmt: skip
_UNSTRESSED, _SECONDARY, _PRIMARY = 1, 3, 2
"""The dictionary's 0, 2 and 1, one higher."""
_STRESS: Final = {"ˈ": _PRIMARY, "ˌ": _SECONDARY}
_ER: Final = re.compile("[ɜə]ɹ")
"""One phone in the dictionary; "ɜ" stands for it here."""


def phones(text: str, read: Callable[[str], str]) -> Iterator[Phone]:
    """The phones of `text`, which `read` writes in IPA; its punctuation in between."""
    stress = _UNSTRESSED
    for letter in _ER.sub("ɜ", read(text)):
        if letter in _STRESS:
            stress = _STRESS[letter]
        elif letter in _VOWELS:
            yield Phone(_VOWELS[letter], stress)
            stress = _UNSTRESSED
        elif letter in _CONSONANTS:
            yield Phone(_CONSONANTS[letter])
        elif letter in PUNCTUATION:
            yield Phone(letter)
        elif letter in ";:":
            yield Phone(",")
