"""Where and how an avatar stands, for what lies beneath it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from render.motion.pose import PoseKey


class Standing(NamedTuple):
    """An avatar between two poses."""

    model: NDArray[np.float64]
    """(4, 4) avatar to world."""
    before: PoseKey
    after: PoseKey
    alpha: float
    """Where it is between them, 0 to 1."""
    opacity: float = 1.0
    """As its veil has it."""
    floor: float = 0.0
    """Height of what it stands on, metres."""

    @property
    def middle(self) -> NDArray[np.float64] | None:
        """(3,) behind which things lie beneath it (render/strokes.py); None where nothing of it is seen."""
        return self.model[:3, 3] if self.opacity > 0 else None
