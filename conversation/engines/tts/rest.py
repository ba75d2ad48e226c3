"""How a face leaves rest and returns to it, should its sound begin or end in the middle of a word."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

EASE_IN_S: Final = 0.04
EASE_OUT_S: Final = 0.08


def easing(frames: int, frame_rate: float) -> npt.NDArray[np.float32]:
    """(frames,) 1 inside, a raised cosine to 0 at the first and at the last frame."""
    place = np.arange(frames) / frame_rate
    last = max(frames - 1, 0) / frame_rate
    near = np.minimum(np.minimum(place / EASE_IN_S, (last - place) / EASE_OUT_S), 1.0)
    return (0.5 - 0.5 * np.cos(np.pi * near)).astype(np.float32)
