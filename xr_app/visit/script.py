"""What the guest does: each step waits for what the app does, points at where things are, and notes what was met.

A step is a generator that is gone on with after every frame.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conversation.link.events import Ask
from xr_app.guest import Met
from xr_app.panels.menu import Choices, Does
from xr_app.panels.panel import Shown
from xr_app.placement.spot import Spot
from xr_app.poses import Pose, looking, matrix
from xr_app.runtime.hand_poses import FIST, OPEN, shown_palm
from xr_app.runtime.remote import State
from xr_app.runtime.script import Script, between
from xr_app.session.attention import Attention
from xr_app.visit.aside import Aside
from xr_app.visit.body import EYES, LEFT, RIGHT, beside
from xr_app.visit.heard import Heard

F64 = NDArray[np.float64]
Place = tuple[float, float, float]
Play = Iterator[None]

TARGET: Final = (0.35, 0.0, -1.55)
"""Where on the floor the guest points, metres."""
ROUND: Final = 0.9
"""Radians that they walk round it, and back."""
SWING: Final = 0.3
"""Radians that they turn the pointer by which they hold it."""
APART: Final = (0.40, 0.26, 0.408)
"""Metres between the hands: as they take it, for a smaller one, and a little beyond human size."""


class Step(StrEnum):
    """Of a visit, in their order."""

    PLACE = "place"
    """See the ghost, and put it down."""
    WALK = "walk"
    """Round it, and back."""
    TALK = "talk"
    """Ask, and interrupt the answer by another question."""
    GRAB = "grab"
    SCALE = "scale"
    """With two hands: smaller, and human size again."""
    MENU = "menu"
    """Open it by the palm, press entries, send it away."""
    LAY_ASIDE = "lay aside"
    """Take the headset off, and put it on again."""
    LEAVE = "leave"
    """By the menu."""


class StuckError(Exception):
    """What the guest waited for did not come."""


@dataclass
class Notes:
    """What was met, for the checks: times are monotonic ns, spots as the avatar stood then."""

    at: dict[str, int] = field(default_factory=dict)
    """When each step was done."""
    spots: dict[str, Spot] = field(default_factory=dict)
    heads: dict[str, F64] = field(default_factory=dict)
    ghosts: list[bool] = field(default_factory=list)
    """Whether the avatar was a ghost, in each frame in which it was first seen."""
    hands: dict[str, F64] = field(default_factory=dict)
    """(4, 4) the right one's pointer then."""
    menus: list[Shown] = field(default_factory=list)
    """The menu, as soon as it could be read."""
    presses: dict[str, tuple[Choices, Choices]] = field(default_factory=dict)
    """How the menu stood before and after each press."""
    captions: float = 0.0
    """How much of the captions is seen 1.6 s into an answer."""
    figures_shown: bool = False
    stuck: str = ""


