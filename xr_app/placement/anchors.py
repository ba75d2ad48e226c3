"""What an anchor is to placement: a place that the headset finds again in the room, in this session or another."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


class Anchors(Protocol):
    """One anchor at a time; a new one takes the place of the one before. Everything is asked for and comes later."""

    kind: str
    """Whose: a name that a file can hold."""

    @property
    def saved(self) -> bytes | None:
        """The 16 bytes by which another session finds the anchor of now; None until the headset has stored it."""
        ...

    @property
    def lost(self) -> bool:
        """Whether what was looked for or made will not come."""
        ...

    def create(self, pose: F64, xr_time: int) -> None:
        """Anchor a (4, 4) pose of the session's space at a display time, and store it."""
        ...

    def seek(self, uuid: bytes) -> None:
        """Look for an anchor of an earlier session."""
        ...

    def locate(self, xr_time: int) -> F64 | None:
        """(4, 4) where the anchor is in the session's space; None while the headset does not know."""
        ...

    def step(self, xr_time: int) -> None:
        """Go on with what was asked for; called with every frame."""
        ...

    def close(self) -> None:
        """Give everything back; what is stored stays so."""
        ...
