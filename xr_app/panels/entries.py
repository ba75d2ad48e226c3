"""Fields of the menu and its pages: what is written on one, and where a press of it leads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from xr_app.panels.choices import Action, Does, Value
from xr_app.texts import tr

COLUMNS: Final = 2
ROWS: Final = 4


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
class Page:
    """One that can be open."""

    of: Does | None = None
    """None is the first one."""
    number: int = 0
    """Of several, where there is more than fits."""
    above: Page | None = None
    """Where one comes back to, if that is not the first one."""


Field = tuple[Entry | None, Action | Page | None]
"""What stands there, and what a press does; nothing where it is empty."""


def switch(title: str, does: Does, on: bool, value: str = "") -> Field:
    """Turns with a press."""
    return Entry(title, value, on=on), Action(does, not on)


def listed(does: Does, several: tuple[tuple[Value, str], ...], chosen: Value) -> list[Field]:
    """Values and their titles to choose from."""
    return [(Entry(title, chosen=value == chosen), Action(does, value)) for value, title in several]


def paged(fields: list[Field], page: Page) -> list[Field]:
    """A whole page of those, with ways on and back at its end."""
    back: Field = (Entry(tr("‹ Back", "‹ 返回")), page.above or Page())
    most = COLUMNS * ROWS - 1
    if len(fields) <= most:
        return _filled(fields, back)
    pages = -(-len(fields) // (most - 1))
    number = page.number % pages
    here = fields[number * (most - 1) : (number + 1) * (most - 1)]
    more = Entry(tr("More", "更多"), f"{number + 1} / {pages}", opens=True)
    return _filled(here, (more, replace(page, number=number + 1)), back)


def _filled(fields: list[Field], *last: Field) -> list[Field]:
    """With those at the end of the grid."""
    return [*fields, *[(None, None)] * (COLUMNS * ROWS - len(fields) - len(last)), *last]
