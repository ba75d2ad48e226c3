"""One frame's input, the same whatever it comes from: controllers, tracked hands, or mouse and keyboard.

Poses are (4, 4) to the session's space (metres, y = 0 on the floor) at the frame's display time. Those who use input
see this alone; those who make it (OpenXR's actions, hand joints, the desktop window) fill it in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from xr_app.input.joints import Joints

F64 = NDArray[np.float64]
Side = Literal["left", "right"]

HOLD_S: Final = 0.35
"""For so long is a pinch or a pulled trigger a click; from then on it is held on purpose."""


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
    held_s: float = 0.0
    """For how long `select` has been true: 0 in the frame in which it began, and while it is not."""
    released: bool = False
    """`select` ended in this frame, also where the hand was lost."""
    grab: bool = False
    """Held tight: the grip button pressed or the fist closed, with hysteresis."""
    select_value: float = 0.0
    """How far towards `select`, 0 to 1."""
    stick: tuple[float, float] = (0.0, 0.0)
    """Thumbstick, or what stands for it: right and away from the user positive, -1 to 1; turns and scales what is
    held."""
    joints: Joints | None = None
    """Where the fingers of a bare hand are tracked."""
    palm_up: bool = False
    """The open palm is held up before the user's own eyes; such a hand selects nothing."""

    @property
    def pressed(self) -> bool:
        """Whether `select` began in this frame."""
        return self.select and self.held_s == 0.0


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
    """Held, not pressed: the button that serves for nothing but push to talk. See `wants_to_talk`."""

    @property
    def hands(self) -> tuple[Hand, Hand]:
        """Left and right."""
        return self.left, self.right

    def wants_to_talk(self, *, busy: Side | Literal["both"] | None = None) -> bool:
        """Whether the user holds what stands for push to talk: its own button, a pinch or a trigger.

        busy: the hand whose pinch or trigger means something else, since it began on a panel or moves the avatar.
        """
        free = (hand for side, hand in (("left", self.left), ("right", self.right)) if busy not in (side, "both"))
        return self.talk or any(hand.select and hand.held_s >= HOLD_S for hand in free)
