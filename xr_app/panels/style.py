"""Colours, sizes and shapes that all panels share.

On its own ground text has a contrast of at least 4.5 (WCAG 2.1, 1.4.3), and keeps it before a white wall, of which the
ground lets a little through.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from xr_app.panels.text import Ink

GROUND: Final[Ink] = (18, 20, 25, 240)
CELL: Final[Ink] = (46, 50, 60, 245)
POINTED: Final[Ink] = (72, 92, 128, 250)
PRESSED: Final[Ink] = (96, 132, 196, 255)
BRIGHT: Final[Ink] = (255, 255, 255, 255)
QUIET: Final[Ink] = (190, 195, 205, 255)
LIVELY: Final[Ink] = (126, 196, 255, 255)
ALARM: Final[Ink] = (255, 190, 110, 255)
OFF: Final[Ink] = (104, 110, 122, 255)
POINTER: Final[Ink] = (196, 220, 245, 240)
SHADE: Final[Ink] = (0, 0, 0, 140)
"""Around what has to be seen before anything."""

BIG: Final = 30
"""Pixels of an em: an x-height of 0.5 degrees in Noto Sans."""
MIDDLE: Final = 27
SMALL: Final = 22
"""0.37 degrees."""

_FINER: Final = 4
"""Shapes are drawn so many times larger first, and have soft edges then."""


def box(picture: Image.Image, corners: tuple[int, int, int, int], radius: int, ink: Ink) -> None:
    """A rounded box over what is there; corners: left, top, right, bottom."""
    left, top, right, bottom = corners
    size = right - left, bottom - top
    radius = min(radius, *(side // 2 for side in size))
    # Only the corners are soft; the middle of a wide box needs no mask of its own.
    piece = _corner(radius)
    across, down = (left, right - radius), (top, bottom - radius)
    picture.paste(ink, (left + radius, top, right - radius, bottom))
    for x in across:
        picture.paste(ink, (x, top + radius, x + radius, bottom - radius))
    for x, flip_x in zip(across, (False, True), strict=True):
        for y, flip_y in zip(down, (False, True), strict=True):
            turned = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip_x else piece
            turned = turned.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if flip_y else turned
            picture.paste(ink, (x, y), turned)


def switch(picture: Image.Image, place: tuple[int, int], on: bool) -> None:
    """A switch, 56 by 32 pixels, its knob on the right where it is on."""
    x, y = place
    box(picture, (x, y, x + 56, y + 32), 16, LIVELY if on else OFF)
    knob = x + 28 if on else x + 4
    box(picture, (knob, y + 4, knob + 24, y + 28), 12, BRIGHT)


def tick(picture: Image.Image, place: tuple[int, int], ink: Ink) -> None:
    """A tick, 26 by 20 pixels."""
    picture.paste(ink, place, _strokes((26, 20), ((2, 10), (9, 17), (24, 3))))


def arrow(picture: Image.Image, place: tuple[int, int], ink: Ink) -> None:
    """To the right, 12 by 22 pixels: there is more behind."""
    picture.paste(ink, place, _strokes((12, 22), ((2, 2), (10, 11), (2, 20))))


@lru_cache(maxsize=16)
def _corner(radius: int) -> Image.Image:
    """Coverage of the upper left corner."""
    side = radius * _FINER
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).ellipse((0, 0, 2 * side - 1, 2 * side - 1), fill=255)
    return mask.resize((radius, radius), Image.Resampling.BOX)


@lru_cache(maxsize=8)
def _strokes(size: tuple[int, int], points: tuple[tuple[int, int], ...]) -> Image.Image:
    mask = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
    line = [(x * _FINER, y * _FINER) for x, y in points]
    ImageDraw.Draw(mask).line(line, fill=255, width=3 * _FINER, joint="curve")
    return mask.resize(size, Image.Resampling.BOX)
