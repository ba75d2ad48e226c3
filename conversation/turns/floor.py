"""Who has the floor, and telling everybody who is concerned when that changes."""

from __future__ import annotations

from conversation.link.events import State, StateChanged
from conversation.turns.actions import Action, Tell
from conversation.turns.turn import Utterance


class Floor:
    """Of one conversation."""

    def __init__(self) -> None:
        self.state: State = "idle"

    def enter(self, state: State, turn: int = 0) -> list[Action]:
        """From now on this is the state; `turn` is the one it is about, 0 where it is about none."""
        if state == self.state:
            return []
        self.state = state
        return [Tell(StateChanged(state, turn))]

    def is_aside(self, user: Utterance) -> bool:
        """Whether the avatar has the floor and speaks on while this is said."""
        return self.state == "speaking" and not user.sustained
