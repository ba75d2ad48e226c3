"""What a performance is played from: the states of the conversation, the stressed syllables, and what is seen and heard
of the viewer; in seconds of its time.

A score only grows at its end, and no entry is about what was already shown, so the same score played again is the same
motion: live it is written down as it is noted, a film plays it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias, get_args

from render.motion.quaternion import IDENTITY, Quaternion, Vector

State = Literal["idle", "listening", "thinking", "speaking", "interrupted"]
STATES: Final[tuple[State, ...]] = get_args(State)


@dataclass(frozen=True)
class Mood:
    """From `time` on the person is in `state`."""

    time: float
    state: State


@dataclass(frozen=True)
class Beat:
    """A stressed syllable, known at `time`, is heard at `heard`."""

    time: float
    heard: float
    strength: float
    """0 to 1."""


@dataclass(frozen=True)
class Viewer:
    """The viewer's head is here, in the avatar's frame: metres, y up, the person was bound facing +z."""

    time: float
    place: Vector
    """Midway between the eyes."""
    turn: Quaternion = IDENTITY
    """Of a head whose left is at -x and which faces -z: unturned it faces who is bound in front of it."""


@dataclass(frozen=True)
class Hand:
    """A hand of the viewer is here and moves."""

    time: float
    place: Vector
    speed: float
    """Metres a second."""


@dataclass(frozen=True)
class Pause:
    """The viewer, who was speaking, has been silent for `long` seconds."""

    time: float
    long: float


Entry: TypeAlias = Mood | Beat | Viewer | Hand | Pause


@dataclass
class Score:
    """Entries in the order of their times."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, entry: Entry, not_before: float = float("-inf")) -> None:
        """Add one; an entry that is older than the last, or than `not_before`, counts from then."""
        time = max(entry.time, not_before, self.entries[-1].time if self.entries else entry.time)
        self.entries.append(replace(entry, time=time))
