"""What placement says of one frame: where the avatar is, how much of it is there, and what the user is to know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from render.stages.compose import SOLID, Colour, Veil
from xr_app.texts import tr

F64 = NDArray[np.float64]

GHOST_TINT: Final[Colour] = (0.55, 0.85, 1.25, 0.75)
"""Cool light: nobody takes a ghost for someone who has come."""


class Hint(StrEnum):
    """What the user may do now; `hint_text` has the words."""

    NONE = ""
    PLACE = "place"
    NO_ROOM = "no room"
    HELD = "held"
    RESIZED = "resized"
    FREELY = "resized freely"


@dataclass(frozen=True)
class Pulse:
    """A short buzz of one hand's controller."""

    hand: Literal["left", "right"]
    seconds: float
    strength: float
    """0 to 1."""

    @classmethod
    def of(cls, index: int, seconds: float, strength: float) -> Pulse:
        """Of a hand's number: 0 left, 1 right."""
        return cls("right" if index else "left", seconds, strength)


@dataclass(frozen=True)
class Standing:
    """One frame's answer."""

    model: F64
    """(4, 4) avatar to world: a turn about y, a uniform size, feet on the floor."""
    opacity: float
    """0 to 1."""
    ghost: bool
    """Not put down yet: to be drawn as one, and to keep quiet."""
    hint: Hint = Hint.NONE
    pulses: tuple[Pulse, ...] = ()

    @property
    def veil(self) -> Veil:
        """For the renderer."""
        if self.ghost:
            return Veil(self.opacity, GHOST_TINT)
        return SOLID if self.opacity >= 1.0 else Veil(self.opacity)


def hint_text(hint: Hint) -> str:
    """The words of a hint, in the user's language; nothing for none."""
    match hint:
        case Hint.PLACE:
            return tr(
                "Point at the floor; pinch or pull the trigger to put it there.",
                "指向地面,捏合手指或扣动扳机即可放置。",
            )
        case Hint.NO_ROOM:
            return tr("There is no room here; point somewhere else.", "这里放不下,请指向别处。")
        case Hint.HELD:
            return tr(
                "Let go to leave it here; take it with both hands to turn and resize.", "松手放下;双手可旋转和缩放。"
            )
        case Hint.RESIZED:
            return tr("Pull apart or push together; it catches at human size.", "双手拉开或靠拢;到真人大小时会停住。")
        case Hint.FREELY:
            return tr("Pull apart or push together.", "双手拉开或靠拢。")
        case _:
            return ""
