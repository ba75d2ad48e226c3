"""The menu: what can be changed while one talks, with entries that a ray points at and presses.

Entries are 11 by 2.9 degrees with gaps of a third of a degree, so that a hand in the air, which is never quite still,
hits them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from PIL import Image

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
    switch,
    tick,
)
from xr_app.panels.text import LINE_HEIGHT, Painting, Writer, drawable
from xr_app.texts import tr

COLUMNS: Final = 2
ROWS: Final = 4
CELL_SIZE: Final = (352, 92)
GAP: Final = 12
HEAD: Final = 60
SIZE: Final = (COLUMNS * CELL_SIZE[0] + (COLUMNS + 3) * GAP, HEAD + ROWS * (CELL_SIZE[1] + GAP) + 2 * GAP)


class Does(StrEnum):
    """What an entry changes."""

    MUTE = "mute"
    CAPTIONS = "captions"
    PASSTHROUGH = "passthrough"
    AVATAR = "avatar"
    VOICE = "voice"
    PLACE = "place"
    FIGURES = "figures"
    LEAVE = "leave"


@dataclass(frozen=True)
class Action:
    """An entry was pressed: what it does, and the new value, where there is one (bool of a switch, key of a choice)."""

    does: Does
    value: bool | str | None = None


@dataclass(frozen=True)
class Choices:
    """Everything that the menu shows as it is now; `avatars` and `voices` are pairs of key and title."""

    muted: bool = False
    captions: bool = True
    passthrough: bool | None = None
    """None where there is none to switch."""
    figures: bool = False
    avatar: str = ""
    avatars: tuple[tuple[str, str], ...] = ()
    voice: str = ""
    voices: tuple[tuple[str, str], ...] = ()

    def after(self, action: Action) -> Choices:
        """As it is once that was done."""
        match action:
            case Action(Does.MUTE, bool(on)):
                return replace(self, muted=on)
            case Action(Does.CAPTIONS, bool(on)):
                return replace(self, captions=on)
            case Action(Does.PASSTHROUGH, bool(on)):
                return replace(self, passthrough=on)
            case Action(Does.FIGURES, bool(on)):
                return replace(self, figures=on)
            case Action(Does.AVATAR, str(key)):
                return replace(self, avatar=key)
            case Action(Does.VOICE, str(key)):
                return replace(self, voice=key)
        return self


@dataclass(frozen=True)
class Entry:
    """One field of the menu."""

    title: str
    value: str = ""
    """Small, under the title."""
    on: bool | None = None
    """A switch, and how it stands."""
    chosen: bool = False
    """The one of several that is in use."""
    opens: bool = False
    """Another page."""


@dataclass(frozen=True)
class MenuPicture:
    """What the panel shows."""

    title: str = ""
    entries: tuple[Entry | None, ...] = ()
    """Row by row; None leaves a field empty."""
    pointed: int | None = None
    pressed: int | None = None


@dataclass(frozen=True)
class _Page:
    of: Does | None = None
    """None is the first one."""
    number: int = 0


_Target = Action | _Page


class Menu:
    """Which page is open, what is pointed at, what a press does."""

    def __init__(self) -> None:
        self.choices = Choices()
        self._page = _Page()

    def reset(self) -> None:
        """Back to the first page."""
        self._page = _Page()

    def picture(self, pointed: int | None = None, pressed: int | None = None) -> MenuPicture:
        """What there is to show; pointed, pressed: fields."""
        title, fields = self._fields()
        return MenuPicture(title, tuple(entry for entry, _ in fields), pointed, pressed)

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
                case Action(does=this) | _Page(of=this) if this == does:
                    return field
        return None

    def press(self, field: int) -> Action | None:
        """Do what that field does; the action, where it is one for others to carry out."""
        _, fields = self._fields()
        target = fields[field][1] if field < len(fields) else None
        match target:
            case _Page():
                self._page = target
            case Action():
                self.choices = self.choices.after(target)
                if self._page.of is not None:
                    self._page = _Page()
                return target
        return None

    def _fields(self) -> tuple[str, list[tuple[Entry | None, _Target | None]]]:
        match self._page.of:
            case None:
                return tr("Menu", "菜单"), self._first_page()
            case Does.LEAVE:
                leave = (Entry(tr("Leave", "离开")), Action(Does.LEAVE))
                return tr("Leave?", "要离开吗？"), _filled([leave], _back())
            case Does.VOICE:
                return tr("Voice", "声音"), self._list(Does.VOICE, self.choices.voices, self.choices.voice)
            case _:
                return tr("Avatar", "形象"), self._list(Does.AVATAR, self.choices.avatars, self.choices.avatar)

    def _first_page(self) -> list[tuple[Entry | None, _Target | None]]:
        now = self.choices
        fields: list[tuple[Entry | None, _Target | None]] = [
            (Entry(tr("Microphone", "麦克风"), on=not now.muted), Action(Does.MUTE, not now.muted)),
            (Entry(tr("Captions", "字幕"), on=now.captions), Action(Does.CAPTIONS, not now.captions)),
        ]
        if now.passthrough is not None:
            entry = Entry(tr("See your room", "透视房间"), on=now.passthrough)
            fields.append((entry, Action(Does.PASSTHROUGH, not now.passthrough)))
        for does, title, chosen, several in (
            (Does.AVATAR, tr("Avatar", "形象"), now.avatar, now.avatars),
            (Does.VOICE, tr("Voice", "声音"), now.voice, now.voices),
        ):
            if several:
                fields.append((Entry(title, dict(several).get(chosen, chosen), opens=True), _Page(does)))
        return [
            *fields,
            (Entry(tr("Place again", "重新放置")), Action(Does.PLACE)),
            (Entry(tr("Figures", "性能数据"), on=now.figures), Action(Does.FIGURES, not now.figures)),
            (Entry(tr("Leave", "离开"), opens=True), _Page(Does.LEAVE)),
        ]

    def _list(
        self, does: Does, several: tuple[tuple[str, str], ...], chosen: str
    ) -> list[tuple[Entry | None, _Target | None]]:
        most = COLUMNS * ROWS - 1
        back = _back()
        fields: list[tuple[Entry | None, _Target | None]] = [
            (Entry(title, chosen=key == chosen), Action(does, key)) for key, title in several
        ]
        if len(fields) <= most:
            return _filled(fields, back)
        pages = -(-len(fields) // (most - 1))
        number = self._page.number % pages
        here = fields[number * (most - 1) : (number + 1) * (most - 1)]
        more = Entry(tr("More", "更多"), f"{number + 1} / {pages}", opens=True)
        return _filled(here, (more, _Page(does, number + 1)), back)


def _back() -> tuple[Entry, _Page]:
    return Entry(tr("‹ Back", "‹ 返回")), _Page()


def _filled(
    fields: list[tuple[Entry | None, _Target | None]], *last: tuple[Entry, _Page]
) -> list[tuple[Entry | None, _Target | None]]:
    """With those at the end of the grid."""
    return [*fields, *[(None, None)] * (COLUMNS * ROWS - len(fields) - len(last)), *last]


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
            switch(picture, (right - 22 - 56, middle - 16), entry.on)
        elif entry.chosen:
            tick(picture, (right - 22 - 26, middle - 10), LIVELY)
        elif entry.opens:
            arrow(picture, (right - 22 - 12, middle - 11), QUIET)