class Performance:
    """state: of the simulated headset, to be sent whenever it changed; environment: of its runtime."""

    def __init__(self, met: Met, heard: Heard, state: State, environment: Callable[[], Aside], wavs: list[Path]):
        self.state = state
        self.notes = Notes()
        self._met, self._heard, self._aside, self._wavs = met, heard, environment, wavs
        self._placement, self._panels = met.encounter.placement, met.encounter.panels

    def play(self, steps: Sequence[Step] = tuple(Step)) -> Play:
        """Do these, one after the other. Raises StuckError."""
        do = {
            Step.PLACE: self._place,
            Step.WALK: self._walk_round,
            Step.TALK: self._talk,
            Step.GRAB: self._grab,
            Step.SCALE: self._scale,
            Step.MENU: self._menu,
            Step.LAY_ASIDE: self._lay_aside,
            Step.LEAVE: self._leave,
        }
        for step in steps:
            yield from do[step]()

    def _place(self) -> Play:
        yield from self._until("a ghost", lambda: self._opacity("status") >= 1.0)
        self._note("ghost")
        self.notes.ghosts.append(not self._placement.placed)
        yield from self._aim(lambda: TARGET, 1.2)
        yield from self._until("the ghost where I point", lambda: self._away(TARGET) < 0.04)
        self._note("pointed")
        yield from self._trigger("an avatar that was put down", lambda: self._placement.placed)
        yield from self._look(self._face, 0.8)
        yield from self._rest(0.6)
        self._note("placed")

    def _walk_round(self) -> Play:
        spot, head = self._placement.spot, self.state.head.pose.position
        far = math.hypot(head[0] - spot.x, head[2] - spot.z)
        first = math.atan2(head[0] - spot.x, head[2] - spot.z)
        for end, seconds, name in ((ROUND, 3.0, "walked"), (0.0, 2.5, "back")):
            begin = ROUND - end if name == "back" else 0.0
            for share in self._shares(seconds):
                angle = first + begin + share * (end - begin)
                eyes = spot.x + far * math.sin(angle), EYES, spot.z + far * math.cos(angle)
                self._stand(looking(eyes, self._face()))
                yield
            yield from self._rest(0.6)
            self._note(name)

    def _talk(self) -> Play:
        heard = self._heard
        yield from self._until("ears", lambda: heard.ready, 90)
        self._met.send(Ask(str(self._wavs[0])))
        yield from self._until("an answer", lambda: heard.state == "speaking", 40)
        yield from self._rest(1.6)
        self.notes.captions = self._opacity("captions")
        self._note("answer")
        self._met.send(Ask(str(self._wavs[1]), over=True))
        yield from self._until("an answer that stops when I speak", lambda: heard.interrupted, 30)
        self._note("interrupted")
        yield from self._until("the next answer", lambda: heard.answering(1), 40)
        yield from self._rest(0.8)
        self._note("second answer")
        yield from self._until("the end of the answer", lambda: len(heard.turns) > 1, 40)

    def _grab(self) -> Play:
        yield from self._aim(self._chest, 0.8)
        self._note("before the grab")
        before = self.state.right.pose
        yield from self._move(0.2, right={"squeeze": 1.0, "squeeze_force": 1.0})
        yield from self._rest(0.4)
        turn = Pose((0.0, -math.sin(SWING / 2), 0.0, math.cos(SWING / 2)))
        turned = matrix(turn)[:3, :3] @ matrix(before)[:3, :3]
        ahead = np.array(before.position) - turned[:, 2]
        yield from self._move(1.5, right={"pose": looking(before.position, ahead.tolist())})
        yield from self._rest(0.6)
        self._note("grabbed")
        yield from self._move(0.2, right={"squeeze": 0.0, "squeeze_force": 0.0})
        yield from self._look(self._face, 0.5)
        self._note("moved")

    def _scale(self) -> Play:
        yield from self._aim(self._chest, 0.6)
        self._note("before the stretch")
        head, right = self.state.head.pose, self.state.right.pose
        a, b = np.array(beside(head, (-APART[0] / 2, RIGHT[1], RIGHT[2]))), np.array(right.position)
        middle = (a + b) / 2
        way = (b - a) / np.linalg.norm(b - a)
        left = Pose(self.state.left.pose.orientation, _place(middle - way * APART[0] / 2))
        apart = float(np.linalg.norm(b - np.array(left.position)))
        yield from self._move(0.5, left={"pose": left})
        yield from self._move(0.2, right={"squeeze": 1.0, "squeeze_force": 1.0})
        yield from self._rest(0.3)
        yield from self._move(0.3, left={"curl": FIST})
        yield from self._rest(0.4)
        for wide, name in ((APART[1], "smaller"), (APART[2], "human size")):
            ratio = wide / APART[0] * apart
            hands = {"left": middle - way * ratio / 2, "right": middle + way * ratio / 2}
            yield from self._move(
                1.4,
                left={"pose": left._replace(position=_place(hands["left"]))},
                right={"pose": right._replace(position=_place(hands["right"]))},
            )
            yield from self._rest(0.8)
            self._note(name)
        yield from self._move(0.2, left={"curl": OPEN}, right={"squeeze": 0.0, "squeeze_force": 0.0})
        yield from self._move(0.5, left={"pose": Pose(position=beside(head, LEFT))})
        self._note("let go")

    def _menu(self) -> Play:
        yield from self._palm(opened=True)
        shown = self._shown("menu")
        assert shown is not None
        self.notes.menus.append(shown)
        x, y, z = shown.pose[:3, 3].tolist()
        self._note("menu")
        face = self._face()
        yield from self._look(lambda: (0.4 * face[0] + 0.6 * x, 0.4 * face[1] + 0.6 * y, 0.4 * face[2] + 0.6 * z), 0.6)
        yield from self._press(Does.CAPTIONS, "captions off", lambda: not self._panels.choices.captions)
        yield from self._press(Does.CAPTIONS, "captions on", lambda: self._panels.choices.captions)
        yield from self._press(Does.MUTE, "microphone off", lambda: self._panels.choices.muted)
        yield from self._press(Does.MUTE, "microphone on", lambda: not self._panels.choices.muted)
        yield from self._press(Does.SETTINGS, "settings", lambda: self._panels.place_of(Does.FIGURES) is not None)
        yield from self._press(Does.FIGURES, "figures on", lambda: self._opacity("figures") > 0.0)
        self.notes.figures_shown = True
        yield from self._press(Does.FIGURES, "figures off", lambda: self._shown("figures") is None)
        yield from self._palm(opened=False)
        yield from self._look(self._face, 0.6)

    def _lay_aside(self) -> Play:
        attendance = self._met.attendance
        self._note("before the headset was off")
        aside = self._aside()
        try:
            yield from self._until("a headset that is off", lambda: attendance.attention == Attention.AWAY, 30)
            self._note("taken off")
            yield from self._rest(2.0)
            aside.go()
            yield from self._until("a headset that is on", lambda: attendance.attention == Attention.HERE, 20)
        finally:
            aside.close()
        yield from self._rest(1.5)
        self._note("put on again")

    def _leave(self) -> Play:
        yield from self._palm(opened=True)
        self._note("menu again")
        panels = self._panels
        yield from self._press(Does.LEAVE, "leave?", lambda: panels.place_of(Does.MUTE) is None)
        yield from self._press(Does.LEAVE, "left", lambda: self._met.encounter.leaving)

    def _palm(self, *, opened: bool) -> Play:
        """Hold up the left palm until the menu is there, or gone."""
        yield from self._move(0.5, left={"pose": shown_palm(self.state.head.pose), "curl": OPEN})
        yield from self._until("the menu", lambda: self._panels.menu_open is opened)
        yield from self._move(0.5, left={"pose": Pose(position=beside(self.state.head.pose, LEFT))})
        if opened:
            yield from self._until("a menu that can be read", lambda: self._opacity("menu") >= 1.0)

    def _press(self, does: Does, name: str, done: Callable[[], bool]) -> Play:
        before = self._panels.choices
        yield from self._aim(lambda: self._entry(does), 0.6)
        yield from self._rest(0.2)
        yield from self._trigger(name, done)
        self.notes.presses[name] = before, self._panels.choices
        self._note(name)

    def _trigger(self, what: str, done: Callable[[], bool]) -> Play:
        yield from self._move(0.1, right={"trigger": 1.0, "trigger_click": True})
        try:
            yield from self._until(what, done)
        finally:
            self._be(right={"trigger": 0.0, "trigger_click": False})
        yield from self._rest(0.25)

    def _aim(self, target: Callable[[], Place], seconds: float) -> Play:
        """Point there with the right hand, and follow it."""
        first = self.state.right.pose
        for share in self._shares(seconds):
            hand = beside(self.state.head.pose, RIGHT)
            self._be(right={"pose": between(first, looking(hand, target()), share)})
            yield

    def _look(self, target: Callable[[], Place], seconds: float) -> Play:
        first = self.state.head.pose
        for share in self._shares(seconds):
            self.state = replace(
                self.state, head=replace(self.state.head, pose=between(first, looking(first.position, target()), share))
            )
            yield

    def _stand(self, head: Pose) -> None:
        """There, hands at rest."""
        right = beside(head, RIGHT)
        ahead = beside(head, (RIGHT[0], RIGHT[1] - 0.3, RIGHT[2] - 1.0))
        self.state = replace(
            self.state,
            head=replace(self.state.head, pose=head),
            left=replace(self.state.left, pose=Pose(position=beside(head, LEFT))),
            right=replace(self.state.right, pose=looking(right, ahead)),
        )

    def _move(self, seconds: float, **changes: Any) -> Play:
        script = Script(self.state).then(seconds, **changes)
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            self.state = script.at(now)
            yield
        self.state = script.last
        yield

    def _be(self, **changes: Any) -> None:
        self.state = Script(self.state).then(0.0, **changes).last

    def _rest(self, seconds: float) -> Play:
        """As long, and for two frames at least: the second one shows what the first one was told."""
        yield from self._move(seconds)
        yield

    def _shares(self, seconds: float) -> Iterator[float]:
        """Of a movement, at rest at both ends, for the frames that it takes."""
        begun = time.monotonic()
        while (x := (time.monotonic() - begun) / seconds) < 1.0:
            yield x * x * (3.0 - 2.0 * x)
        yield 1.0

    def _until(self, what: str, happened: Callable[[], bool], patience_s: float = 15.0) -> Play:
        deadline = time.monotonic() + patience_s
        while not happened():
            if time.monotonic() > deadline:
                raise StuckError(what)
            yield

    def _note(self, name: str) -> None:
        self.notes.at[name] = time.monotonic_ns()
        self.notes.spots[name] = self._placement.spot
        self.notes.heads[name] = matrix(self.state.head.pose)
        self.notes.hands[name] = matrix(self.state.right.pose)

    def _away(self, place: Place) -> float:
        spot = self._placement.spot
        return math.dist((spot.x, spot.z), (place[0], place[2]))

    def _face(self) -> Place:
        spot = self._placement.spot
        return spot.x, self._placement.floor + 1.5 * spot.scale, spot.z

    def _chest(self) -> Place:
        spot = self._placement.spot
        return spot.x, self._placement.floor + 1.15 * spot.scale, spot.z

    def _entry(self, does: Does) -> Place:
        place = self._panels.place_of(does)
        if place is None:
            raise StuckError(f"an entry {does}")
        return _place(place)

    def _shown(self, name: str) -> Shown | None:
        return next((shown for shown in self._panels.shown() if shown.panel.name == name), None)

    def _opacity(self, name: str) -> float:
        shown = self._shown(name)
        return shown.opacity if shown is not None else 0.0


def _place(point: F64) -> Place:
    x, y, z = point.tolist()
    return x, y, z
