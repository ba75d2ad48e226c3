"""How each state of a conversation is stood in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from render.motion.score import State


@dataclass(frozen=True)
class Bearing:
    """Turns in degrees, pitch, yaw and roll; the face as weights of what `director.FACE` names."""

    chest: tuple[float, float, float]
    head: tuple[float, float, float]
    ahead: float
    face: tuple[float, float, float, float, float]


BEARINGS: Final[dict[State, Bearing]] = {
    "idle": Bearing((1.0, 0, 0), (1.5, 0, 0), 0.0, (0, 0, 0, 0, 0)),
    "listening": Bearing((3.0, 0, 0.6), (2.0, 0, 4.0), 0.6, (0.12, 0.08, 0.08, 0, 0)),
    "thinking": Bearing((0.0, 2.0, 0), (-3.0, 7.0, 2.5), -0.4, (0.10, 0, 0, 0.22, 0.22)),
    "speaking": Bearing((0.8, 0, 0), (0.0, 0, 0), 0.2, (0.06, 0.04, 0.04, 0, 0)),
    "interrupted": Bearing((-1.0, 0, 0), (-1.0, 0, 2.0), -0.5, (0.22, 0.16, 0.16, 0, 0)),
}
