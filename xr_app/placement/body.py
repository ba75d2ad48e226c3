"""The avatar as hands and heads meet it: a capsule from its feet to the top of its head."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.placement.spot import Spot

F64 = NDArray[np.float64]

RADIUS: Final = 0.15
"""Metres around the middle of someone of human size: as deep as a body is, so that one may talk from near."""
FADE: Final = 0.6
"""Metres between the user's head and the body at which it begins to fade, where nothing else is wished for; of human
size, less for smaller ones (what fills the view is the angle)."""
FADED: Final = 0.25 / 0.6
"""Share of them at which it has."""
FAINTEST: Final = 0.06
"""What is left then, so that nobody wonders where it went."""
HAND_FADE: Final = 0.15
"""Metres inside the body at which a hand has faded it. A hand before it does not: who wants to take it must see it."""
HAND_FAINTEST: Final = 0.4


@dataclass(frozen=True)
class Body:
    """At a spot, on a floor, so many metres high at human size."""

    spot: Spot
    floor: float
    height: float
    fade: float = FADE
    """Metres at which it begins to fade."""

    @property
    def radius(self) -> float:
        """Metres."""
        return RADIUS * self.spot.scale

    def distance(self, point: F64) -> float:
        """Metres from a point (3,) to the skin of the capsule, less than 0 inside."""
        low, high = self._ends()
        x, y, z = point.tolist()
        nearest = min(max(y, low), high)
        return math.hypot(x - self.spot.x, y - nearest, z - self.spot.z) - self.radius

    def hit_by(self, ray: F64, margin: float = 0.0) -> float | None:
        """Metres along a pose's -z to where it comes nearest to the middle, if it comes within the radius and a
        margin; None where it misses."""
        low, high = self._ends()
        # Of so few numbers Python's own are the faster.
        (_, _, ax, ox), (_, _, ay, oy), (_, _, az, oz) = ray[:3].tolist()
        length = -math.sqrt(ax * ax + ay * ay + az * az)
        a, b, c = ax / length, ay / length, az / length
        x, y, z = ox - self.spot.x, oy - low, oz - self.spot.z
        d, square = a * x + b * y + c * z, 1.0 - b * b
        far = (b * y - d) / square if square > 1e-9 else -d  # to the upright line through the middle
        up = min(max(y + far * b, 0.0), high - low)
        far = b * up - d
        if far <= 0:
            return None
        missed = math.hypot(x + far * a, y + far * b - up, z + far * c)
        return far if missed <= self.radius + margin else None

    def opacity(self, head: F64, hands: list[F64]) -> float:
        """How much of it is seen by a head (3,) whose hands (3,) are there."""
        size = min(self.spot.scale, 1.0)
        there = smooth((self.distance(head) / (size * self.fade) - FADED) / (1.0 - FADED))
        seen = FAINTEST + (1 - FAINTEST) * there
        for hand in hands:
            inside = smooth(1.0 + self.distance(hand) / (size * HAND_FADE))
            seen = min(seen, HAND_FAINTEST + (1 - HAND_FAINTEST) * inside)
        return seen

    def _ends(self) -> tuple[float, float]:
        tall, r = self.height * self.spot.scale, self.radius
        return self.floor + r, self.floor + max(tall - r, r)


def smooth(share: float) -> float:
    """0 to 1 without a corner."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)
