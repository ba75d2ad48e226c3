"""What a visit is made of, and what was met there, for the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from xr_app.emulated.eye_pictures import EyePicture
from xr_app.panels.menu import Choices
from xr_app.panels.panel import Shown
from xr_app.placement.spot import Spot
from xr_app.visit.headset import RoomShown

F64 = NDArray[np.float64]


class Step(StrEnum):
    """Of a visit, in their order."""

    PLACE = "place"
    """See the ghost, try to put it on the table, and put it down beside."""
    WALK = "walk"
    """Round it, and back."""
    TALK = "talk"
    """Ask, and interrupt the answer by another question."""
    GRAB = "grab"
    SCALE = "scale"
    """With two hands: smaller, and human size again."""
    MENU = "menu"
    """Open it by the palm, press entries, send it away."""
    OTHER_APP = "other app"
    """Another app comes in front, and goes."""
    TAKE_OFF = "take off"
    """Take the headset off, speak beside it, put it on again, and say that once more."""
    RESTART = "restart"
    """The headset's runtime begins anew, and its origin lies elsewhere."""
    LEAVE = "leave"
    """By the menu."""


@dataclass
class Notes:
    """Times are monotonic ns, spots as the avatar stood then."""

    at: dict[str, int] = field(default_factory=dict)
    """When each step was done."""
    spots: dict[str, Spot] = field(default_factory=dict)
    heads: dict[str, F64] = field(default_factory=dict)
    hands: dict[str, F64] = field(default_factory=dict)
    """(4, 4) the right one's pointer then."""
    rooms: dict[str, RoomShown] = field(default_factory=dict)
    """How much of the wearer's room was shown then, where that was looked at."""
    eyes: dict[str, EyePicture] = field(default_factory=dict)
    """What the left eye was given then."""
    ghosts: list[bool] = field(default_factory=list)
    """Whether the avatar was a ghost, in each frame in which it was first seen."""
    menus: list[Shown] = field(default_factory=list)
    """The menu, as soon as it could be read."""
    presses: dict[str, tuple[Choices, Choices]] = field(default_factory=dict)
    """How the menu stood before and after each press."""
    captions: float = 0.0
    """How much of the captions is seen 1.6 s into an answer."""
    figures_shown: bool = False
    rests: tuple[int, int] = (0, 0)
    """How often the session was ended and begun while the headset lay there."""
    anchored: bool = False
    """Whether the place was kept by an anchor that the headset has stored."""
    origin: F64 = field(default_factory=lambda: np.eye(4))
    """(4, 4) where the room's origin lay in the end."""
    dark: list[tuple[int, int]] = field(default_factory=list)
    """When the headset showed nothing of the app, from and to."""
    stuck: str = ""

    def dark_at(self, time_ns: int) -> bool:
        """Whether it did then."""
        return any(begin <= time_ns < end for begin, end in self.dark)
