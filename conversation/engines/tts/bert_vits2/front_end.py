"""Text → phones, and for each Chinese character how many of them it has: what BERT knows of it is repeated for these.

A clause falls into parts of one language. Each Chinese part is read by BERT on its own; English has no BERT here, as in
MNN's app, which gives the network zeros for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import opencc
from numpy.typing import NDArray

from conversation.engines.tts.bert_vits2 import english
from conversation.engines.tts.bert_vits2.phones import EDGE, NUMBER, PUNCTUATION, UNKNOWN, Phone
from conversation.speech_text import Language
from conversation.speech_text.script import WIDE, is_wide

_STOPS: Final = str.maketrans(
    {
        **{"。": ".", "．": ".", "！": "!", "？": "?", "—": "-", "–": "-", "～": "-", "~": "-"},
        **dict.fromkeys("，、；：;:·", ","),
        **dict.fromkeys("“”‘’「」『』《》〈〉（）()【】[]", '"'),
    }
)
_PIECE: Final = re.compile(rf"[{WIDE}]+|[^{WIDE}]+")
_WORDS: Final = re.compile(r"[^\W_].*", re.DOTALL)
_CLS, _SEP, _UNKNOWN_TOKEN = 101, 102, 100


@dataclass
class Part:
    """Text of one language."""

    language: Language
    phones: list[Phone] = field(default_factory=list)
    characters: str = ""
    """What BERT reads; empty for English."""
    word2ph: list[int] = field(default_factory=list)
    """Phones of each character."""

    def add(self, phones: list[Phone], character: str) -> None:
        """One more character, or, in English, a stop."""
        self.phones += phones
        if self.language == "zh":
            self.characters += character
            self.word2ph.append(len(phones))


class FrontEnd:
    """`mandarin` gives a reading for each character, `read` writes English in IPA, `syllables` has the phones of a
    syllable, `tokens` BERT's number of a character."""

    def __init__(
        self,
        mandarin: Callable[[str], list[str]],
        read: Callable[[str], str],
        syllables: Mapping[str, tuple[str, ...]],
        tokens: Mapping[str, int],
    ) -> None:
        self._mandarin, self._read, self._syllables, self._tokens = mandarin, read, syllables, tokens
        self._simplified = opencc.OpenCC("t2s")

    def parts(self, text: str) -> list[Part]:
        """The parts of a clause, in order; none where there is nothing to say."""
        parts: list[Part] = []
        for piece in _PIECE.findall(str(self._simplified.convert(text)).translate(_STOPS).replace("...", "…")):
            if is_wide(piece[0]):
                if not parts or parts[-1].language == "en":
                    parts.append(Part("zh"))
                self._add_chinese(parts[-1], piece)
                continue
            words = _WORDS.search(piece)
            stops = piece[: words.start()] if words else piece
            for stop in stops if parts else "":
                if stop in PUNCTUATION:
                    parts[-1].add([Phone(stop)], stop)
            if words:
                parts.append(Part("en", list(english.phones(words[0], self._read))))
        return [part for part in parts if part.phones]

    def token_ids(self, part: Part) -> NDArray[np.int32]:
        """What BERT takes of a Chinese part, (1, characters + 2)."""
        inner = [self._tokens.get(character, _UNKNOWN_TOKEN) for character in part.characters]
        return np.array([[_CLS, *inner, _SEP]], np.int32)

    def _add_chinese(self, part: Part, text: str) -> None:
        for character, reading in zip(text, self._mandarin(text), strict=True):
            tone = int(reading[-1]) if reading[-1:].isdecimal() else 0
            phones = [Phone(symbol, tone) for symbol in self._syllables.get(reading[:-1], ()) if symbol in NUMBER]
            part.add(phones or [Phone(UNKNOWN)], character)


def said(parts: list[Part]) -> Iterator[tuple[Phone, Language]]:
    """The phones of all parts with their languages, between two edges."""
    yield Phone(EDGE), parts[0].language
    for part in parts:
        yield from ((phone, part.language) for phone in part.phones)
    yield Phone(EDGE), parts[-1].language


def features(parts: list[Part], hidden: list[NDArray[np.float32]], width: int) -> NDArray[np.float32]:
    """BERT's features of every phone and blank, (1, width, 2 phones + 1).

    `hidden`: for each part (characters + 2, width) of BERT, (0, width) for English. A character's features are those of
    its phones and of the blank behind each; the ones of its start and end tokens belong to the edges.
    """
    edge = np.zeros((1, width), np.float32)
    rows = [np.repeat(hidden[0][:1] if len(hidden[0]) else edge, 3, axis=0)]
    for part, known in zip(parts, hidden, strict=True):
        if len(known):
            rows.append(np.repeat(known[1:-1], 2 * np.array(part.word2ph), axis=0))
        else:
            rows.append(np.zeros((2 * len(part.phones), width), np.float32))
    rows.append(np.repeat(hidden[-1][-1:] if len(hidden[-1]) else edge, 2, axis=0))
    return np.ascontiguousarray(np.concatenate(rows).T[None])
