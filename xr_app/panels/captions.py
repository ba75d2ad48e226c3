"""Captions: what the user says, as it is understood, and what the avatar says, word by word as it is heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image

from conversation.link.events import AppEvent, Partial, Transcript, TurnDone
from xr_app.captions import CaptionLog
from xr_app.panels.style import ALARM, BIG, BRIGHT, GROUND, LIVELY, MIDDLE, QUIET, box
from xr_app.panels.text import LINE_HEIGHT, Ink, Painting, Writer, drawable
from xr_app.panels.wrapping import Line
from xr_app.texts import tr

SIZE: Final = (960, 288)
"""Pixels: 30 degrees wide, as much as the eyes take in without the head."""
MOST_HEARD: Final = 2
"""Lines of the user's; of a longer question the end is shown."""
MOST_SAID: Final = 3
"""Lines of the avatar's; of a longer clause those around the word that is being said."""
LINGERS_NS: Final = 4_000_000_000
"""For so long the user's words stay after the answer, or after the last of them where none comes."""

_MARGIN: Final = 28


@dataclass(frozen=True)
class Captions:
    """What the panel shows."""

    heard: str = ""
    """The user's words."""
    final: bool = True
    """Whether they will stay as they are."""
    says: str = ""
    """The clause of the avatar's that is being said."""
    said: int = 0
    """So many letters of it have begun to be said."""
    note: str = ""
    """Above all else, such as that the microphone is off."""
    across: int = SIZE[0]
    """Pixels of the picture's width that are written on: fewer where they are seen larger."""


class CaptionFeed:
    """What there is to show at a time; feed it the conversation's events."""

    def __init__(self) -> None:
        self._log = CaptionLog()
        self._heard, self._final = "", True
        self._until: int | None = None

    def take(self, event: AppEvent, now_ns: int) -> None:
        """Note one event."""
        self._log.take(event)
        match event:
            case Partial(text=text):
                self._heard, self._final, self._until = drawable(text), False, now_ns + 2 * LINGERS_NS
            case Transcript(text=text):
                self._heard, self._final, self._until = drawable(text), True, None
            case TurnDone():
                self._until = now_ns + LINGERS_NS

    def at(self, sample: float, now_ns: int, muted: bool = False) -> Captions:
        """When the listener hears this sample (AudioClock.heard_at)."""
        if self._until is not None and now_ns >= self._until:
            self._heard, self._final, self._until = "", True, None
        shown = self._log.shown_at(sample)
        note = tr("The microphone is off", "麦克风已关闭") if muted else ""
        if shown is None:
            return Captions(self._heard, self._final, note=note)
        return Captions(self._heard, self._final, drawable(shown.text), len(drawable(shown.text[: shown.said])), note)


def paint_captions(writer: Writer, content: Captions, picture: Image.Image) -> Painting:
    """Put them on a picture of SIZE, from its top down, in a box that is as large as need be."""
    room = content.across - 2 * _MARGIN
    rows: list[tuple[Line, int, Ink, int | None, bool]] = []
    if content.note:
        rows.append((Line(writer.fit(content.note, MIDDLE, room), 0), MIDDLE, ALARM, None, False))
    yield from writer.measure(content.heard, MIDDLE)
    yield from writer.measure(content.says, BIG)
    if content.heard:
        text = content.heard if content.final else content.heard + " …"
        ink = QUIET if content.says else LIVELY
        rows += [(line, MIDDLE, ink, None, False) for line in _last(writer, text, room)]
    if content.says:
        lines = writer.wrap(content.says, BIG, room)
        now = sum(line.begin < content.said for line in lines) - 1
        first = max(0, min(now - 1, len(lines) - MOST_SAID))
        rows += [(line, BIG, BRIGHT, content.said, True) for line in lines[first : first + MOST_SAID]]
    if not rows:
        return
    widths = [writer.width(line.text, pixels) for line, pixels, *_ in rows]
    heights = [round(LINE_HEIGHT * pixels) for _, pixels, *_ in rows]
    half = round(max(widths) / 2) + _MARGIN
    middle = SIZE[0] // 2
    box(picture, (max(0, middle - half), 0, min(SIZE[0], middle + half), sum(heights) + 24), 22, GROUND)
    yield
    y = 10
    for (line, pixels, ink, said, spoken), width, height in zip(rows, widths, heights, strict=True):
        begun = None if said is None else max(0, said - line.begin)
        rest = QUIET if spoken else None
        yield from writer.write(picture, (middle - width / 2, y), line.text, pixels, ink, said=begun, rest=rest)
        y += height


def _last(writer: Writer, text: str, room: int) -> list[Line]:
    lines = writer.wrap(text, MIDDLE, room)
    if len(lines) <= MOST_HEARD:
        return lines
    # The beginning goes; where it went stands an ellipsis.
    return writer.wrap("… " + text[lines[-MOST_HEARD].begin :], MIDDLE, room)[-MOST_HEARD:]
