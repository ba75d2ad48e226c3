"""All panels together: a scripted talk, with a hand that points and presses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conversation.link.events import Caption, CaptionWord, DeviceBack, Failure, Loading, Ready, Transcript, TurnDone
from conversation.timings import TurnTimings
from render.view import look_at_pose
from tests.xr_app.panels.heads import head_at
from xr_app.input.inputs import Hand, Inputs, Side, Source
from xr_app.panels.aims import Person
from xr_app.panels.hud import Figures
from xr_app.panels.menu import SIZE, Action, Choices, Does, corners
from xr_app.panels.panel import BUDGET_S, Shown
from xr_app.panels.panels import Panels
from xr_app.panels.status import Status
from xr_app.panels.text import Writer
from xr_app.preferences import Preferences

FRAME = 20_000_000
PERSON = Person((0.0, 0.0, -1.6))


class Talk:
    """Frames, one after the other."""

    def __init__(self, writer: Writer, choices: Choices | None = None) -> None:
        self.panels = Panels(choices, writer)
        self.now = 0
        self.sample = -1.0

    def frames(self, count: int, inputs: Inputs | None = None) -> list[Action]:
        actions = []
        for _ in range(count):
            self.now += FRAME
            actions += self.panels.press(inputs or Inputs(), self.now)
            self.panels.settle(head_at(), self.now, person=PERSON, sample=self.sample)
            self.panels.paint()
        return actions

    def take(self, event: object) -> None:
        self.panels.take(event, self.now)  # type: ignore[arg-type]

    def names(self) -> list[str]:
        return [shown.panel.name for shown in self.panels.shown()]

    def menu(self) -> Shown:
        return next(shown for shown in self.panels.shown() if shown.panel.name == "menu")

    def hand(self, field: int, *, select: bool = False) -> Inputs:
        """Which points at the middle of an entry of the menu."""
        left, top, right, bottom = corners(field)
        u, v, menu = (left + right) / 2 / SIZE[0], (top + bottom) / 2 / SIZE[1], self.menu()
        place = menu.pose @ ((u - 0.5) * menu.size[0], (0.5 - v) * menu.size[1], 0.0, 1.0)
        return Inputs(right=Hand(Source.HAND, aim=look_at_pose((0.2, 1.1, -0.1), place[:3]), select=select))

    def press(self, field: int) -> list[Action]:
        return self.frames(2, self.hand(field)) + self.frames(2, self.hand(field, select=True)) + self.frames(1)


@pytest.fixture
def talk(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> Talk:
    monkeypatch.setenv("VISAVIS_LANG", "en")
    return Talk(writer)


def text_of(talk: Talk, name: str) -> str:
    return next(str(shown.panel.shown) for shown in talk.panels.shown() if shown.panel.name == name)


def test_nothing_is_shown_where_there_is_nothing_to_say(talk: Talk) -> None:
    assert talk.frames(5) == [] and talk.panels.shown() == []


def test_loading_is_told_until_all_is_ready(talk: Talk) -> None:
    talk.take(Loading("asr"))
    talk.frames(40)
    assert talk.names() == ["status"] and "what hears" in text_of(talk, "status")
    talk.take(Ready())
    talk.frames(40)
    assert talk.names() == []


def test_a_line_of_the_apps_own_stands_until_it_is_taken_back(talk: Talk) -> None:
    talk.panels.say(Status("Fetching Whisper", 0.5))
    talk.frames(40)
    assert "Fetching" in text_of(talk, "status")
    talk.panels.say(None)
    talk.frames(40)
    assert talk.names() == []


def test_trouble_comes_first_and_goes_when_it_is_mended_or_old(talk: Talk) -> None:
    talk.panels.say(Status("Fetching Whisper", 0.5))
    talk.take(Failure("asr", "EngineError", "It broke; mend it."))
    talk.frames(40)
    assert "mend it" in text_of(talk, "status")
    talk.take(DeviceBack("microphone"))
    talk.frames(3)
    assert "Fetching" in text_of(talk, "status")
    talk.take(Failure("asr", "EngineError", "It broke again."))
    talk.frames(600)
    assert "Fetching" in text_of(talk, "status")


def test_captions_come_with_the_words_and_go_after_them(talk: Talk) -> None:
    talk.take(Transcript(1, "How are you?"))
    talk.take(Caption(1, 0, 0, 0, (CaptionWord("Quite", 0, 9000), CaptionWord("well.", 9000, 18000)), "neutral", 1.0))
    talk.sample = 10.0
    talk.frames(40)
    assert talk.names() == ["captions"] and "says='Quite well.', said=5" in text_of(talk, "captions")
    (shown,) = talk.panels.shown()
    assert shown.opacity == 1.0 and -1.25 < shown.pose[2, 3] < -0.9 and shown.pose[1, 3] < PERSON.chin
    talk.sample = 200_000.0
    talk.take(TurnDone(TurnTimings(1)))
    talk.frames(100)
    assert talk.names() == ["captions"]  # the question may still be read
    talk.frames(150)
    assert talk.names() == []


def test_no_panel_is_in_an_avatar_that_one_looks_past(talk: Talk) -> None:
    talk.panels.choices = Choices(muted=True, figures=True)
    talk.panels.measure(Figures(scale=1.0))
    talk.panels.open_menu()
    for angle in (-50, 50):
        beside = Person((-0.8 * float(np.sin(np.radians(angle))), 0.0, -0.8 * float(np.cos(np.radians(angle)))))
        for _ in range(120):
            talk.now += FRAME
            talk.panels.settle(head_at(), talk.now, person=beside)
        for shown in talk.panels.shown():
            along = np.linspace(-0.5, 0.5, 41)[:, None] * shown.size[0] * shown.pose[:3, 0] + shown.pose[:3, 3]
            assert np.hypot(*(along - beside.feet)[:, [0, 2]].T).min() >= beside.radius - 1e-6, shown.panel.name
            assert np.linalg.norm(shown.pose[:3, 3] - head_at()[:3, 3]) >= 0.59


def test_captions_can_be_switched_off_but_a_shut_microphone_is_told(talk: Talk) -> None:
    talk.panels.choices = Choices(captions=False)
    talk.take(Transcript(1, "How are you?"))
    talk.frames(40)
    assert talk.names() == []
    talk.panels.choices = Choices(captions=False, muted=True)
    talk.frames(40)
    assert "microphone is off" in text_of(talk, "captions") and "How" not in text_of(talk, "captions")


def test_it_fades_in_and_out(talk: Talk) -> None:
    talk.panels.say(Status("Wait"))
    strengths = []
    for frame in range(60):
        if frame == 30:
            talk.panels.say(None)
        talk.frames(1)
        strengths.append(next((shown.opacity for shown in talk.panels.shown()), 0.0))
    rise, fall = np.diff(strengths[:30]), np.diff(strengths[30:])
    assert max(strengths) == 1.0 and (rise >= 0).all() and (fall <= 0).all() and strengths[-1] == 0
    assert rise.max() <= 0.2 and fall.min() >= -0.2


def test_the_menu_opens_is_pressed_and_goes_away(talk: Talk) -> None:
    talk.frames(1, Inputs(menu=True))
    assert talk.panels.menu_open
    talk.frames(40)
    assert talk.names() == ["menu"]
    assert talk.frames(3, talk.hand(0)) == [] and talk.panels.pointing == (False, True)
    assert talk.press(0) == [Action(Does.MUTE, True)] and talk.panels.choices.muted
    assert talk.press(0) == [Action(Does.MUTE, False)] and not talk.panels.choices.muted
    assert talk.press(2) == [Action(Does.PLACE)] and not talk.panels.menu_open
    talk.frames(40)
    assert talk.names() == [] and talk.panels.pointing == (False, False)
    talk.frames(1, Inputs(menu=True))
    talk.frames(1, Inputs(menu=True))
    assert not talk.panels.menu_open


def test_a_press_is_one_press_and_only_where_it_began(talk: Talk) -> None:
    talk.panels.open_menu()
    talk.frames(40)
    held = talk.hand(1, select=True)
    assert talk.frames(20, held) == [Action(Does.CAPTIONS, False)]
    # A finger that is closed already does nothing where it is dragged to.
    assert talk.frames(5, talk.hand(0, select=True)) == []


def test_the_hand_feels_what_it_comes_to(talk: Talk) -> None:
    talk.panels.open_menu()
    talk.frames(40)
    felt = []
    for inputs in (talk.hand(0), talk.hand(0), talk.hand(1), talk.hand(1, select=True), Inputs()):
        talk.frames(1, inputs)
        felt.append(talk.panels.touched)
    assert felt == [(False, True), (False, False), (False, True), (False, True), (False, False)]


def test_leaving_from_the_second_page(talk: Talk) -> None:
    talk.panels.open_menu()
    talk.frames(40)
    assert talk.press(4) == []
    assert talk.press(0) == [Action(Does.LEAVE)]


def test_figures_are_shown_when_asked_for_and_hold_still_for_a_while(talk: Talk) -> None:
    talk.panels.measure(Figures(frame_ms=(11.0, 12.0)))
    talk.take(TurnDone(TurnTimings(1, speech_end=0, first_audible_out=700_000_000)))
    talk.frames(40)
    assert talk.names() == []
    talk.panels.choices = Choices(figures=True)
    talk.frames(40)
    assert talk.names() == ["figures"]
    assert "11.0 / 12.0 ms" in text_of(talk, "figures") and "700 ms" in text_of(talk, "figures")
    versions = []
    for frame in range(50):  # a second
        talk.panels.measure(Figures(frame_ms=(float(frame), 1.0)))
        talk.frames(1)
        versions.append(talk.panels.shown()[0].panel.version)
    assert 1 <= versions[-1] - versions[0] <= 3


def test_the_menu_is_before_all_others(talk: Talk) -> None:
    talk.panels.choices = Choices(figures=True, muted=True)
    talk.panels.measure(Figures(scale=1.0))
    talk.panels.say(Status("Wait"))
    talk.panels.open_menu()
    talk.frames(60)
    assert sorted(talk.names()) == ["captions", "figures", "menu", "status"] and talk.names()[-1] == "menu"


def test_where_frames_are_slow_a_frame_may_draw_more() -> None:
    """Time passes by a step whenever it is asked for, and each picture takes more of it than a quick frame has."""
    steps = iter(range(10**9))
    panels = Panels(Choices(), clock=lambda: next(steps) * BUDGET_S)
    frames = []
    for slow_ns in (14_000_000, 100_000_000):
        panels.say(Status(f"A line of text that takes {slow_ns} steps and more of them to be drawn."))
        count, now = 0, 10**12
        while not panels._status.panel.finished or count < 2:
            count, now = count + 1, now + slow_ns
            panels.settle(head_at(), now)
            panels.paint()
        frames.append(count)
    assert frames[1] < frames[0]


def test_all_is_seen_as_large_as_is_wished_for_and_pressed_where_it_is_seen(talk: Talk) -> None:
    talk.panels.say(Status("Fetching Whisper"))
    talk.panels.choices = Choices(figures=True)
    talk.panels.measure(Figures(gaussians=(1, 2)))
    talk.frames(1, Inputs(menu=True))
    talk.frames(60)
    usual = {shown.panel.name: shown.panel.degrees for shown in talk.panels.shown()}
    assert set(usual) == {"status", "figures", "menu"}
    talk.panels.choices = replace(talk.panels.choices, preferences=Preferences(text_size=1.5))
    talk.frames(100)
    for shown in talk.panels.shown():
        wide, high = usual[shown.panel.name]
        assert shown.panel.degrees == pytest.approx((1.5 * wide, 1.5 * high))
        away = np.linalg.norm(shown.pose[:3, 3] - head_at()[:3, 3])
        assert np.degrees(shown.size[0] / away) == pytest.approx(1.5 * wide, rel=0.1)
    assert talk.press(1) == [Action(Does.CAPTIONS, False)]


@pytest.mark.parametrize("text_size", [0.8, 1.0, 1.5])
def test_captions_are_no_wider_than_the_eyes_take_in(talk: Talk, text_size: float) -> None:
    talk.panels.choices = Choices(preferences=Preferences(text_size=text_size))
    text = "This is quite a long answer, which goes on and on until it has to go on in another line."
    words = text.split()
    talk.take(Caption(1, 0, 0, 0, tuple(CaptionWord(word, 0, 90_000) for word in words), "neutral", 1.0))
    talk.sample = 10.0
    talk.frames(60)
    panel = next(shown.panel for shown in talk.panels.shown() if shown.panel.name == "captions")
    columns = np.flatnonzero(panel.image()[..., 3].any(axis=0))
    degrees = np.ptp(columns) / panel.pixels[0] * panel.degrees[0]
    assert 20 < degrees <= 30.1
    assert all(word in str(panel.shown) for word in words)


@pytest.mark.parametrize(("hand", "side"), [("right", 1), ("left", -1)])
def test_the_menu_is_where_the_main_hand_is_and_the_figures_are_where_it_is_not(
    talk: Talk, hand: Side, side: int
) -> None:
    talk.panels.choices = Choices(figures=True, preferences=Preferences(hand=hand))
    talk.panels.measure(Figures(gaussians=(1, 2)))
    talk.frames(1, Inputs(menu=True))
    talk.frames(60)
    across = {shown.panel.name: float(shown.pose[0, 3]) for shown in talk.panels.shown()}
    assert side * across["menu"] > 0.2 and side * across["figures"] < -0.2


@pytest.mark.parametrize(("hand", "pointed"), [("right", 1), ("left", 0)])
def test_where_both_hands_point_the_main_one_is_heeded(talk: Talk, hand: Side, pointed: int) -> None:
    talk.panels.choices = Choices(preferences=Preferences(hand=hand))
    talk.frames(1, Inputs(menu=True))
    talk.frames(60)
    talk.frames(40, replace(talk.hand(1), left=talk.hand(0).right))
    assert talk.menu().panel.shown.pointed == pointed
