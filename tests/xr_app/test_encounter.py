"""The user and the avatar in one room: what a press means, by what it was pressed on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conversation.link.events import Command, Mute, Talk, Voices
from render.view import look_at_pose
from tests.xr_app.panels.heads import head_at
from xr_app.encounter import Encounter
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.panels.menu import SIZE, Choices, Does, corners
from xr_app.panels.panel import Shown
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.placement.standing import Pulse, Standing
from xr_app.preferences import Preferences, chosen_preferences
from xr_app.session.attention import Attention
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import USUAL
from xr_app.user_settings import user_settings
from xr_app.user_settings.keeper import SettingsKeeper
from xr_app.wishes import Wishes

FRAME_NS = 20_000_000
FLOOR = np.array([0.0, 0.0, -1.8])


class Window:
    """Through which the user's own room can be seen, or not."""

    def __init__(self) -> None:
        self.asked, self.can_see_through = USUAL, True

    def switch(self, see_through: bool) -> None:
        self.asked = replace(self.asked, see_through=see_through)

    def update(self) -> None: ...

    def draw(self, frame: object, standing: object) -> None: ...

    def close(self) -> None: ...


class Owner:
    """Of frames that nobody draws."""

    def acquire(self) -> list[object]:
        return []

    def end(self, frame: Frame, *, with_picture: bool) -> None: ...


class Evening:
    """Frame by frame."""

    def __init__(self, *, push_to_talk: bool = False, voice: bool = True) -> None:
        self.sent: list[Command] = []
        self.kept: list[tuple[str, object]] = []
        self.chosen: list[tuple[Does, str]] = []
        self.looked: list[int] = []
        self.scenery = Window()
        self.encounter = Encounter(
            Placement(),
            Panels(Choices()),
            Wishes(self.sent.append, lambda sentence: None, voice=voice, push_to_talk=push_to_talk),
            heard_at=lambda time_ns: -1.0,
            keep=lambda name, value: self.kept.append((name, value)),
            choose=lambda does, key: self.chosen.append((does, key)),
            look=lambda: self.looked.append(self.now),
        )
        self.now = 0
        self.standing: Standing | None = None

    def frames(self, count: int, hand: Hand | None = None, **buttons: bool) -> list:
        felt: list[Pulse] = []
        for _ in range(count):
            self.now += FRAME_NS
            frame = Frame(
                Owner(),  # type: ignore[arg-type]
                index=self.now // FRAME_NS,
                xr_time=self.now,
                display_time_ns=self.now,
                period_ns=FRAME_NS,
                skipped=0,
                head=head_at(),
                views=[],
                should_render=True,
                recentred=False,
                begun_ns=self.now,
                cpu_begun_ns=0,
            )
            inputs = Inputs(right=hand or Hand(), **buttons)
            self.standing, pulses = self.encounter.update(frame, inputs, self.scenery)
            self.encounter.rest(frame, self.scenery)
            felt += pulses
        return felt

    def menu(self) -> Shown:
        return next(shown for shown in self.encounter.shown() if shown.panel.name == "menu")

    def read(self) -> str:
        """The status line, as it is seen."""
        seen = [shown.panel for shown in self.encounter.shown() if shown.panel.name == "status"]
        return seen[0].shown.text if seen else ""

    def titles(self) -> list[str]:
        """Of the menu's entries."""
        return [entry.title for entry in self.menu().panel.shown.entries if entry]

    def at(self, does: Does | str) -> Hand:
        """A hand that points at the middle of this entry."""
        titles = {
            Does.MUTE: "Microphone", Does.CAPTIONS: "Captions", Does.PASSTHROUGH: "See your room",
            Does.PLACE: "Place again", Does.FIGURES: "Figures", Does.SETTINGS: "Settings", Does.DETENT: "Human size",
        }  # fmt: skip
        menu = self.menu()
        entries = menu.panel.shown.entries
        field = next(i for i, entry in enumerate(entries) if entry and entry.title == titles.get(does, does))
        left, top, right, bottom = corners(field)
        u, v = (left + right) / 2 / SIZE[0], (top + bottom) / 2 / SIZE[1]
        place = menu.pose @ ((u - 0.5) * menu.size[0], (0.5 - v) * menu.size[1], 0.0, 1.0)
        return Hand(Source.HAND, aim=look_at_pose((0.2, 1.1, -0.1), place[:3]))

    def press(self, does: Does | str) -> None:
        hand = self.at(does)
        self.frames(2, hand)
        self.frames(1, replace(hand, select=True))
        self.frames(2, replace(hand, select=True, held_s=0.5))
        self.frames(2, replace(hand, released=True))

    def put_down(self) -> None:
        self.frames(60)
        hand = Hand(Source.CONTROLLER, aim=look_at_pose((0.2, 1.2, -0.1), FLOOR))
        self.frames(80, hand)
        self.frames(2, replace(hand, select=True))
        self.frames(30)


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> Evening:
    monkeypatch.setenv("VISAVIS_LANG", "en")
    return Evening()


