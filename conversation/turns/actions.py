"""What the turn machine wants done. Those for one stage are carried out in the order in which they were given."""

from __future__ import annotations

from dataclasses import dataclass

from conversation.link.audio_events import Duck
from conversation.link.events import AppEvent
from conversation.speech_text import Mood


@dataclass(frozen=True)
class Tell:
    """Send this to the app."""

    message: AppEvent


@dataclass(frozen=True)
class EndUtterance:
    """The user is done: `speech_end` is the last voiced sample (monotonic ns). HeardFinal is to follow."""

    utterance: int
    speech_end: int


@dataclass(frozen=True)
class DropUtterance:
    """What the user says in this utterance is not wanted any more: no HeardFinal is to follow."""

    utterance: int


@dataclass(frozen=True)
class Weigh:
    """Let the language model tell whether the user, who said this, is done: Weighed is to follow."""

    utterance: int
    text: str


@dataclass(frozen=True)
class Answer:
    """Let the language model answer."""

    turn: int
    question: str


@dataclass(frozen=True)
class TakeBack:
    """The question of this turn was never asked: the language model forgets it with whatever it wrote."""

    turn: int


@dataclass(frozen=True)
class Remember:
    """The language model's history keeps only this of its answer to the question of this turn."""

    turn: int
    heard: str


@dataclass(frozen=True)
class Record:
    """A question and what was heard of its answer, for good; monotonic ns."""

    question: str
    heard: str
    asked: int
    answered: int
    ended: int


@dataclass(frozen=True)
class Say:
    """Synthesise this clause with its face and queue it for playback; `mood` is that of what is written."""

    turn: int
    clause: int
    text: str
    mood: Mood


@dataclass(frozen=True)
class SayEnd:
    """No more clauses of this turn."""

    turn: int


@dataclass(frozen=True)
class CancelTurn:
    """Stop every stage that works for this turn, and playback."""

    turn: int


Action = (
    Tell
    | EndUtterance
    | DropUtterance
    | Weigh
    | Answer
    | TakeBack
    | Remember
    | Record
    | Say
    | SayEnd
    | CancelTurn
    | Duck
)
