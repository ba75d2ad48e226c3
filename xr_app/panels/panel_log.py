"""What panels showed, so that a film can show it again: where each was in a frame, and every picture that it had."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.panels.panel import Shown

F64 = NDArray[np.float64]

MOST: Final = 128 << 20
"""Bytes of pictures, packed (20 to 60 kB each): minutes of talk. Panels that change later are not remembered."""
_QUICK: Final = 1
"""Of zlib's levels: 2 ms for a panel, mostly empty, where the next ones take twice as long for little."""


@dataclass(frozen=True)
class PastPanel:
    """A panel as it looked."""

    name: str
    pixels: tuple[int, int]
    version: int
    packed: bytes

    def picture(self) -> bytes:
        """RGBA, sRGB, rows from the top."""
        return zlib.decompress(self.packed)


@dataclass(frozen=True)
class PastShown:
    """Where it was in a frame; as `panel.Shown`."""

    panel: PastPanel
    pose: F64
    size: tuple[float, float]
    opacity: float


class PanelLog:
    """Remembers pictures of panels, each once."""

    def __init__(self, most: int = MOST) -> None:
        """most: bytes, packed."""
        self._room = most
        self._pictures: dict[tuple[str, int], PastPanel] = {}

    def take(self, shown: Sequence[Shown]) -> tuple[PastShown, ...]:
        """A frame's panels, in the same order; those whose pictures there is no more room for are missing."""
        past = ((self._picture(each), each) for each in shown)
        return tuple(
            PastShown(panel, each.pose.copy(), each.size, each.opacity) for panel, each in past if panel is not None
        )

    def _picture(self, shown: Shown) -> PastPanel | None:
        panel = shown.panel
        key = panel.name, panel.version
        if key not in self._pictures and self._room > 0:
            packed = zlib.compress(panel.picture(), _QUICK)
            self._room -= len(packed)
            self._pictures[key] = PastPanel(panel.name, panel.pixels, panel.version, packed)
        return self._pictures.get(key)