def test_a_ghost_is_put_down_where_one_points(evening: Evening) -> None:
    evening.frames(40)
    assert evening.standing is not None and evening.standing.ghost and evening.encounter.busy
    assert [shown.panel.name for shown in evening.encounter.shown()] == ["status"], "it says what to do"
    evening.put_down()
    assert not evening.standing.ghost and not evening.encounter.busy
    assert np.linalg.norm(evening.standing.model[[0, 2], 3] - FLOOR[[0, 2]]) < 0.15
    assert evening.encounter.shown() == []


def test_what_is_pressed_on_the_menu_puts_nothing_down(evening: Evening) -> None:
    evening.frames(60)
    evening.frames(1, menu=True)
    evening.frames(40)
    evening.press(Does.CAPTIONS)
    assert evening.standing is not None and evening.standing.ghost
    assert evening.kept == [("panels.captions", False)]


def test_place_again_waits_for_the_next_press(evening: Evening) -> None:
    evening.put_down()
    evening.frames(1, menu=True)
    evening.frames(40)
    evening.press(Does.PLACE)
    assert evening.standing is not None and evening.standing.ghost, "the press that asked for it puts nothing down"
    evening.put_down()
    assert not evening.standing.ghost


def test_button_and_menu_shut_one_microphone(evening: Evening) -> None:
    evening.put_down()
    evening.frames(1, mute=True)
    evening.frames(1, menu=True)
    evening.frames(40)
    assert not next(e for e in evening.menu().panel.shown.entries if e and e.title == "Microphone").on
    evening.press(Does.MUTE)
    assert evening.sent == [Mute(True), Mute(False)]


def test_the_room_and_the_figures_are_switched_and_kept(evening: Evening) -> None:
    evening.put_down()
    evening.frames(1, menu=True)
    evening.frames(40)
    evening.press(Does.PASSTHROUGH)
    assert not evening.scenery.asked.see_through
    evening.press(Does.SETTINGS)
    evening.frames(20)
    evening.press(Does.FIGURES)
    assert evening.kept == [("room.passthrough", False), ("panels.figures", True)]


def test_the_hand_feels_what_it_comes_to(evening: Evening) -> None:
    evening.put_down()
    evening.frames(1, menu=True)
    evening.frames(40)
    felt = evening.frames(5, evening.at(Does.CAPTIONS))
    assert [pulse.hand for pulse in felt] == ["right"]


def test_a_pinch_is_speech_unless_it_is_meant_for_the_menu() -> None:
    evening = Evening(push_to_talk=True)
    evening.put_down()
    free = Hand(Source.HAND, aim=look_at_pose((0.2, 1.1, 0.0), (3.0, 1.1, 0.0)), select=True)
    evening.frames(2, free)
    assert evening.sent == []
    evening.frames(2, replace(free, held_s=0.5))
    evening.frames(2)
    assert evening.sent == [Talk(True), Talk(False)]
    evening.frames(1, menu=True)
    evening.frames(40)
    evening.press(Does.CAPTIONS)
    assert len(evening.sent) == 2


