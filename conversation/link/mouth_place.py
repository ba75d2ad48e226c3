"""Where the listener hears the voice from: the mouth beside the head, in shared memory.

The app writes it with every picture, the audio process reads it with every block and never waits for it: where nothing
new was written, or the writer stands in the middle of it, the place stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from conversation.link.shared import SharedBlock

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Mouth:
    """A mouth as a listener's head has it: metres from the middle between the ears, x right, y up, -z ahead."""

    position: Vector
    facing: Vector
    """Where it points; of any length."""
    image: Vector | None = None
    """Its mirror image in the floor; None: there is no floor."""


AHEAD: Final = Mouth((0.0, 0.0, -1.0), (0.0, 0.0, 1.0))
"""Before anybody says otherwise: a metre straight ahead, speaking to the listener."""
_NUMBERS: Final = 9
_NO_IMAGE: Final = (nan, nan, nan)


class MouthPlace:
    """One writer, any number of readers."""

    def __init__(self, block: SharedBlock) -> None:
        self._block = block
        self._numbers: npt.NDArray[Any] = block.array(np.float64, _NUMBERS)
        self._last = AHEAD

    @classmethod
    def create(cls) -> MouthPlace:
        """A place that is AHEAD; this process unlinks it on close."""
        place = cls(SharedBlock.create(_NUMBERS * 8))
        place.write(AHEAD)
        return place

    @classmethod
    def attach(cls, name: str) -> MouthPlace:
        """The place that another process created; raises LinkClosedError if it is gone."""
        return cls(SharedBlock.attach(name))

    @property
    def name(self) -> str:
        """What `attach` takes in another process."""
        return self._block.name

    def write(self, mouth: Mouth) -> None:
        """From now on it is there; what is not finite is left out."""
        numbers = np.array([*mouth.position, *mouth.facing, *(mouth.image or _NO_IMAGE)], np.float64)
        if not np.isfinite(numbers[: None if mouth.image else 6]).all():
            return

        def change() -> None:
            self._numbers[:] = numbers

        self._block.write(change)

    def read(self) -> Mouth:
        """Where it is; the very same object while it stays."""
        numbers = self._block.read(self._numbers.tolist)
        if numbers is not None:
            x, y, z, u, v, w, *image = numbers
            mouth = Mouth((x, y, z), (u, v, w), None if isnan(image[0]) else (image[0], image[1], image[2]))
            if mouth != self._last:
                self._last = mouth
        return self._last

    def close(self) -> None:
        """Let go of the memory; the process that created it also removes it."""
        self._numbers = np.zeros(0)
        self._block.close()
