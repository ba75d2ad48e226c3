"""When a silence is the end of what the user says: how long to wait, by how the words so far end.

Silence alone is slow or rude. A question that looks finished needs little of it; after "and", "because of the", "my
number is five five" or 因为 the user is most often still looking for words; a statement may be all of it, or the first
of two. A recogniser's full stop says little, since it puts one after whatever it is given; what counts most is the last
words. Whatever the words, the endpointer's ceiling ends the wait (EndpointSettings.hangover_s). A language model that
can be asked knows better than any list of words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from conversation.speech_text.script import is_wide
from conversation.turns import end_chinese as turn_end_chinese
from conversation.turns.asides import is_hesitation
from conversation.turns.end_words import (
    ASKS_FOR,
    BEGINS,
    CARRIED_ON,
    COMMAND,
    DIGIT,
    LEFT_OPEN,
    OPENING,
    POINTING,
    QUESTION,
    STRANDED,
    TOLD,
    VERBS,
    WHOLE,
    WHOLE_NUMBER,
    Look,
)

SURE: Final = 0.55
FAIRLY: Final = 0.4
LIKELY: Final = 0.15
PERHAPS: Final = 0.05
HARDLY: Final = 0.01
"""Probabilities of an end by a language model, as SmolLM2-135M gives them: two ends in three are SURE, four in five
FAIRLY; of pauses inside a sentence, one in forty is SURE."""

_MARKS: Final = re.compile(r"[\s.!?…,;:，。！？；：、—–\"'“”’\-]+$")
_GOES_ON: Final = (",", "，", "、", "-", "–", "—", "…", "...", ":", "：", ";", "；")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_LONG: Final = 6
"""Words: a statement that is shorter is often the first of two."""
_ASKS_INSIDE: Final = re.compile(r"\b(?:what|who|where|how|why)\b.{3,}")


@dataclass(frozen=True)
class TurnEndSettings:
    """Silence in seconds, from the last voiced sample, after which the user is taken to be done."""

    weighs: bool = True
    """Whether the language model is asked, too, how finished the words look."""
    finished_s: float = 0.45
    """It writes its answer meanwhile, so that little of this is lost."""
    plain_s: float = 0.7
    open_s: float = 1.0
    """Longer waits are the endpointer's: a dangling sentence ends at its ceiling."""

    def wait_s(self, text: str) -> float | None:
        """How long to wait after `text`; None: as long as the endpointer does."""
        look = look_of(text)
        return self._seconds["finished" if look == "plain" and _is_long(text) else look]

    def weighed_s(self, text: str, likely: float | None) -> float | None:
        """The same, where a language model finds the end of the turn so probable."""
        if likely is None or is_whole(text):
            return self.wait_s(text)
        return self._seconds[weighed(text, likely)]

    @property
    def _seconds(self) -> dict[Look, float | None]:
        return {"finished": self.finished_s, "plain": self.plain_s, "open": self.open_s, "dangling": None}


_WEIGHED: Final[dict[Look, tuple[Look, ...]]] = {
    # From below HARDLY to SURE.
    "finished": ("open", "open", "plain", "plain", "finished", "finished"),
    "plain": ("dangling", "open", "open", "plain", "plain", "finished"),
    "open": ("dangling", "dangling", "open", "open", "plain", "finished"),
    "dangling": ("dangling", "dangling", "dangling", "open", "open", "plain"),
}


def weighed(text: str, likely: float) -> Look:
    """How `text` looks where a language model finds the end of the turn so probable."""
    if is_hesitation(_WORD.findall(text)[-1] if _WORD.search(text) else ""):
        return "dangling"
    look = _WEIGHED[look_of(text)][bisect_right((HARDLY, PERHAPS, LIKELY, FAIRLY, SURE), likely)]
    return "open" if look in ("finished", "plain") and text.rstrip().endswith(_GOES_ON) else look


def is_whole(text: str) -> bool:
    """Whether it is one of the short things that are said as they are, of which a language model thinks little."""
    bare = _MARKS.sub("", text.strip())
    said = " ".join(_WORD.findall(bare.lower().replace("’", "'")))
    return WHOLE.fullmatch(said) is not None or turn_end_chinese.is_whole(bare)


def look_of(text: str) -> Look:
    """How the words so far look: those of the language in which they end."""
    text = text.strip()
    bare = _MARKS.sub("", text)
    if not bare:
        return "plain"
    last = next((c for c in reversed(bare) if c.isalnum()), "")
    chinese = is_wide(last) or _tells_digits_zh(bare)
    look = turn_end_chinese.look_of_chinese(bare, text) if chinese else _english(bare.lower(), text)
    return "open" if look in ("finished", "plain") and text.endswith(_GOES_ON) else look


def _english(bare: str, text: str) -> Look:
    words = _WORD.findall(bare.replace("’", "'"))
    if not words:
        return "plain"
    said = " ".join(words)
    if WHOLE.fullmatch(said):
        # "Okay" and "sorry" are often no more than the beginning.
        return "plain" if BEGINS.fullmatch(said) else "finished"
    if (digits := _digits_at_end(words)) is not None:
        return "finished" if digits >= WHOLE_NUMBER else "dangling"
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
    return "finished" if COMMAND.match(said) and len(words) > 2 else "plain"


def _is_long(text: str) -> bool:
    return len(_WORD.findall(text)) >= _LONG


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
