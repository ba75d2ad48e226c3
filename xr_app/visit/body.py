"""Head and hands of the simulated headset, moved by whoever draws its frames: each frame finds them where the script
has them, however slow the frames are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from xr_app.poses import Pose, looking, matrix
from xr_app.runtime.remote import Controller, Head, Remote, State

EYES: Final = 1.6
"""Metres above the floor."""
LEFT: Final = (-0.22, -0.55, -0.25)
RIGHT: Final = (0.2, -0.42, -0.32)
"""Of hands at rest, from the head: to the right, upwards, backwards; metres."""


def beside(head: Pose, offset: Sequence[float]) -> tuple[float, float, float]:
    """A place that turns with the head, but does not nod with it."""
    turn = matrix(head)
    yaw = math.atan2(turn[0, 2], turn[2, 2])
    x, y, z = offset
    c, s = math.cos(yaw), math.sin(yaw)
    px, py, pz = head.position
    return px + c * x + s * z, py + y, pz - s * x + c * z


def standing() -> State:
    """At the middle of the room, a controller in the right hand alone."""
    head = looking((0.0, EYES, 0.0), (0.0, 1.3, -1.6))
    ahead = tuple(a + b for a, b in zip(beside(head, RIGHT), (0.0, -0.3, -1.0), strict=True))
    left = Pose(position=beside(head, LEFT))
    return State(
        Head(head),
        left=Controller(left, active=False, curl=(0.3, 0.3, 0.3, 0.3, 0.2)),
        right=Controller(looking(beside(head, RIGHT), ahead)),
    )


class Body:
    """As headset_runtime.Mover; whoever has it says how it is."""

    def __init__(self, port: int, state: State) -> None:
        self._remote = Remote(port)
        self.be(state)

    def be(self, state: State) -> None:
        """From now on."""
        self._remote.send(state)

    def wait_until_ready(self) -> None:
        """It is."""

    def begin(self, start_ns: int) -> None:
        """Nothing moves by itself."""

    def close(self) -> None:
        """The headset stays where it is."""
        self._remote.close()
