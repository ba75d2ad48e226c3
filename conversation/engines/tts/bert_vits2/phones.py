"""The phones of Bert-VITS2, and the numbers that its network knows them, their tones and their language by.

The table is sorted over three languages (Japanese is not spoken here). A tone's number follows those of the languages
before: five Chinese tones and none, two Japanese ones, four degrees of English stress. Between two phones, before the
first and behind the last stands a blank, number 0 of all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation.speech_text import Language

_TABLE: Final = """
_ AA E EE En N OO V a a: aa ae ah ai an ang ao aw ay b by c ch d dh dy e e: eh ei en eng er ey f g gy h hh hy i i0 i: ia
ian iang iao ie ih in ing iong ir iu iy j jh k ky l m my n ng ny o o: ong ou ow oy p py q r ry s sh t th ts ty u u: ua
uai uan uang uh ui un uo uw v van ve vn w x y z zh zy ! ? … , . " - SP UNK
"""
SYMBOLS: Final = tuple(_TABLE.split())
NUMBER: Final = {symbol: number for number, symbol in enumerate(SYMBOLS)}
PUNCTUATION: Final = frozenset('!?…,."-')
EDGE: Final = "_"
"""Stands at both ends of what is said in one go."""
UNKNOWN: Final = "UNK"
_FIRST_TONE: Final[dict[Language, int]] = {"zh": 0, "en": 8}
_LANGUAGE: Final[dict[Language, int]] = {"zh": 0, "en": 2}


@dataclass(frozen=True)
class Phone:
    """A phone and its tone: 1 to 5 in Chinese, 1 to 3 for English vowels by their stress, 0 where it has none."""

    symbol: str
    tone: int = 0


@dataclass(frozen=True)
class Ids:
    """What the network takes, each (1, n) int32."""

    phone: NDArray[np.int32]
    tone: NDArray[np.int32]
    lang_id: NDArray[np.int32]


def ids(phones: Sequence[tuple[Phone, Language]]) -> Ids:
    """The numbers of phones, with blanks between them and around them."""
    return Ids(
        _with_blanks([NUMBER[phone.symbol] for phone, _ in phones]),
        _with_blanks([phone.tone + _FIRST_TONE[language] for phone, language in phones]),
        _with_blanks([_LANGUAGE[language] for _, language in phones]),
    )


def _with_blanks(numbers: Sequence[int]) -> NDArray[np.int32]:
    row = np.zeros((1, 2 * len(numbers) + 1), np.int32)
    row[0, 1::2] = numbers
    return row
