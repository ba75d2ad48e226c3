"""When a silence is the end of what the user says: how long to wait, by how the words so far end.

Silence alone is slow or rude. A sentence that looks finished needs little of it; after "and", "because of the", "my
number is five five" or 因为 the user is most often still looking for words. A recogniser's full stop says little, since
it puts one after whatever it is given; what counts most is the last words. Whatever the words, the endpointer's ceiling
ends the wait (EndpointSettings.hangover_s).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from conversation.speech_text.script import is_wide
from conversation.turn_end_words import (
    CARRIED_ON,
    CARRIED_ON_ZH,
    DIGIT,
    DIGIT_ZH,
    FINISHED_ZH,
    LEFT_OPEN,
    LEFT_OPEN_ZH,
    OPENING,
    OPENING_ZH,
    QUESTION,
    STRANDED,
    VERBS,
    WHOLE,
    WHOLE_ZH,
)

Look = Literal["finished", "plain", "open", "dangling"]
"""Of what was said so far: a whole sentence; no sign either way; perhaps a part; surely a part."""

_MARKS: Final = re.compile(r"[\s.!?…,;:，。！？；：、—–\"'“”’\-]+$")
_GOES_ON: Final = (",", "，", "、", "-", "–", "—", "…", "...", ":", "：", ";", "；")
_REPEATED: Final = re.compile(r"(.)\1+")
_WORD: Final = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_ASKS_INSIDE: Final = re.compile(r"\b(?:what|who|where|how|why)\b.{3,}")
_DIGITS: Final = 3
"""So many digits in a row are a number that is being told, and it is whole after _WHOLE_NUMBER."""
_WHOLE_NUMBER: Final = 10


@dataclass(frozen=True)
class TurnEndSettings:
    """Silence in seconds, from the last voiced sample, after which the user is taken to be done."""

    finished_s: float = 0.3
    plain_s: float = 0.42
    open_s: float = 0.85
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
    digits = _digits_at_end(words)
    if digits >= _DIGITS:
        return "finished" if digits >= _WHOLE_NUMBER else "dangling"
    asks = QUESTION.match(said) is not None
    if words[-1] in LEFT_OPEN or CARRIED_ON.search(said):
        return "dangling"
    if words[-1] in STRANDED or words[-1] in VERBS:
        # "Where are you from" and "I know who she is" end so; "I am looking for" does not.
        return "plain" if len(words) > 2 and (asks or _ASKS_INSIDE.search(said)) else "dangling"
    if OPENING.match(said) and not asks and not re.search(r"[,;]\s*\w+\s+\w+", text):
        return "open"
    if text.endswith(("?", "!")) or (asks and len(words) > 4):
        return "finished"
    return "finished" if text.endswith(".") and len(words) > 3 else "plain"


def _chinese(bare: str, text: str) -> Look:
    said = re.sub(r"[\s，。！？；：、]", "", bare)
    if WHOLE_ZH.fullmatch(_REPEATED.sub(r"\1", said)):
        return "finished"
    digits = len(match[0]) if (match := DIGIT_ZH.search(said)) else 0
    if digits >= _DIGITS:
        return "finished" if digits >= _WHOLE_NUMBER else "dangling"
    if CARRIED_ON_ZH.search(said):
        return "dangling"
    clause = re.split(r"[，；。！？]", bare)[-1]
    if OPENING_ZH.match(clause.strip()):
        return "open"
    if LEFT_OPEN_ZH.search(said):
        return "open"
    if FINISHED_ZH.search(said) or text.endswith(("？", "?", "！", "!")):
        return "finished"
    return "finished" if text.endswith("。") and len(said) > 4 else "plain"


def _digits_at_end(words: list[str]) -> int:
    count = 0
    for word in reversed(words):
        if word.isdigit():
            count += len(word) if len(word) < 5 or count else 0
            if len(word) >= 5:
                break
        elif word in DIGIT:
            count += 1
        else:
            break
    return count


def _tells_digits_zh(bare: str) -> bool:
    return any(is_wide(c) for c in bare) and bare[-1].isdigit()
