"""Questions from files, asked one after the other: who speaks when, and when the session is over.

States: loading → (ready) → asking question k → waiting for its answer → … → ending → over. Time comes in with each
call, so the whole interview replays in a test in no time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from conversation.link.events import AppEvent, Ask, Command, Failure, Ready, Transcript, TurnDone
from conversation.timings import TurnTimings

BREATH_S: Final = 1.0
"""Between being ready, or an answer's end, and the next question."""
AFTER_S: Final = 1.5
"""Between the last answer's end and the session's."""
PATIENCE_S: Final = 90.0
"""Longest wait for an answer, the question itself included."""


@dataclass
class Interview:
    """Feed it the conversation's events and the time; it sends the questions and says when all is over."""

    questions: Sequence[Path]
    send: Callable[[Command], None]
    seconds: float | None = None
    """Ends the session after this long, whatever was said."""
    turns: list[TurnTimings] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """What a person who talks lives with (and is told at once) is none."""
    _asked: int = 0
    _due: float | None = None
    """When the next question is asked, or the session ends."""
    _patience: float | None = None
    _begun: float | None = None

    def take(self, event: AppEvent, now_s: float) -> None:
        """Note one event."""
        match event:
            case Ready() if self.questions and self._asked == 0:
                self._due = now_s + BREATH_S
            case Ready() if self._patience is not None:
                # A process was started again, and nobody there knows of the question any more.
                self._asked -= 1
                self._patience, self._due = None, now_s + BREATH_S
            case TurnDone(timings=timings) if timings.heard or not self.questions:
                self.turns.append(timings)
                if self.questions:
                    self._next(now_s)
            case Failure(message=message, fatal=fatal) if fatal or self.questions:
                self.failures.append(message)
                if fatal:
                    self._patience, self._due, self._asked = None, now_s, len(self.questions)
            case Transcript() | _:
                pass

    def goes_on(self, now_s: float) -> bool:
        """Whether the session goes on; asks what is due."""
        if self._begun is None:
            self._begun = now_s
        if self.seconds is not None and now_s - self._begun >= self.seconds:
            return False
        if self._patience is not None and now_s >= self._patience:
            self.failures.append(
                f"No answer came to {self.questions[self._asked - 1]} within {PATIENCE_S:.0f} s; is there speech in it?"
            )
            self._next(now_s)
        if self._due is None or now_s < self._due:
            return True
        self._due = None
        if self._asked == len(self.questions):
            return False
        self.send(Ask(str(self.questions[self._asked])))
        self._asked += 1
        self._patience = now_s + PATIENCE_S
        return True

    def _next(self, now_s: float) -> None:
        self._patience = None
        self._due = now_s + (BREATH_S if self._asked < len(self.questions) else AFTER_S)
