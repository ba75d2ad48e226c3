"""What a body does while it does nothing: breathes, looks kind, glances about a little (blinks.py: and blinks).

Pure functions of time and seed: the same moment always looks the same, so a film can be drawn again.
"""

from __future__ import annotations

from math import exp, floor, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES, INDEX
from render.motion.chance import chance

F32 = NDArray[np.float32]

BREATH_S: Final = 4.2
"""One breath; 14 a minute."""
_GLANCE_SLOT_S: Final = 1.7

_KIND: Final = (
    # without it a face at rest looks stern
    ("mouthSmileLeft", 0.25),
    ("mouthSmileRight", 0.25),
    ("browInnerUp", 0.2),
    ("browOuterUpLeft", 0.1),
    ("browOuterUpRight", 0.1),
)


def face() -> F32:
    """(52,) ARKit weights of a kind face."""
    weights = np.zeros(len(ARKIT_SHAPES), np.float32)
    for shape, weight in _KIND:
        weights[INDEX[shape]] = weight
    return weights


def breath(time_s: float) -> float:
    """0 (out) to 1 (in): in is quicker than out, and there is a rest after out."""
    phase = 2 * pi * time_s / BREATH_S
    return (exp(sin(phase)) - exp(-1)) / (exp(1) - exp(-1))


def glance(time_s: float, seed: int) -> tuple[float, float]:
    """Degrees to the left and up: the eyes rest on one spot for a while, then jump to the next."""
    slot = floor(time_s / _GLANCE_SLOT_S)
    jump = min((time_s / _GLANCE_SLOT_S - slot) * _GLANCE_SLOT_S / 0.08, 1.0)
    (x0, y0), (x1, y1) = _spot(slot - 1, seed), _spot(slot, seed)
    return x0 + jump * (x1 - x0), y0 + jump * (y1 - y0)


def _spot(slot: int, seed: int) -> tuple[float, float]:
    """Half of the time straight ahead."""
    if chance(seed, 9, slot) < 0.5:
        return 0.0, 0.0
    return 5.0 * (chance(seed, 7, slot) - 0.5), 3.0 * (chance(seed, 8, slot) - 0.5)