def test_the_voices_of_the_conversation_are_chosen_from(evening: Evening) -> None:
    evening.put_down()
    evening.frames(1, menu=True)
    evening.frames(40)
    assert "Voice" not in evening.titles(), "with one voice there is nothing to choose"
    evening.encounter.take(Voices(("low", "high"), "low"), evening.now)
    evening.frames(20)
    evening.press("Voice")
    evening.frames(20)
    entries = {entry.title: entry.chosen for entry in evening.menu().panel.shown.entries if entry}
    assert entries["low"] and not entries["high"]
    evening.press("high")
    assert evening.chosen == [(Does.VOICE, "high")]
    assert evening.encounter.panels.choices.voice == "high"


def test_an_avatar_is_chosen_and_what_is_on_its_way_is_said(evening: Evening) -> None:
    evening.encounter.offer([("mira", "mira"), ("ada", "ada")], "mira")
    evening.put_down()
    evening.frames(1, menu=True)
    evening.frames(40)
    evening.press("Avatar")
    evening.frames(20)
    evening.press("ada")
    assert evening.chosen == [(Does.AVATAR, "ada")]
    evening.encounter.wait_for("ada is on the way")
    evening.frames(30)
    status = next(shown for shown in evening.encounter.shown() if shown.panel.name == "status")
    assert status.panel.shown.text == "ada is on the way"
    evening.encounter.wait_for("")
    evening.frames(30)
    assert "status" not in [shown.panel.name for shown in evening.encounter.shown()]
    evening.encounter.chose("mira")
    assert evening.encounter.panels.choices.avatar == "mira"


def test_what_there_is_to_choose_is_looked_up_when_somebody_is_about_to(evening: Evening) -> None:
    evening.encounter.offer([("mira", "mira"), ("ada", "ada")], "mira")
    evening.put_down()
    assert evening.looked == []
    evening.frames(1, menu=True)
    assert evening.looked == [evening.now]
    evening.frames(40)
    evening.press("Avatar")
    assert len(evening.looked) == 2
    evening.encounter.offer([("mira", "mira"), ("ada", "ada"), ("zoe", "zoe")], "mira")
    evening.frames(20)
    assert "zoe" in evening.titles(), "who comes later is there all the same"


def test_settings_changed_on_the_menu_hold_at_once_and_are_in_the_file(
    evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    (tmp_path / "visavis.toml").write_text("[display]\nrefresh_rate = 90 # as it was\n")
    evening.put_down()
    evening.frames(1, menu=True)
    evening.frames(40)
    usual = evening.menu().size
    evening.press(Does.SETTINGS)
    evening.frames(20)
    for press in (
        "Text size", "125%", "Main hand", "Left", Does.DETENT, "Resolution", "At least 57%", "Resolution", "Dynamic",
    ):  # fmt: skip
        evening.press(press)
        evening.frames(20)
    assert evening.encounter.preferred() == Preferences(
        1.25, "left", detent=False, dynamic_resolution=False, least_scale=0.57
    )
    assert evening.menu().size == pytest.approx([1.25 * each for each in usual], rel=0.1)
    with SettingsKeeper(print) as keeper:
        for name, value in evening.kept:
            keeper.keep(name, value)
    assert chosen_preferences(user_settings().values) == evening.encounter.preferred()
    assert "refresh_rate = 90 # as it was" in (tmp_path / "visavis.toml").read_text()


@pytest.mark.parametrize(("language", "words"), [("en", "microphone is muted"), ("zh", "麦克风已静音")])
def test_behind_the_headsets_own_menu_one_reads_that_nobody_is_heard(
    monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setenv("VISAVIS_LANG", language)
    evening = Evening()
    assert evening.read() == ""
    evening.encounter.placement.stand()
    for attention, read in (
        (Attention.HERE, False),
        (Attention.ELSEWHERE, True),
        (Attention.AWAY, False),
        (Attention.ELSEWHERE, True),
        (Attention.HERE, False),
    ):
        evening.encounter.attend(attention)
        evening.frames(30)
        assert (words in evening.read()) == read, attention


def test_where_nobody_is_heard_at_all_that_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_LANG", "en")
    evening = Evening(voice=False)
    evening.encounter.placement.stand()
    evening.encounter.attend(Attention.ELSEWHERE)
    evening.frames(30)
    assert evening.read() == ""
