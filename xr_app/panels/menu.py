"""The menu: what can be changed while one talks, with entries that a ray points at and presses.

Entries are 11 by 2.9 degrees with gaps of a third of a degree, so that a hand in the air, which is never quite still,
hits them. entries.py has what one is, settings_page.py what is behind "Settings".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image

from xr_app.panels.choices import Action, Choices, Does
from xr_app.panels.entries import COLUMNS, ROWS, Entry, Field, Page, listed, paged, switch
from xr_app.panels.settings_page import settings_fields, settings_list, title
from xr_app.panels.style import (
    BIG,
    BRIGHT,
    CELL,
    GROUND,
    LIVELY,
    MIDDLE,
    POINTED,
    PRESSED,
    QUIET,
    arrow,
    box,
    tick,
)
from xr_app.panels.style import switch as switch_picture
from xr_app.panels.text import LINE_HEIGHT, Painting, Writer, drawable
from xr_app.texts import tr

__all__ = [
    "CELL_SIZE", "COLUMNS", "GAP", "HEAD", "ROWS", "SIZE", "Action", "Choices", "Does", "Entry", "Menu", "MenuPicture",
    "corners", "field_at", "paint_menu",
]  # fmt: skip

CELL_SIZE: Final = (352, 92)
GAP: Final = 12
HEAD: Final = 60
SIZE: Final = (COLUMNS * CELL_SIZE[0] + (COLUMNS + 3) * GAP, HEAD + ROWS * (CELL_SIZE[1] + GAP) + 2 * GAP)


@dataclass(frozen=True)
class MenuPicture:
    """What the panel shows."""

    title: str = ""
    entries: tuple[Entry | None, ...] = ()
    """Row by row; None leaves a field empty."""
    pointed: int | None = None
    pressed: int | None = None


class Menu:
    """Which page is open, what is pointed at, what a press does."""

    def __init__(self) -> None:
        self.choices = Choices()
        self._page = Page()
        self._made: tuple[Choices, Page, tuple[str, list[Field]]] | None = None
        """What `_fields` gave last, and of what: it is asked several times in a frame."""

    def reset(self) -> None:
        """Back to the first page."""
        self._page = Page()

    def picture(self, pointed: int | None = None, pressed: int | None = None) -> MenuPicture:
        """What there is to show; pointed, pressed: fields."""
        heading, fields = self._fields()
        return MenuPicture(heading, tuple(entry for entry, _ in fields), pointed, pressed)

    def is_entry(self, field: int | None) -> bool:
        """Whether there is something to press."""
        if field is None:
            return False
        fields = self._fields()[1]
        return field < len(fields) and fields[field][0] is not None

    def field_of(self, does: Does) -> int | None:
        """The field of the page of now that does this, or leads there."""
        for field, (_, target) in enumerate(self._fields()[1]):
            match target:
                case Action(does=this) | Page(of=this) if this == does:
                    return field
        return None

    def press(self, field: int) -> Action | None:
        """Do what that field does; the action, where it is one for others to carry out."""
        _, fields = self._fields()
        entry, target = fields[field] if field < len(fields) else (None, None)
        match target:
            case Page():
                self._page = target
                return Action(Does.OPEN) if target.of in (Does.AVATAR, Does.VOICE) else None
            case Action():
                self.choices = self.choices.after(target)
                if entry is not None and entry.on is None:  # chosen of several, or done
                    self._page = self._page.above or Page()
                return target
        return None

    def _fields(self) -> tuple[str, list[Field]]:
        now, page = self.choices, self._page
        if self._made is None or self._made[0] is not now or self._made[1] is not page:
            self._made = now, page, self._make(now, page)
        return self._made[2]

    def _make(self, now: Choices, page: Page) -> tuple[str, list[Field]]:
        match page.of:
            case None:
                return tr("Menu", "菜单"), _first_page(now)
            case Does.LEAVE:
                return tr("Leave?", "要离开吗？"), paged([(Entry(tr("Leave", "离开")), Action(Does.LEAVE))], page)
            case Does.VOICE:
                return tr("Voice", "声音"), paged(listed(Does.VOICE, now.voices, now.voice), page)
            case Does.AVATAR:
                return tr("Avatar", "形象"), paged(listed(Does.AVATAR, now.avatars, now.avatar), page)
            case Does.SETTINGS:
                return title(page.of), paged(settings_fields(now, page), page)
            case does:
                return title(does), paged(settings_list(now, does), page)


def _first_page(now: Choices) -> list[Field]:
    fields: list[Field] = [
        (Entry(tr("Microphone", "麦克风"), on=not now.muted), Action(Does.MUTE, not now.muted)),
        switch(title(Does.CAPTIONS), Does.CAPTIONS, now.captions),
    ]
    if now.passthrough is not None:
        fields.append(switch(tr("See your room", "透视房间"), Does.PASSTHROUGH, now.passthrough))
    for does, name, chosen, several in (
        (Does.AVATAR, tr("Avatar", "形象"), now.avatar, now.avatars),
        (Does.VOICE, tr("Voice", "声音"), now.voice, now.voices),
    ):
        if len(several) > 1:
            fields.append((Entry(name, dict(several).get(chosen, chosen), opens=True), Page(does)))
    return [
        *fields,
        (Entry(tr("Place again", "重新放置")), Action(Does.PLACE)),
        (Entry(title(Does.SETTINGS), opens=True), Page(Does.SETTINGS)),
        (Entry(tr("Leave", "离开"), opens=True), Page(Does.LEAVE)),
    ]


def field_at(u: float, v: float) -> int | None:
    """The field at a place of the panel; u, v: shares of its width from the left, of its height from the top."""
    x, y = u * SIZE[0] - 2 * GAP, v * SIZE[1] - HEAD - GAP
    column, row = int(x // (CELL_SIZE[0] + GAP)), int(y // (CELL_SIZE[1] + GAP))
    if not (0 <= column < COLUMNS and 0 <= row < ROWS):
        return None
    inside = x % (CELL_SIZE[0] + GAP) < CELL_SIZE[0] and y % (CELL_SIZE[1] + GAP) < CELL_SIZE[1]
    return row * COLUMNS + column if inside else None


def corners(field: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a field, in pixels."""
    row, column = divmod(field, COLUMNS)
    x, y = 2 * GAP + column * (CELL_SIZE[0] + GAP), HEAD + GAP + row * (CELL_SIZE[1] + GAP)
    return x, y, x + CELL_SIZE[0], y + CELL_SIZE[1]


