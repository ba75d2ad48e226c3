"""The menu's pages, what its entries do, and where they are."""

from functools import partial

import numpy as np
import pytest

from xr_app.panels import menu
from xr_app.panels.menu import (
    COLUMNS,
    ROWS,
    SIZE,
    Action,
    Choices,
    Does,
    Menu,
    MenuPicture,
    corners,
    field_at,
    paint_menu,
)
from xr_app.panels.panel import PIXELS_PER_DEGREE, Panel
from xr_app.panels.text import Writer

PAIRS = (("a", "Anna"), ("b", "Ben"))


def titles(opened: Menu) -> list[str]:
    return [entry.title if entry else "" for entry in opened.picture().entries]


def press(opened: Menu, title: str) -> Action | None:
    return opened.press(titles(opened).index(title))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_LANG", "en")


def test_switches_turn_and_tell_what_they_are_now() -> None:
    opened = Menu()
    opened.choices = Choices(passthrough=False)
    assert press(opened, "Microphone") == Action(Does.MUTE, True)
    assert press(opened, "Microphone") == Action(Does.MUTE, False)
    assert press(opened, "Captions") == Action(Does.CAPTIONS, False)
    assert press(opened, "See your room") == Action(Does.PASSTHROUGH, True)
    assert press(opened, "Figures") == Action(Does.FIGURES, True)
    assert opened.choices == Choices(captions=False, passthrough=True, figures=True)


def test_only_what_there_is_is_offered() -> None:
    assert titles(Menu()) == ["Microphone", "Captions", "Place again", "Figures", "Leave"]


def test_a_list_marks_what_is_chosen_and_goes_back() -> None:
    opened = Menu()
    opened.choices = Choices(avatars=PAIRS, avatar="b", voices=PAIRS, voice="a")
    assert press(opened, "Avatar") is None
    assert [bool(entry and entry.chosen) for entry in opened.picture().entries][:2] == [False, True]
    assert press(opened, "‹ Back") is None and "Voice" in titles(opened)
    press(opened, "Avatar")
    assert press(opened, "Anna") == Action(Does.AVATAR, "a")
    assert opened.choices.avatar == "a" and "Voice" in titles(opened)
    press(opened, "Voice")
    assert press(opened, "Ben") == Action(Does.VOICE, "b")


@pytest.mark.parametrize("count", [7, 8, 20])
def test_a_long_list_has_pages_that_hold_all_of_it(count: int) -> None:
    opened = Menu()
    opened.choices = Choices(voices=tuple((f"k{n}", f"Voice {n}") for n in range(count)))
    press(opened, "Voice")
    found = []
    while titles(opened)[0] not in found:
        assert len(titles(opened)) == COLUMNS * ROWS and titles(opened)[-1] == "‹ Back"
        found += [title for title in titles(opened) if title.startswith("Voice ")]
        if "More" in titles(opened):
            press(opened, "More")
    assert found == [f"Voice {n}" for n in range(count)]


def test_leaving_takes_two_presses() -> None:
    opened = Menu()
    assert press(opened, "Leave") is None
    assert press(opened, "Leave") == Action(Does.LEAVE)
    opened.reset()
    assert "Captions" in titles(opened)


def test_a_field_that_is_empty_does_nothing() -> None:
    opened = Menu()
    press(opened, "Leave")
    assert not opened.is_entry(1) and opened.press(1) is None and not opened.is_entry(99) and not opened.is_entry(None)


def test_targets_are_two_degrees_and_more() -> None:
    assert min(menu.CELL_SIZE) / PIXELS_PER_DEGREE >= 2 and menu.GAP / PIXELS_PER_DEGREE >= 0.3
    for field in range(COLUMNS * ROWS):
        left, top, right, bottom = corners(field)
        assert 0 < left < right < SIZE[0] and 0 < top < bottom < SIZE[1]
        for x, y in ((left, top), (right - 1, bottom - 1), ((left + right) / 2, (top + bottom) / 2)):
            assert field_at((x + 0.5) / SIZE[0], (y + 0.5) / SIZE[1]) == field
        assert field_at((left - 1) / SIZE[0], (top + 5) / SIZE[1]) is None
        assert field_at((left + 5) / SIZE[0], (bottom + 2) / SIZE[1]) is None


def test_what_is_pointed_at_looks_so_and_nothing_else(writer: Writer) -> None:
    opened = Menu()
    pictures = []
    for pointed in (None, 2):
        panel = Panel("menu", SIZE, partial(paint_menu, writer), MenuPicture())
        panel.show(opened.picture(pointed), 5.0)
        pictures.append(panel.image().astype(int))
    changed = np.abs(pictures[0] - pictures[1]).max(-1) > 4
    left, top, right, bottom = corners(2)
    inside = np.zeros_like(changed)
    inside[top:bottom, left:right] = True
    assert changed[inside].mean() > 0.8 and not changed[~inside].any()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_titles_have_room(writer: Writer, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("VISAVIS_LANG", language)
    opened = Menu()
    opened.choices = Choices(passthrough=True, avatars=PAIRS, voices=PAIRS)
    for entry in opened.picture().entries:
        assert entry is not None
        assert writer.width(entry.title, 30) <= menu.CELL_SIZE[0] - 44 - 76
