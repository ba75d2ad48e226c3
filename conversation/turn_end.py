"""When a silence is the end of what the user says: how long to wait, by how the words so far end.

Silence alone is slow or rude. A sentence that looks finished needs little of it; after "and", "because of the", "my
number is five five" or 因为 the user is most often still looking for words. A recogniser's full stop says little, since
it puts one after whatever it is given; what counts most is the last words. Whatever the words, the endpointer's ceiling
ends the wait (EndpointSettings.hangover_s). A language model that can be asked knows better than any list of words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from conversation.speech_text.script import is_wide
from conversation.turn_end_words import (
    ASKS_FOR,
    CARRIED_ON,
    CARRIED_ON_ZH,
    DIGIT,
    DIGIT_ZH,
    FINISHED_ZH,
    LEFT_OPEN,
    LEFT_OPEN_ZH,
    ONLY_WHEN_ZH,
    OPENING,
    OPENING_ZH,
    POINTING,
    QUESTION,
    STRANDED,
    TOLD,
    VERBS,
    WHOLE,
    WHOLE_ZH,
)

SURE: Final = 0.15
PERHAPS: Final = 0.05
HARDLY: Final = 0.01
"""Probabilities of an end by a language model, as SmolLM2-135M gives them: four ends in five are SURE."""

Look = Literal["finished", "plain", "open", "dangling"]
"""Of what was said so far: a whole sentence; no sign either way; perhaps a part; surely a part."""

_MARKS: Final = re.compile(r"[\s.!?…,;:，。！？；：、—–\"'“”’\-]+$")
_GOES_ON: Final = (",", "，", "、", "-", "–", "—", "…", "...", ":", "：", ";", "；")
_REPEATED: Final = re.compile(r"(.)\1+")
_WORD: Final = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_ASKS_INSIDE: Final = re.compile(r"\b(?:what|who|where|how|why)\b.{3,}")
_SHORT_ZH: Final = 6
"""Characters: what is shorter, and none of the known short sentences, is most often only their beginning."""
_WHOLE_NUMBER: Final = 10
"""A number that is told digit by digit is whole after so many."""


@dataclass(frozen=True)
class TurnEndSettings:
    """Silence in seconds, from the last voiced sample, after which the user is taken to be done."""

    weighs: bool = True
    """Whether the language model is asked, too, how finished the words look."""
    likely_s: float = 0.45
    """Where it finds the end likely: it writes its answer meanwhile, so that little of this is lost."""
    finished_s: float = 0.45
    plain_s: float = 0.55
    open_s: float = 0.95
    """Longer waits are the endpointer's: a dangling sentence ends at its ceiling."""

    def wait_s(self, text: str) -> float | None:
        """How long to wait after `text`; None: as long as the endpointer does."""
        match look_of(text):
            case "finished":
                return self.finished_s
            case "plain":
                return self.plain_s
            case "open":
                return self.open_s
            case "dangling":
                return None

    def weighed_s(self, text: str, likely: float | None) -> float | None:
        """The same, where a language model finds the end of the turn so probable."""
        if likely is None or is_whole(text):
            return self.wait_s(text)
        look = look_of(text)
        waits: tuple[float | None, ...]
        match look:
            case "finished" | "plain":
                waits = (self.likely_s, self.plain_s, self.open_s, self.open_s if look == "finished" else None)
            case "open":
                waits = (self.open_s if text.rstrip().endswith(_GOES_ON) else self.plain_s, self.open_s, None, None)
            case "dangling":
                waits = (self.open_s, None, None, None)
        return waits[sum(likely < least for least in (SURE, PERHAPS, HARDLY))]


def is_whole(text: str) -> bool:
    """Whether it is one of the short things that are said as they are, of which a language model thinks little."""
    bare = _MARKS.sub("", text.strip())
    said = _REPEATED.sub(r"\1", re.sub(r"[\s，。！？；：、]", "", bare))
    return WHOLE.fullmatch(" ".join(_WORD.findall(bare.lower().replace("’", "'")))) is not None or (
        WHOLE_ZH.fullmatch(said) is not None
    )


def look_of(text: str) -> Look:
    """How the words so far look: those of the language in which they end."""
    text = text.strip()
    bare = _MARKS.sub("", text)
    if not bare:
        return "plain"
    last = next((c for c in reversed(bare) if c.isalnum()), "")
    look = _chinese(bare, text) if is_wide(last) or _tells_digits_zh(bare) else _english(bare.lower(), text)
    if look in ("finished", "plain") and text.endswith(
        (",", "，", "、", "-", "–", "—", "…", "...", ":", "：", ";", "；")
    ):
        return "open"
    return look


def _english(bare: str, text: str) -> Look:
    words = _WORD.findall(bare.replace("’", "'"))
    if not words:
        return "plain"
    said = " ".join(words)
    if WHOLE.fullmatch(said):
        return "finished"
    if (digits := _digits_at_end(words)) is not None:
        return "finished" if digits >= _WHOLE_NUMBER else "dangling"
    asks = QUESTION.match(said) is not None
    if words[-1] in LEFT_OPEN or CARRIED_ON.search(said):
        return "dangling"
    if words[-1] in STRANDED:
        # "Where are you from" ends so, "what should I wear to" does not; "I am looking for" never.
        return ("plain" if text.endswith("?") else "open") if asks and ASKS_FOR.match(said) else "dangling"
    if words[-1] in VERBS:
        # "I know who she is."
        return "plain" if len(words) > 2 and (asks or _ASKS_INSIDE.search(said)) else "dangling"
    if words[-1] in POINTING and not text.endswith("?"):
        return "open"
    if OPENING.match(said) and not asks and not re.search(r"[,;]\s*\w+\s+\w+", text):
        return "open"
    if text.endswith(("?", "!")) or (asks and len(words) > 4 and not text.endswith(".")):
        return "finished"
    if asks and len(words) > 2:
        return "open"  # a recogniser that writes marks would have written a question mark
    return "finished" if text.endswith(".") and len(words) > 3 else "plain"


def _chinese(bare: str, text: str) -> Look:
    said = re.sub(r"[\s，。！？；：、]", "", bare)
    if WHOLE_ZH.fullmatch(_REPEATED.sub(r"\1", said)):
        return "finished"
    if digits := DIGIT_ZH.search(said):
        return "finished" if len(digits[0]) >= _WHOLE_NUMBER else "dangling"
    if CARRIED_ON_ZH.search(said):
        return "dangling"
    clause = re.split(r"[，；。！？]", bare)[-1]
    if OPENING_ZH.match(clause.strip()):
        return "open"
    if LEFT_OPEN_ZH.search(said) or ONLY_WHEN_ZH.fullmatch(said):
        return "open"
    if FINISHED_ZH.search(said) or text.endswith(("？", "?", "！", "!")):
        return "finished"
    if len(said) < _SHORT_ZH:
        return "open"
    return "finished" if text.endswith("。") else "plain"


def _digits_at_end(words: list[str]) -> int | None:
    """How many digits of a number that is told digit by digit stand at the end; None: no such number."""
    tail = list[str]()
    for word in reversed(words):
        if not (word.isdigit() or word in DIGIT):
            break
        tail.append(word)
    digits = sum(len(word) if word.isdigit() else 1 for word in tail)
    told = len(tail) > 1 or (tail and tail[0].startswith("0")) or not TOLD.isdisjoint(words)
    return digits if tail and told else None


def _tells_digits_zh(bare: str) -> bool:
    return any(is_wide(c) for c in bare) and bare[-1].isdigit()
