"""What a pose is told in: a few numbers that mean the same for every body. Angles in degrees.

The person faces +z with the left at +x. An arm's numbers are those of a left arm; the right one mirrors them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.motion.quaternion import Vector

F64 = NDArray[np.float64]

STANCE: Final = 3
"""Numbers of a stance: weight from the right leg (-1) to the left (1); hips ahead, in hundredths of the leg; hips
turned to the left."""
TURN: Final = 3
"""Of a turned chest or head: pitch (down), yaw (to the left), roll (left side up), against the room."""
SHOULDERS: Final = 2
"""Left and right one raised."""
ARM: Final = 13
"""Wrist from the shoulder: outward, up, ahead, in lengths of the arm; elbow outward (0 at the side, 1 held out); palm
turned down (-90 up, 0 inward, 90 down, with the forearm ahead); wrist bent to the palm, and to the thumb; how far the
thumb and the four fingers are curled, 0 to 1; fingers spread."""


@dataclass
class Controls:
    """One pose."""

    stance: F64
    chest: F64
    head: F64
    shoulders: F64
    arms: tuple[F64, F64]
    """Left and right (13,)."""
    look: Vector | None = None
    """What both eyes are turned to, metres; straight ahead of the head where there is nothing."""
    heading: float = 0.0
    """Hips turned to the left, against the room."""
    feet: F64 = field(default_factory=lambda: np.zeros((2, 2)))
    """Left and right foot: turned to the left about the middle between both; lifted, in hundredths of the leg."""


def at_ease(arm: F64) -> Controls:
    """Upright, with both arms like this (13,)."""
    return Controls(np.zeros(STANCE), np.zeros(TURN), np.zeros(TURN), np.zeros(SHOULDERS), (arm.copy(), arm.copy()))
