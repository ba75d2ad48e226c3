"""What stays of turns that leave the context, beside what a model notes of them: the user's own words.

A model's notes may leave anything out, and small models write none that are of use. So what the user asked to be
remembered is carried along word for word until the user asks to forget it, and so is what the user told about himself
or herself, as much of it as there is room for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from conversation.history.dialogue import NOTES_TOKENS, Turn, WriteNotes, guessed_tokens
from conversation.history.memory import says
from conversation.history.requests import FACTS_INTRODUCED, Forget, Remember, request_in

REQUESTS_TOKENS: Final = 100
TOLD_TOKENS: Final = 50
"""Of too many the newest stay."""
TOLD_INTRODUCED: Final = "The user also said:"
_MARK: Final = "- "
_SENTENCE: Final = re.compile(r"[^.!?。！？]+[.!?。！？]*")
_PERSONAL: Final = re.compile(
    r"\b(?:i\s+(?:am|was|live|lived|work|worked|study|come|have|had|like|love|hate|need|want|prefer|play|speak)\b"
    r"|i['’](?:m|ve|d)\b|my\s+\w+(?:\s+\w+)?\s+(?:is|are|was|were|has|likes?|lives?)\b|call\s+me\b)"
    r"|我(?:叫|姓|是|住|来自|來自|在|有|喜欢|喜歡|爱|愛|讨厌|討厭|想|要|需要|会|會|的)",
    re.IGNORECASE,
)


@dataclass
class _Notes:
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


def keeping_own_words(write: WriteNotes | None = None, room: int = NOTES_TOKENS) -> WriteNotes:
    """Notes that begin with the user's own words; the rest is what `write` says, which is not shown them.

    `room`: tokens of notes at most, of which two fifths are for what was asked and a fifth for what was told.
    """

    def both(notes: str, turns: Sequence[Turn]) -> str:
        kept = _read(notes)
        for turn in turns:
            match request_in(turn.question):
                case Remember(text):
                    kept.asked = [*(fact for fact in kept.asked if fact != text), text]
                case Forget(text):
                    for facts in (kept.asked, kept.told):
                        facts[:] = [fact for fact in facts if not says(fact, text)]
                case None:
                    told = _told(turn.question)
                    kept.told = [*(fact for fact in kept.told if fact not in told), *told]
        earlier = "\n\n".join(kept.written)
        # Where nothing new is written, what was written before still holds.
        written = (write(earlier, turns).strip() if write is not None else "") or earlier
        lists = (
            _listed(FACTS_INTRODUCED, kept.asked, min(REQUESTS_TOKENS, room * 2 // 5)),
            _listed(TOLD_INTRODUCED, kept.told, min(TOLD_TOKENS, room // 5)),
        )
        return "\n\n".join(part for part in (*lists, written) if part)

    return both


def _told(said: str) -> list[str]:
    """Sentences in which somebody tells about himself or herself; no questions."""
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(" ".join(said.split()))]
    return [sentence for sentence in sentences if _PERSONAL.search(sentence) and not sentence.endswith(("?", "？"))]


def _read(notes: str) -> _Notes:
    kept = _Notes()
    for part in notes.split("\n\n") if notes else ():
        title, *lines = part.splitlines() or [""]
        facts = {FACTS_INTRODUCED: kept.asked, TOLD_INTRODUCED: kept.told}.get(title)
        if facts is None:
            kept.written.append(part)
        else:
            facts += [line.removeprefix(_MARK) for line in lines]
    return kept


def _listed(title: str, facts: Sequence[str], most: int) -> str:
    lines = list[str]()
    for fact in reversed(facts):
        most -= guessed_tokens(fact) + 2
        if most < 0:
            break
        lines.insert(0, f"{_MARK}{fact}")
    return "\n".join([title, *lines]) if lines else ""
