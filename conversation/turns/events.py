"""What happens to the turn machine besides the messages of the link: what the stages finished, and time."""

from __future__ import annotations

from dataclasses import dataclass

from conversation.link.audio_events import (
    ClausePlaced,
    PlaybackCut,
    PlaybackEnded,
    PlaybackStarted,
    QuestionLabelled,
    SpeechEnded,
    SpeechStarted,
    SpeechSustained,
)
from conversation.link.events import Greet, Interrupt, SpeechPaused, SpeechResumed, Talk, Typed


@dataclass(frozen=True)
class EnginesReady:
    """Everything is loaded."""


@dataclass(frozen=True)
class Tick:
    """The time at which the machine wanted to be woken has come."""


@dataclass(frozen=True)
class HeardPartial:
    """What the user, who goes on, seems to have said so far."""

    utterance: int
    text: str


@dataclass(frozen=True)
class HeardPause:
    """What was said before the silence that the user makes now; "" where it was no speech.

    Of a recogniser that hears the silence, too, it comes again where it heard more words after all, or is `over`: by
    its own rules the user is done.
    """

    utterance: int
    text: str
    over: bool = False


@dataclass(frozen=True)
class Weighed:
    """How probable the language model finds it that the user, who said this, is done; None: it cannot tell."""

    utterance: int
    text: str
    likely: float | None


@dataclass(frozen=True)
class HeardFinal:
    """What the user said, "" where it was no speech; the utterance has ended."""

    utterance: int
    text: str


@dataclass(frozen=True)
class ReplyPiece:
    """The language model wrote more."""

    turn: int
    text: str


@dataclass(frozen=True)
class ReplyDone:
    """The language model wrote its last."""

    turn: int


@dataclass(frozen=True)
class ClauseMade:
    """A clause was synthesised and is on its way to playback; times are monotonic ns."""

    turn: int
    clause: int
    samples: int
    audio_made: int
    face_made: int


@dataclass(frozen=True)
class StageFailed:
    """A stage could not do its work; `turn` is None where it worked for none."""

    stage: str
    error: str
    message: str
    turn: int | None = None
    fatal: bool = False


FromUser = (
    SpeechSustained | SpeechPaused | SpeechResumed | SpeechEnded | HeardPartial | HeardPause | Weighed | HeardFinal
)
"""How an utterance comes along."""
FromStages = ReplyPiece | ReplyDone | ClauseMade | ClausePlaced | PlaybackStarted | PlaybackEnded
"""How an answer comes along."""
TurnEvent = (
    EnginesReady
    | Tick
    | QuestionLabelled
    | SpeechStarted
    | FromUser
    | FromStages
    | PlaybackCut
    | Typed
    | Talk
    | Interrupt
    | Greet
    | StageFailed
)
