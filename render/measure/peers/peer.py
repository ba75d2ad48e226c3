"""What every renderer in the contest can do, and the scene that all of them draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]
U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Scene:
    """One cloud in one picture; the camera's place comes with every frame."""

    cloud: Path
    """A .ply of 3D Gaussian Splatting, degree 0."""
    width: int
    height: int
    fov: float
    """Degrees from the bottom of the picture to its top."""
    centre: Point
    """What every camera looks at; y is up."""
    near: float = 0.05
    far: float = 100.0


class Peer(Protocol):
    """One renderer, running and ready to draw."""

    @property
    def about(self) -> dict[str, object]:
        """Its version, and what it draws with."""
        ...

    def settle(self, eye: Point) -> None:
        """Draw from `eye` until everything is loaded, compiled and sorted."""
        ...

    def time(self, eyes: Sequence[Point]) -> list[float]:
        """Milliseconds of each frame from one place after the other, to where its pixels can be read."""
        ...

    def processor_s(self) -> float | None:
        """Seconds that its processes have had of all processors since they began; None where that is unknown."""
        ...

    def picture(self) -> U8:
        """(height, width, 3) of the last place, top row first."""
        ...

    def close(self) -> None:
        """End its processes and give back what it holds."""
        ...
