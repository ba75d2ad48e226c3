"""How far the lips stand apart in ARKit coefficients: one number, for training, tests and the audio-visual offset."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.arkit import ARKIT_SHAPES

LIP_OPENING: Final[Mapping[str, float]] = MappingProxyType({
    "jawOpen": 1.0,
    "mouthClose": -1.0,
    "mouthFunnel": 0.40,
    "mouthPucker": -0.03,
    "mouthRollLower": -0.11,
    "mouthRollUpper": -0.08,
    "mouthShrugLower": -0.14,
    "mouthShrugUpper": 0.12,
    "mouthPressLeft": -0.04,
    "mouthPressRight": -0.04,
    "mouthLowerDownLeft": 0.055,
    "mouthLowerDownRight": 0.055,
    "mouthUpperUpLeft": 0.07,
    "mouthUpperUpRight": 0.07,
    "mouthSmileLeft": -0.04,
    "mouthSmileRight": -0.04,
})  # fmt: skip
"""Gap between the inner lips at the midline that a shape at 1 adds, in units of jawOpen's own (about 3.4 cm).

Measured on the face units of the starter avatar's mesh (MakeHuman "faceunits01", CC0). By Apple's convention mouthClose
undoes what jawOpen does to the lips while the jaw stays where it is, which that mesh keeps exactly.
"""

_WEIGHTS: Final = np.array([LIP_OPENING.get(name, 0.0) for name in ARKIT_SHAPES], np.float32)


def lip_opening(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Gap between the lips, (..., 52) ARKit coefficients -> (...), 0 where they touch, 1 for a jaw fully open."""
    gap: npt.NDArray[np.float32] = np.maximum(frames @ _WEIGHTS, np.float32(0.0))
    return gap
