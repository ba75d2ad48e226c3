"""Captions with word timing: what was really heard, when each word was said, in seconds of a film or a talk.

A caption is told when its clause is queued; an answer that was interrupted ends with the last word that was heard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from conversation.audio.base import SPEAKER_RATE
from conversation.link.events import AppEvent, Caption, CaptionWord, TurnDone
from conversation.speech_text import join_clauses

MOST: Final = 4000
"""Captions; the oldest go."""
SHORTEST_S: Final = 0.3
LINGERS_S: Final = 1.0
"""For so long a clause that was said is still shown, unless another one follows."""


class Word(msgspec.Struct, frozen=True):
    """A written word and when it is said."""

    text: str
    begin_s: float
    end_s: float


class CaptionLine(msgspec.Struct, frozen=True):
    """A clause of an answer as it was heard, with the mood that it was said in."""

    turn: int
    mood: str
    words: list[Word]

    @property
    def text(self) -> str:
        """As it is written."""
        return join_clauses([word.text for word in self.words])


class Shown(msgspec.Struct, frozen=True):
    """What a panel shows at one moment."""

    text: str
    """The clause that is being said."""
    said: int
    """So many characters of it have begun to be said: bright, the rest is to come."""


class CaptionLog:
    """Feed it the conversation's events."""

    def __init__(self) -> None:
        self._captions: deque[Caption] = deque(maxlen=MOST)

    def take(self, event: AppEvent) -> None:
        """Note one event."""
        match event:
            case Caption():
                self._captions.append(event)
            case TurnDone(timings=timings) if timings.interrupted:
                self._cut(timings.turn, timings.said)

    def lines(self, seconds_at: Callable[[float], float]) -> list[CaptionLine]:
        """All that was heard; `seconds_at`: sample of playback → seconds."""
        return [
            CaptionLine(
                caption.turn,
                caption.mood,
                [_word(word, seconds_at) for word in caption.words],
            )
            for caption in self._captions
            if caption.words
        ]

    def shown_at(self, sample: float) -> Shown | None:
        """The caption of the moment in which the listener hears this sample (AudioClock.heard_at), if there is any."""
        for caption in reversed(self._captions):
            if not caption.words or sample < caption.words[0].begin:
                continue
            if sample >= caption.words[-1].end + LINGERS_S * SPEAKER_RATE:
                return None
            words = [word.text for word in caption.words]
            begun = sum(word.begin <= sample for word in caption.words)
            return Shown(join_clauses(words), len(join_clauses(words[:begun])))
        return None

    def _cut(self, turn: int, said: str) -> None:
        """Of this turn only what was heard stays."""
        left = _letters(said)
        kept = list[Caption]()
        for caption in self._captions:
            if caption.turn == turn:
                words = list[CaptionWord]()
                for word in caption.words:
                    text = _letters(word.text)
                    if not left or not left.startswith(text):
                        left = ""
                        break
                    words.append(word)
                    left = left[len(text) :]
                caption = msgspec.structs.replace(caption, words=tuple(words))
            kept.append(caption)
        self._captions = deque(kept, maxlen=MOST)


def as_subtitles(lines: Sequence[CaptionLine]) -> str:
    """SubRip, a caption for each clause; what ended before second 0 is left out."""
    cues = list[str]()
    for line in lines:
        begin, end = max(line.words[0].begin_s, 0.0), line.words[-1].end_s
        if end > 0:
            end = max(end, begin + SHORTEST_S)
            cues.append(f"{len(cues) + 1}\n{_time(begin)} --> {_time(end)}\n{line.text.replace('-->', '→')}\n")
    return "\n".join(cues)


def _letters(text: str) -> str:
    """Without spaces and marks, of which captions have fewer than what is written."""
    return "".join(filter(str.isalnum, text))


def _word(word: CaptionWord, seconds_at: Callable[[float], float]) -> Word:
    return Word(word.text, round(seconds_at(word.begin), 3), round(seconds_at(word.end), 3))


def _time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"