def paint_menu(writer: Writer, content: MenuPicture, picture: Image.Image) -> Painting:
    """Put it on a picture of SIZE."""
    if not content.entries:
        return
    box(picture, (0, 0, *SIZE), 28, GROUND)
    yield from writer.write(picture, (2 * GAP + 8, 14), content.title, BIG, QUIET)
    for field, entry in enumerate(content.entries):
        if entry is None:
            continue
        left, top, right, bottom = corners(field)
        ground = PRESSED if field == content.pressed else POINTED if field == content.pointed else CELL
        box(picture, (left, top, right, bottom), 16, ground)
        if field == content.pointed:
            box(picture, (left, top + 20, left + 6, bottom - 20), 3, LIVELY)
        yield
        taken = 56 + 20 if entry.on is not None else 40 if entry.opens or entry.chosen else 0
        room = right - left - 44 - taken
        line = round(LINE_HEIGHT * BIG)
        middle = (top + bottom) // 2
        y = middle - line // 2 - (16 if entry.value else 0)
        yield from writer.write(picture, (left + 22, y), writer.fit(drawable(entry.title), BIG, room), BIG, BRIGHT)
        if entry.value:
            value = writer.fit(drawable(entry.value), MIDDLE, room)
            yield from writer.write(picture, (left + 22, y + line - 6), value, MIDDLE, QUIET)
        if entry.on is not None:
            switch_picture(picture, (right - 22 - 56, middle - 16), entry.on)
        elif entry.chosen:
            tick(picture, (right - 22 - 26, middle - 10), LIVELY)
        elif entry.opens:
            arrow(picture, (right - 22 - 12, middle - 11), QUIET)
