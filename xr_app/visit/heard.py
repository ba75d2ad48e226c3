"""What the guest hears of the conversation."""

from __future__ import annotations

from dataclasses import dataclass, field

from conversation.link.events import AppEvent, Failure, Mute, Partial, Ready, StateChanged, Transcript, TurnDone
from conversation.timings import TurnTimings


@dataclass
class Heard:
    """Feed it the conversation's events."""

    ready: bool = False
    state: str = ""
    turns: list[TurnTimings] = field(default_factory=list)
    """Those that answered something."""
    failures: list[str] = field(default_factory=list)
    interrupted_ns: int | None = None
    """When the app was told that an answer is interrupted, monotonic."""
    mutes: list[tuple[int, bool]] = field(default_factory=list)
    """When the microphone was shut and opened by the app, monotonic ns."""

    words: list[tuple[int, str]] = field(default_factory=list)
    """What the guest seems to have said, so far or in the end, and when that was told, monotonic ns."""
    told: list[tuple[int, str]] = field(default_factory=list)
    """Sentences that the app showed, and when."""

    def take(self, event: AppEvent, now_ns: int) -> None:
        """Note one event."""
        match event:
            case Ready():
                self.ready = True
            case StateChanged(state=state):
                self.state = state
                if state == "interrupted" and self.interrupted_ns is None:
                    self.interrupted_ns = now_ns
            case TurnDone(timings=timings) if timings.heard:
                self.turns.append(timings)
            case Partial(text=text) | Transcript(text=text):
                self.words.append((now_ns, text))
            case Failure(message=message):
                self.failures.append(message)

    def sent(self, command: object, now_ns: int) -> None:
        """Note what the conversation is told."""
        if isinstance(command, Mute):
            self.mutes.append((now_ns, command.on))

    @property
    def interrupted(self) -> bool:
        """Whether an answer was."""
        return self.interrupted_ns is not None or any(turn.interrupted for turn in self.turns)

    def answering(self, number: int) -> bool:
        """Whether it speaks, or has spoken, its answer to this question; 0 is the first one."""
        return len(self.turns) > number or (len(self.turns) == number and self.state == "speaking")
