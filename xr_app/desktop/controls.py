"""What keys and mouse mean: they move the camera, point, and press buttons. GLFW's events go in as it names them."""

from __future__ import annotations

import math
from typing import Final

import glfw

from xr_app.desktop.camera import Camera

TALK: Final = glfw.KEY_SPACE
MENU: Final = (glfw.KEY_M, glfw.KEY_TAB)
MUTE: Final = glfw.KEY_U
CALL: Final = glfw.KEY_R
LEAVE: Final = glfw.KEY_ESCAPE
FULLSCREEN: Final = glfw.KEY_F11
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
LONGEST_S: Final = 0.1
"""A step through the room is no longer than that, however long the frame before took."""


class Controls:
    """Of one window."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.captured = False
        """Whether somebody has use for what the left button drags, so that it does not orbit."""
        self.cursor = 0.0, 0.0
        """Window coordinates, from the top left."""
        self._went_down: set[int] = set()
        self._held: set[int] = set()
        self._buttons: set[int] = set()

    def key(self, key: int, action: int) -> None:
        """A key went down or up; repetitions are nothing new."""
        if action == glfw.PRESS:
            self._held.add(key)
            self._went_down.add(key)
        elif action == glfw.RELEASE:
            self._held.discard(key)

    def button(self, button: int, action: int) -> None:
        """A mouse button went down or up."""
        (self._buttons.add if action == glfw.PRESS else self._buttons.discard)(button)

    def move(self, x: float, y: float, height: int) -> None:
        """The pointer went there; height: of the window, in the same units. Left drags orbit, right ones look."""
        right, down = ((b - a) * TURN / max(height, 1) for a, b in zip(self.cursor, (x, y), strict=True))
        self.cursor = x, y
        if glfw.MOUSE_BUTTON_LEFT in self._buttons:
            if not self.captured:
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
        """Keys that went down since the last time."""
        keys, self._went_down = self._went_down, set()
        return keys

    @property
    def talking(self) -> bool:
        """Whether the key of push to talk is held."""
        return TALK in self._held

    @property
    def selecting(self) -> bool:
        """Whether the left button is held."""
        return glfw.MOUSE_BUTTON_LEFT in self._buttons
