"""Where a tape is while it plays, and what it gives to those who ask."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES
from xr_app.recording.notes import (
    AnyNote,
    Around,
    Arrived,
    Attended,
    Measured,
    Opened,
    Pictured,
    Sought,
    Surveyed,
    Told,
)
from xr_app.recording.tape import Tape

F32 = NDArray[np.float32]


class Deck:
    """Where the tape is: so many frames have begun, and the notes up to there are sorted by what they are."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.begun = 0
        self.strayed = 0
        """How often something was asked for that the tape does not hold."""
        self.told: deque[tuple[int, Told | Arrived | Attended]] = deque()
        """What happens between frames, with how many displays had been opened."""
        self.around: deque[Around] = deque()
        self.surveyed: deque[Surveyed] = deque()
        self.sought: deque[Sought] = deque()
        self.measured: deque[Measured] = deque()
        self.pictured: deque[Pictured] = deque()
        self._notes = tape.notes()
        self._next: AnyNote | None = next(self._notes, None)
        self._opened = 0
        self._rows = {name: tape.rows(name) for name in ("inputs", "face", "heard", "quality", "clock")}
        self._waiting = {name: next(rows, None) for name, rows in self._rows.items()}
        self._last: dict[str, np.void] = {}

    def advance(self) -> None:
        """Sort the notes of what happened until now."""
        while (note := self._next) is not None and note.frame <= self.begun:
            self._next = next(self._notes, None)
            match note:
                case Opened():
                    self._opened += 1
                case Told() | Arrived() | Attended():
                    self.told.append((self._opened, note))
                case Around():
                    self.around.append(note)
                case Surveyed():
                    self.surveyed.append(note)
                case Sought():
                    self.sought.append(note)
                case Measured():
                    self.measured.append(note)
                case Pictured():
                    self.pictured.append(note)

    def holds(self, stream: str) -> bool:
        """Whether there is another row of this frame."""
        row = self._waiting[stream]
        while row is not None and row["frame"] < self.begun:
            row = self._waiting[stream] = next(self._rows[stream], None)
        return row is not None and row["frame"] == self.begun

    def take(self, stream: str) -> np.void | None:
        """The next row of this frame, or the last one before; None where there is none at all."""
        there, row = self.holds(stream), self._waiting[stream]
        if not there or row is None:
            self.strayed += 1
            return self._last.get(stream)
        self._last[stream] = row
        self._waiting[stream] = next(self._rows[stream], None)
        return row

    def clock(self) -> float:
        """The panels'."""
        row = self.take("clock")
        return 0.0 if row is None else float(row["seconds"])

    def heard_at(self, time_ns: int) -> float:
        """As the encounter asks it."""
        row = self.take("heard")
        return -1.0 if row is None or not np.isfinite(row["sample"]) else float(row["sample"])

    def face_at(self, time_ns: int, ahead_s: float = 0.0, /) -> F32:
        """As the animator asks it."""
        row = self.take("face")
        if row is None or not np.isfinite(row["face"]).all():
            return np.zeros(len(ARKIT_SHAPES), np.float32)
        if row["time"] != time_ns or row["ahead"] != ahead_s:
            self.strayed += 1
        return np.array(row["face"])

    def searching(self) -> bool:
        """Whether the place of last time may still be found."""
        self.advance()
        return bool(self.sought) and self.sought[-1].searching
