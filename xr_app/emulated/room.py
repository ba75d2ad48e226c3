"""A room that is nobody's: what an emulated headset's cameras see, and the flat pieces that it finds there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.emulated.planes import Flat
from xr_app.poses import Pose, moved

F64 = NDArray[np.float64]
Place = tuple[float, float, float]
KINDS: Final = xr.PlaneDetectorSemanticTypeEXT
_HALF: Final = 0.5**0.5


@dataclass(frozen=True)
class Block:
    """Something with six sides, along the room's walls."""

    low: Place
    high: Place
    """Corners, metres."""
    colour: tuple[float, float, float]
    """Albedo, linear."""


@dataclass(frozen=True)
class Room:
    """Four walls, and a table: x to the right, y upwards, z to the back, as the wearer first stands in it."""

    low: Place = (-2.4, 0.04, -3.2)
    high: Place = (2.6, 2.54, 2.4)
    """Inner corners, metres. A headset is a few centimetres wrong about where its floor is."""
    table: Block = Block((-1.5, 0.70, -1.95), (-0.65, 0.74, -1.25), (0.42, 0.27, 0.15))
    """Its top."""

    @property
    def floor(self) -> float:
        """Metres above the origin."""
        return self.low[1]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Everything that stands about."""
        (x0, _, z0), (x1, under, z1) = self.table.low, (self.table.high[0], self.table.low[1], self.table.high[2])
        thick, wood = 0.06, (0.30, 0.19, 0.10)
        legs = [
            Block((x, self.floor, z), (x + thick, under, z + thick), wood)
            for x in (x0 + 0.03, x1 - thick - 0.03)
            for z in (z0 + 0.03, z1 - thick - 0.03)
        ]
        x, top, z = (x0 + x1) / 2, self.table.high[1], (z0 + z1) / 2
        box = Block((x - 0.16, top, z - 0.11), (x + 0.16, top + 0.13, z + 0.11), (0.10, 0.24, 0.38))
        back = self.low[2]
        shelf = Block((-2.3, self.floor, back), (-1.5, 1.1, back + 0.32), (0.22, 0.30, 0.26))
        return (self.table, *legs, box, shelf)

    def flats(self, origin: F64) -> list[Flat]:
        """What is found of it from a space in which the room's own origin is at the (4, 4) pose `origin`."""
        (x0, y0, z0), (x1, y1, z1) = self.low, self.high
        middle, wide, tall, deep = ((x0 + x1) / 2, (z0 + z1) / 2), x1 - x0, y1 - y0, z1 - z0
        up = (y0 + y1) / 2
        level, lying, standing = (0.0, 0.0, 0.0, 1.0), (_HALF, 0.0, 0.0, _HALF), (0.0, 0.0, _HALF, _HALF)
        top = self.table
        found = [
            Flat(Pose(level, (middle[0], y0, middle[1])), (wide, deep), KINDS.FLOOR),
            Flat(
                Pose(level, ((top.low[0] + top.high[0]) / 2, top.high[1], (top.low[2] + top.high[2]) / 2)),
                (top.high[0] - top.low[0], top.high[2] - top.low[2]),
                KINDS.PLATFORM,
            ),
            *(Flat(Pose(lying, (middle[0], up, z)), (wide, tall), KINDS.WALL) for z in (z0, z1)),
            *(Flat(Pose(standing, (x, up, middle[1])), (tall, deep), KINDS.WALL) for x in (x0, x1)),
        ]
        return [Flat(moved(flat.pose, origin), flat.size, flat.kind) for flat in found]
