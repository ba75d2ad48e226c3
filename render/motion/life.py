"""What a body does while it does nothing: breathes, and looks kind (blinks.py: and blinks; regard.py: looks about).

Pure functions of time and seed: the same moment always looks the same, so a film can be drawn again.
"""

from __future__ import annotations

from math import exp, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES, INDEX

F32 = NDArray[np.float32]

BREATH_S: Final = 4.2
"""One breath; 14 a minute."""

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
