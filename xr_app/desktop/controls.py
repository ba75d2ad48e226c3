"""What keys and mouse do: they move the camera, and the rest is input of the app's (input/keys.py). GLFW's events go in
as it names them."""

from __future__ import annotations

import math
from typing import Final

import glfw
import numpy as np
from numpy.typing import NDArray

from xr_app.desktop.camera import Camera
from xr_app.input.keys import KEYS, LEANING, Desk

F64 = NDArray[np.float64]

LEAVE: Final = glfw.KEY_ESCAPE
CALL: Final = glfw.KEY_R
FULLSCREEN: Final = glfw.KEY_F11
_NAMES: Final = {
    glfw.MOUSE_BUTTON_LEFT: "MOUSE_LEFT",
    glfw.MOUSE_BUTTON_MIDDLE: "MOUSE_MIDDLE",
    **{getattr(glfw, f"KEY_{name}"): name for name in (KEYS.keys() | LEANING.keys()) if not name.startswith("MOUSE_")},
}
"""Of GLFW's numbers, which are others for the mouse than for keys, what input/keys.py calls them."""
WALKING: Final = {
    glfw.KEY_W: (0, 0, 1), glfw.KEY_UP: (0, 0, 1),
    glfw.KEY_S: (0, 0, -1), glfw.KEY_DOWN: (0, 0, -1),
    glfw.KEY_A: (-1, 0, 0), glfw.KEY_LEFT: (-1, 0, 0),
    glfw.KEY_D: (1, 0, 0), glfw.KEY_RIGHT: (1, 0, 0),
    glfw.KEY_E: (0, 1, 0), glfw.KEY_Q: (0, -1, 0),
}  # fmt: skip
"""Right, up, ahead."""
_SHIFT: Final = (glfw.KEY_LEFT_SHIFT, glfw.KEY_RIGHT_SHIFT)

PACE: Final = 1.4
"""Metres a second: how fast people walk who are not in a hurry."""
RUN: Final = 2.5
"""Times that, with Shift."""
TURN: Final = math.pi
"""Radians for a drag as long as the window is high."""
ZOOM: Final = 0.9
"""Of the distance, for one notch of the wheel."""
STEADY: Final = 4.0
"""A press that moves the pointer no farther than that, in its coordinates, is a click."""
LONGEST_S: Final = 0.1
"""A step through the room is no longer than that, however long the frame before took."""


class Controls:
    """Of one window."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.captured = False
        """Whether somebody has use for what the left button is pressed on; until it is let go it does not orbit."""
        self.cursor = 0.0, 0.0
        """Window coordinates, from the top left."""
        self._went_down: set[int] = set()
        self._held: set[int] = set()
        self._buttons: set[int] = set()
        self._pressed_at: tuple[float, float] | None = None
        self._orbits = self._taken = False

    def key(self, key: int, action: int) -> None:
        """A key went down or up; repetitions are nothing new."""
        if action == glfw.PRESS:
            self._held.add(key)
            self._went_down.add(key)
        elif action == glfw.RELEASE:
            self._held.discard(key)

    def button(self, button: int, action: int) -> None:
        """A mouse button went down or up."""
        if action == glfw.PRESS:
            self._buttons.add(button)
            self._went_down.add(button)
        else:
            self._buttons.discard(button)
        if button == glfw.MOUSE_BUTTON_LEFT:
            self._pressed_at, self._orbits, self._taken = self.cursor, False, self.captured

    def move(self, x: float, y: float, height: int) -> None:
        """The pointer went there; height: of the window, in the same units. Left drags orbit, right ones look."""
        right, down = ((b - a) * TURN / max(height, 1) for a, b in zip(self.cursor, (x, y), strict=True))
        self.cursor = x, y
        if glfw.MOUSE_BUTTON_LEFT in self._buttons and self._pressed_at is not None:
            self._orbits |= not self._taken and math.dist(self._pressed_at, self.cursor) > STEADY
            if self._orbits:
                self.camera.orbit(-right, -down)
        elif glfw.MOUSE_BUTTON_RIGHT in self._buttons:
            self.camera.look(-right, -down)

    def scroll(self, notches: float) -> None:
        """The wheel turned, away from the user where positive."""
        self.camera.zoom(ZOOM**notches)

    def step(self, seconds: float) -> None:
        """So much time went by with the keys as they are."""
        metres = PACE * min(seconds, LONGEST_S) * (RUN if self._held & set(_SHIFT) else 1.0)
        ways = [WALKING[key] for key in self._held & WALKING.keys()]
        right, up, ahead = (max(-1, min(1, sum(way[axis] for way in ways))) for axis in range(3))
        length = math.hypot(right, up, ahead)
        if length:
            self.camera.walk(*(metres * each / length for each in (right, up, ahead)))

    def take(self) -> set[int]:
        """Keys and buttons that went down since the last time."""
        numbers, self._went_down = self._went_down, set()
        return numbers

    def desk(self, went_down: set[int], pointer: F64) -> Desk:
        """What is input of the app's, of what is held now and of what `take` gave; a drag that orbits is none."""
        held = self._held | self._buttons
        if self._orbits:
            held.discard(glfw.MOUSE_BUTTON_LEFT)
        names = [frozenset(_NAMES[number] for number in numbers & _NAMES.keys()) for numbers in (held, went_down)]
        return Desk(names[0], names[1], pointer)
