"""What drawing needs to know of each eye of a frame, for all shaders at once (eyes.glsl).

A uniform set costs as much as a small buffer written, so nothing that moves with an eye is one. Owns the buffer: the
frame's eyes are in it from `write` until the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.stages.window import TILE, Window
from render.view import View

F64 = NDArray[np.float64]

MOST_EYES: Final = 4
"""Views that can be drawn at once: a headset's at most, two of them within two others."""
_FRAME: Final = Struct("<12f8f")
_EYE: Final = Struct("<12f4f4f4i2f2i4f")
_SIDE: Final = 0.15
"""Share of the image by which the Jacobian's slope may leave it (3D Gaussian Splatting's 1.3 half-images)."""
_AHEAD: Final = (0.0, 0.0, -1.0)


@dataclass(frozen=True)
class Eye:
    """One eye of a frame."""

    view: View
    """As drawn: smaller than its target where the picture is enlarged."""
    window: Window
    """The part of it that is drawn."""
    place: tuple[int, int] = (0, 0)
    """Left and bottom pixel of its image in the picture of all eyes."""
    middle: float = 0.0
    """Metres along -z about which depths lie."""
    gaze: F64 | None = None
    """(3,) the direction in which it looks, in its own axes; None: straight ahead."""


def grid_of(eyes: Sequence[Eye]) -> tuple[int, int]:
    """Columns and rows of tiles that hold each eye's window."""
    return max(eye.window.columns for eye in eyes), max(eye.window.rows for eye in eyes)


class EyeNumbers:
    """A uniform block of all eyes."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self.buffer = ctx.buffer(reserve=_FRAME.size + MOST_EYES * _EYE.size)
        """std140, as eyes.glsl has it."""

    def write(self, eyes: Sequence[Eye], model: F64) -> None:
        """Of a frame with 1 to MOST_EYES `eyes`; `model` (4, 4) is avatar-to-world."""
        first, last = (eyes[at].view.pose[:3, 3].tolist() for at in (0, -1))
        # Of four views two pairs stand in the same two places.
        frame = _FRAME.pack(*model[:3].ravel().tolist(), *first, 0.0, *last, 0.0)
        self.buffer.write(frame + b"".join(map(_packed, eyes)))


def _packed(eye: Eye) -> bytes:
    view, window = eye.view, eye.window
    x_row, y_row, z_row = view.eye_rows
    left, right, up, down = view.tangents
    x, y = _SIDE * (right - left), _SIDE * (up - down)
    gaze = _AHEAD if eye.gaze is None else (eye.gaze / np.linalg.norm(eye.gaze)).tolist()
    return _EYE.pack(
        *x_row,
        *y_row,
        *z_row,
        *(value / TILE for value in view.intrinsics),
        *(left - x, down - y, right + x, up + y),
        *(window.x, window.y, window.x + window.columns - 1, window.y + window.rows - 1),
        *(view.width / TILE, view.height / TILE),
        *eye.place,
        *gaze,
        eye.middle,
    )
