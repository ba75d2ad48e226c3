"""The same input from a keyboard and a mouse: plain data in, so that any window can feed it.

Keys are named as GLFW names them, without its prefix: KEY_SPACE is "SPACE"; the mouse's are "MOUSE_LEFT" and so on.
Walking and looking around are no input of the app's: they move the head, as a headset's wearer does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.view import View
from xr_app.input.bindings import Action
from xr_app.input.gestures import pointing, unit
from xr_app.input.holding import Holding
from xr_app.input.inputs import Hand, Inputs, Source

F64 = NDArray[np.float64]

KEYS: Final[Mapping[str, Action]] = {
    "MOUSE_LEFT": Action.SELECT,
    "MOUSE_MIDDLE": Action.GRAB,
    "G": Action.GRAB,
    "SPACE": Action.TALK,
    "U": Action.MUTE,
    "M": Action.MENU,
    "TAB": Action.MENU,
    "R": Action.CALL,
}
LEANING: Final[Mapping[str, tuple[int, int]]] = {
    "LEFT_BRACKET": (-1, 0),
    "RIGHT_BRACKET": (1, 0),
    "MINUS": (0, -1),
    "EQUAL": (0, 1),
}
"""What stands for a thumbstick: turning to the left and right, smaller and larger."""


@dataclass(frozen=True)
class Desk:
    """Keyboard and mouse in one frame."""

    held: frozenset[str] = frozenset()
    """Keys and buttons that are down."""
    tapped: frozenset[str] = frozenset()
    """Those that went down since the frame before, though they may be up again."""
    pointer: F64 | None = None
    """(4, 4) to the world: from the eye through what the mouse points at, along -z; None where that is nothing."""


class DeskInput:
    """Reads a desk frame by frame; the mouse is the right hand."""

    def __init__(self) -> None:
        self._before: frozenset[Action] = frozenset()
        self._held = Holding()

    def read(self, desk: Desk, time_s: float) -> Inputs:
        """What the user does at a time that does not run backwards."""
        down = _asked(desk.held)
        pressed = (down | _asked(desk.tapped)) - self._before
        self._before = down
        select = Action.SELECT in down | pressed
        held_s, released = self._held.update(select, time_s)
        ways = [LEANING[key] for key in desk.held & LEANING.keys()]
        mouse = Hand(
            Source.MOUSE,
            aim=desk.pointer,
            select=select,
            held_s=held_s,
            released=released,
            grab=Action.GRAB in down,
            select_value=float(select),
            stick=(float(sum(x for x, _ in ways)), float(sum(y for _, y in ways))),
        )
        return Inputs(
            right=mouse,
            menu=Action.MENU in pressed,
            call=Action.CALL in pressed,
            mute=Action.MUTE in pressed,
            talk=Action.TALK in down,
        )


def pointer_pose(view: View, x: float, y: float) -> F64:
    """(4, 4) from the eye of a view through a place of its picture: pixels from the top left."""
    left, right, up, down = view.tangents
    across = left + (right - left) * x / view.width
    above = up + (down - up) * y / view.height
    pose = np.asarray(view.pose, np.float64)
    way = pose[:3, :3] @ (across, above, -1.0)
    return pointing(pose[:3, 3].tolist(), unit(way.tolist()))


def _asked(keys: frozenset[str]) -> frozenset[Action]:
    return frozenset(KEYS[key] for key in keys & KEYS.keys())
