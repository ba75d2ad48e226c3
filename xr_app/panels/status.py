"""The status line: what is being loaded or fetched, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image

from xr_app.panels.style import ALARM, BIG, BRIGHT, CELL, GROUND, LIVELY, box
from xr_app.panels.text import LINE_HEIGHT, Painting, Writer, drawable

SIZE: Final = (832, 224)
MOST: Final = 3
"""Lines."""
_MARGIN: Final = 28
_BAR: Final = 10


@dataclass(frozen=True)
class Status:
    """What the panel shows; nothing where there is no text."""

    text: str = ""
    share: float | None = None
    """How much of it is done, 0 to 1, where that is known; it is drawn in whole pixels."""
    trouble: bool = False
    """Something does not work."""

    def __post_init__(self) -> None:
        if self.share is not None:
            step = SIZE[0] - 2 * _MARGIN
            object.__setattr__(self, "share", round(min(max(self.share, 0.0), 1.0) * step) / step)


def paint_status(writer: Writer, content: Status, picture: Image.Image) -> Painting:
    """Put it on a picture of SIZE, at its lower end: it stands over the avatar's head."""
    room = SIZE[0] - 2 * _MARGIN
    lines = writer.wrap(drawable(content.text), BIG, room)
    if not lines:
        return
    if len(lines) > MOST:
        cut = drawable(content.text)[lines[MOST - 1].begin :]
        lines = [*lines[: MOST - 1], lines[MOST - 1]._replace(text=writer.fit(cut, BIG, room))]
    height = round(LINE_HEIGHT * BIG)
    tall = len(lines) * height + 24 + (_BAR + 10 if content.share is not None else 0)
    top = SIZE[1] - tall
    below = top + len(lines) * height + 20
    box(picture, (0, top, *SIZE), 22, GROUND)
    yield
    for row, line in enumerate(lines):
        place = ((SIZE[0] - writer.width(line.text, BIG)) / 2, top + 10 + row * height)
        yield from writer.write(picture, place, line.text, BIG, ALARM if content.trouble else BRIGHT)
    if content.share is not None:
        box(picture, (_MARGIN, below, _MARGIN + room, below + _BAR), _BAR // 2, CELL)
        done = round(content.share * room)
        if done >= _BAR:
            box(picture, (_MARGIN, below, _MARGIN + done, below + _BAR), _BAR // 2, LIVELY)
