"""One frame's input, the same whatever it comes from: controllers, tracked hands, or mouse and keyboard.

Poses are (4, 4) to the session's space (metres, y = 0 on the floor) at the frame's display time. Those who use input
see this alone; those who make it (OpenXR's actions, hand joints, the desktop window) fill it in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


class Source(StrEnum):
    """What a hand is, to the app."""

    ABSENT = "absent"
    CONTROLLER = "controller"
    HAND = "hand"
    MOUSE = "mouse"


@dataclass(frozen=True)
class Hand:
    """One hand, or what stands for it."""

    source: Source = Source.ABSENT
    aim: F64 | None = None
    """The pointer: a ray from the origin of this pose along its -z; None while it is not known."""
    grip: F64 | None = None
    """The palm, or the middle of the controller; None while it is not known."""
    select: bool = False
    """Trigger pulled or finger pinched, with hysteresis."""
    grab: bool = False
    """Held tight: the grip button pressed or the fist closed, with hysteresis."""
    select_value: float = 0.0
    """How far towards `select`, 0 to 1."""
    joints: F64 | None = None
    """(26, 4, 4) in the order of XR_EXT_hand_tracking, where fingers are tracked."""
    palm_up: bool = False
    """The open palm is held up before the user's own eyes."""


@dataclass(frozen=True)
class Inputs:
    """What the user does in one frame. Buttons say that they went down in this frame."""

    left: Hand = field(default_factory=Hand)
    right: Hand = field(default_factory=Hand)
    gaze: F64 | None = None
    """Where the eyes look, along -z, if they are tracked; the head is no substitute."""
    menu: bool = False
    """The menu is asked for, or sent away."""
    call: bool = False
    """The avatar shall come here."""
    mute: bool = False
    talk: bool = False
    """Held, not pressed: push to talk."""

    @property
    def hands(self) -> tuple[Hand, Hand]:
        """Left and right."""
        return self.left, self.right
