"""The menu's pages, what its entries do, and where they are."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from render.control import SCALES
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
from xr_app.preferences import Preferences

LEAST = ["At least 40%", "At least 48%", "At least 57%", "At least 68%", "At least 82%"]
PAIRS = (("a", "Anna"), ("b", "Ben"))


def titles(opened: Menu) -> list[str]:
    return [entry.title if entry else "" for entry in opened.picture().entries]


def fields(opened: Menu) -> dict[Does, int]:
    found = {does: opened.field_of(does) for does in Does}
    return {does: field for does, field in found.items() if field is not None}


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
    press(opened, "Settings")
    assert press(opened, "Figures") == Action(Does.FIGURES, True)
    assert opened.choices == Choices(captions=False, passthrough=True, figures=True)


def test_only_what_there_is_is_offered() -> None:
    assert titles(Menu()) == ["Microphone", "Captions", "Place again", "Settings", "Leave"]


def test_a_list_marks_what_is_chosen_and_goes_back() -> None:
    opened = Menu()
    opened.choices = Choices(avatars=PAIRS, avatar="b", voices=PAIRS, voice="a")
    assert press(opened, "Avatar") == Action(Does.OPEN), "for others to see who is there by now"
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
    opened.choices = replace(opened.choices, foveates=True, mirror_at="later", preferences=Preferences(mirror=True))
    seen = list(opened.picture().entries)
    opened.press(fields(opened)[Does.SETTINGS])
    seen += opened.picture().entries
    opened.press(COLUMNS * ROWS - 2)
    seen += opened.picture().entries
    opened.press(fields(opened)[Does.RESOLUTION])
    seen += opened.picture().entries
    titles_seen = [entry for entry in seen if entry is not None]
    assert len(titles_seen) == 8 + 8 + 5 + 7
    for entry in titles_seen:
        room = menu.CELL_SIZE[0] - 44 - (76 if entry.on is not None else 40)
        assert writer.width(entry.title, 30) <= room and writer.width(entry.value, 27) <= room


def test_all_that_there_is_to_choose_fits_the_first_page() -> None:
    opened = Menu()
    opened.choices = Choices(passthrough=True, avatars=PAIRS, voices=PAIRS)
    assert len(opened.picture().entries) == COLUMNS * ROWS


def test_one_avatar_is_no_choice() -> None:
    opened = Menu()
    opened.choices = Choices(avatars=PAIRS[:1], avatar="a")
    assert "Avatar" not in titles(opened)


def test_a_switch_of_the_settings_stays_on_its_page_and_says_what_is_kept() -> None:
    opened = Menu()
    assert press(opened, "Settings") is None
    expected = {
        "Captions": ("panels.captions", False), "Figures": ("panels.figures", True),
        "Human size": ("placement.detent", False),
    }  # fmt: skip
    for title, kept in expected.items():
        action = press(opened, title)
        assert action is not None and (action.setting, action.value) == kept
        assert titles(opened)[0] == "Text size"
    assert opened.choices.preferences == Preferences(detent=False)


@pytest.mark.parametrize(
    ("entry", "choice", "setting", "value"),
    [
        ("Text size", "125%", "panels.text_size", 1.25),
        ("Main hand", "Left", "input.hand", "left"),
        ("Fades within", "0.9 m", "placement.fade", 0.9),
        ("Coarser edges", "Medium", "display.foveation", "medium"),
        ("Resolution", "At least 68%", "display.least_scale", 0.68),
    ],
)
def test_a_setting_of_several_values_is_chosen_on_a_page_of_its_own(
    entry: str, choice: str, setting: str, value: object
) -> None:
    opened = Menu()
    opened.choices = Choices(foveates=True)
    press(opened, "Settings")
    if entry not in titles(opened):
        press(opened, "More")
    assert press(opened, entry) is None and "‹ Back" in titles(opened)
    action = press(opened, choice)
    assert action is not None and (action.setting, action.value) == (setting, value)
    assert getattr(opened.choices.preferences, action.does) == value
    shown = {each.title: each.value for each in opened.picture().entries if each}
    says = "68% to 100%" if entry == "Resolution" else choice
    assert shown[entry] == says, "and one is back among the settings"


def test_a_resolution_that_is_always_full_has_no_least_one() -> None:
    opened = Menu()
    press(opened, "Settings")
    press(opened, "Resolution")
    assert [title for title in titles(opened) if title] == ["Dynamic", *LEAST, "‹ Back"]
    assert min(SCALES) == Preferences().least_scale and len(LEAST) == len(SCALES) - 1, "all that may be drawn"
    off = press(opened, "Dynamic")
    assert off is not None and (off.setting, off.value) == ("display.dynamic_resolution", False)
    assert [title for title in titles(opened) if title] == ["Dynamic", "‹ Back"], "the switch stays where it is"
    press(opened, "‹ Back")
    assert {each.title: each.value for each in opened.picture().entries if each}["Resolution"] == "always full"
    opened.choices = Choices(preferences=Preferences(least_scale=1.0))
    assert {each.title: each.value for each in opened.picture().entries if each}["Resolution"] == "always full"
    press(opened, "Resolution")
    assert "At least 100%" in titles(opened), "as the file says"


def test_a_value_that_only_the_file_has_is_one_of_the_list() -> None:
    opened = Menu()
    opened.choices = Choices(preferences=Preferences(text_size=1.1, fade=0.75))
    press(opened, "Settings")
    press(opened, "Text size")
    assert titles(opened)[:5] == ["80%", "100%", "110%", "125%", "150%"]
    assert [bool(each and each.chosen) for each in opened.picture().entries][:5] == [False, False, True, False, False]
    press(opened, "‹ Back")
    press(opened, "Fades within")
    assert "0.75 m" in titles(opened)


def test_settings_that_the_display_has_not_are_not_offered() -> None:
    opened = Menu()
    opened.choices = Choices()
    press(opened, "Settings")
    assert "More" not in titles(opened) and not {"Coarser edges", "Mirror window"} & set(titles(opened))
    opened.choices = Choices(foveates=True, mirror_at="now")
    press(opened, "More")
    assert {"Coarser edges", "Mirror window"} <= set(titles(opened))


def test_a_mirror_that_has_to_wait_says_so() -> None:
    opened = Menu()
    opened.choices = Choices(mirror_at="later")
    press(opened, "Settings")
    press(opened, "More")
    action = press(opened, "Mirror window")
    assert action is not None and (action.setting, action.value) == ("display.mirror", True)
    assert {each.title: each.value for each in opened.picture().entries if each}["Mirror window"]
    opened.choices = replace(opened.choices, mirror_at="now")
    assert not {each.title: each.value for each in opened.picture().entries if each}["Mirror window"]
