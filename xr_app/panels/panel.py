"""A panel: a picture first, a place second.

Sizes are angles. A panel is made for PIXELS_PER_DEGREE at whatever distance it is shown, and its size in metres follows
from the distance, so that text is as large to the eye wherever there is room for it.

x-heights from 0.2 to 2 degrees are read at full speed (Legge and Bigelow 2011, "Does print size matter for reading?",
Journal of Vision 11(5):8); headsets blur, so captions take 0.5 degrees, and nothing is below 0.35. The pixels are more
than those of today's headsets (about 20 a degree), whose compositors scale down.

Pictures are RGBA, sRGB, colours not multiplied by opacity; whoever puts them on a GPU multiplies there, in linear
light, where blending happens.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xr_app.panels.text import Painting

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

PIXELS_PER_DEGREE: Final = 32
BUDGET_S: Final = 0.0006
"""Of one frame, for drawing on panels."""
BUDGET_SHARE: Final = 0.04
"""Of the time between frames, where that is more: where frames are slow, captions are not to come seconds late."""

Content = TypeVar("Content")


class Panel(Generic[Content]):
    """A picture that shows some content and is drawn again, a little between frames, when that is another one.

    Content is compared with `==`; `paint` puts it on an empty picture.
    """

    def __init__(
        self, name: str, pixels: tuple[int, int], paint: Callable[[Content, Image.Image], Painting], nothing: Content,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:  # fmt: skip
        """pixels: width and height; nothing: the content whose picture is empty; clock: seconds."""
        self.name, self.pixels, self._clock = name, pixels, clock
        self.version = 0
        """Grows with every new picture."""
        self.text_size = 1.0
        """How large it is seen, beside what it is made for."""
        self._paint = paint
        self._wanted = self._painted = nothing
        self._picture, self._next = (Image.new("RGBA", pixels) for _ in range(2))
        self._painting: Painting | None = None
        self._begun: Content = nothing

    @property
    def degrees(self) -> tuple[float, float]:
        """Width and height as seen (a wide panel's ends are farther away: of 30 degrees 0.6 are missing)."""
        density = PIXELS_PER_DEGREE / self.text_size
        return self.pixels[0] / density, self.pixels[1] / density

    @property
    def shown(self) -> Content:
        """What the picture shows."""
        return self._painted

    @property
    def finished(self) -> bool:
        """Whether that is what it shall show."""
        return bool(self._painted == self._wanted)

    def metres(self, distance: float) -> tuple[float, float]:
        """Width and height at so many metres from the eyes."""
        across, up = (distance * math.radians(angle) for angle in self.degrees)
        return across, up

    def show(self, content: Content, budget_s: float = BUDGET_S) -> None:
        """Show this from now on: draw for about so long, and go on at the next call."""
        self.want(content)
        self.draw(self._clock() + budget_s)

    def want(self, content: Content) -> None:
        """Show this as soon as it is drawn."""
        self._wanted = content

    def draw(self, until: float) -> None:
        """Draw what is wanted until that time, by the clock, and go on at the next call."""
        while not self.finished:
            if self._painting is None:
                self._next.paste((0, 0, 0, 0), (0, 0, *self.pixels))
                self._begun, self._painting = self._wanted, self._paint(self._wanted, self._next)
            for _ in self._painting:
                if self._clock() >= until:
                    return
            self._painting = None
            self._picture, self._next = self._next, self._picture
            self._painted = self._begun
            self.version += 1

    def picture(self) -> bytes:
        """RGBA, sRGB, rows from the top."""
        return self._picture.tobytes()

    def image(self) -> U8:
        """(height, width, 4) of the same."""
        return np.asarray(self._picture)


@dataclass(frozen=True)
class Shown:
    """A panel in the room."""

    panel: Panel[Any]
    pose: F64
    """(4, 4) to the world: its middle, x to the right and y up on it, +z towards the reader."""
    size: tuple[float, float]
    """Width and height in metres."""
    opacity: float = 1.0
