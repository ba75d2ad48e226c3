"""What the guest does: each step waits for what the app does, points at where things are, and notes what was met.

A step is a generator that is gone on with after every frame.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation.link.events import Ask
from xr_app.guest import Met
from xr_app.panels.menu import Does
from xr_app.panels.panel import Shown
from xr_app.placement.place_file import read_place
from xr_app.poses import Pose, looking, matrix, moved
from xr_app.runtime.hand_poses import FIST, OPEN, shown_palm
from xr_app.runtime.remote import State
from xr_app.session.attention import Attention
from xr_app.visit.aside import Aside
from xr_app.visit.body import EYES, LEFT, RIGHT, beside
from xr_app.visit.headset import ROOM, VisitHeadset
from xr_app.visit.heard import Heard
from xr_app.visit.moves import Moves, Place, Play, StuckError
from xr_app.visit.notes import Notes, Step

F64 = NDArray[np.float64]

TARGET: Final = (0.35, ROOM.floor, -1.55)
"""Where on the floor the guest points, metres."""
TABLE: Final = (-1.075, ROOM.floor, -1.6)
"""Under the middle of the table, where they point first."""
ROUND: Final = 0.9
"""Radians that they walk round it, and back."""
SWING: Final = 0.3
"""Radians that they turn the pointer by which they hold it."""
APART: Final = (0.40, 0.26, 0.408)
"""Metres between the hands: as they take it, for a smaller one, and a little beyond human size."""
SPOKEN_S: Final = 3.0
"""For as long the headset is off at least."""
ORIGIN: Final = (0.35, 0.0, -0.2)
"""Where the room's origin lies from that of a runtime that begins anew."""


class Performance(Moves):
    """What is done by one guest.

    headset: that they wear; wavs: what they say: a question, another one that interrupts its answer, and what they
    say when the headset is off; aside: brings another app in front; place: the file that keeps where the avatar
    stands; state, pace: as Moves.
    """

    def __init__(
        self,
        met: Met,
        heard: Heard,
        headset: VisitHeadset,
        wavs: Sequence[Path],
        aside: Callable[[], Aside],
        place: Path,
        state: State,
        pace: float = 1.0,
    ) -> None:
        super().__init__(state, pace)
        self.notes = Notes()
        self._met, self._heard, self._headset, self._wavs = met, heard, headset, wavs
        self._aside, self._place_file = aside, place
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
            Step.OTHER_APP: self._other_app,
            Step.TAKE_OFF: self._take_off,
            Step.RESTART: self._restart,
            Step.LEAVE: self._leave,
        }
        for step in steps:
            yield from do[step]()

    def _place(self) -> Play:
        yield from self.until("a ghost", lambda: self._opacity("status") >= 1.0)
        self._note("ghost")
        self.notes.ghosts.append(not self._placement.placed)
        yield from self.until("a room that is known", lambda: not self._placement.room.empty)
        yield from self.look(lambda: (0.7 * TABLE[0], 1.1, TABLE[2]), 0.6)
        yield from self.aim(lambda: TABLE, 1.0)
        yield from self.until("a ghost that comes along", lambda: self._away(TARGET) > 0.6)
        yield from self._settled()
        self._note("at the table")
        yield from self.look(lambda: (0.0, 1.3, TARGET[2]), 0.6)
        yield from self.aim(lambda: TARGET, 1.2)
        yield from self.until("the ghost where I point", lambda: self._away(TARGET) < 0.04)
        self._note("pointed")
        yield from self.trigger("an avatar that was put down", lambda: self._placement.placed)
        yield from self.look(self._face, 0.8)
        yield from self.rest(0.6)
        self._note("placed")
        yield from self._see("placed")

    def _walk_round(self) -> Play:
        spot, head = self._placement.spot, self.state.head.pose.position
        far = math.hypot(head[0] - spot.x, head[2] - spot.z)
        first = math.atan2(head[0] - spot.x, head[2] - spot.z)
        for end, seconds, name in ((ROUND, 3.0, "walked"), (0.0, 2.5, "back")):
            begin = ROUND - end if name == "back" else 0.0
            for share in self.shares(seconds):
                angle = first + begin + share * (end - begin)
                eyes = spot.x + far * math.sin(angle), EYES, spot.z + far * math.cos(angle)
                self.stand(looking(eyes, self._face()))
                yield
            yield from self.rest(0.6)
            self._note(name)

    def _talk(self) -> Play:
        heard = self._heard
        yield from self.until("ears", lambda: heard.ready, 90)
        self._met.send(Ask(str(self._wavs[0])))
        yield from self.until("an answer", lambda: heard.state == "speaking", 40)
        yield from self.rest(1.6)
        self.notes.captions = self._opacity("captions")
        self._note("answer")
        self._met.send(Ask(str(self._wavs[1]), over=True))
        yield from self.until("an answer that stops when I speak", lambda: heard.interrupted, 30)
        self._note("interrupted")
        yield from self.until("the next answer", lambda: heard.answering(1), 40)
        yield from self.rest(0.8)
        self._note("second answer")
        yield from self.until("the end of the answer", lambda: len(heard.turns) > 1, 40)

    def _grab(self) -> Play:
        yield from self.aim(self._chest, 0.8)
        self._note("before the grab")
        before = self.state.right.pose
        yield from self.move(0.2, right={"squeeze": 1.0, "squeeze_force": 1.0})
        yield from self.rest(0.4)
        turn = Pose((0.0, -math.sin(SWING / 2), 0.0, math.cos(SWING / 2)))
        turned = matrix(turn)[:3, :3] @ matrix(before)[:3, :3]
        ahead = np.array(before.position) - turned[:, 2]
        yield from self.move(1.5, right={"pose": looking(before.position, ahead.tolist())})
        yield from self.rest(0.6)
        self._note("grabbed")
        yield from self.move(0.2, right={"squeeze": 0.0, "squeeze_force": 0.0})
        yield from self.look(self._face, 0.5)
        self._note("moved")

    def _scale(self) -> Play:
        yield from self.aim(self._chest, 0.6)
        self._note("before the stretch")
        head, right = self.state.head.pose, self.state.right.pose
        a, b = np.array(beside(head, (-APART[0] / 2, RIGHT[1], RIGHT[2]))), np.array(right.position)
        middle = (a + b) / 2
        way = (b - a) / np.linalg.norm(b - a)
        left = Pose(self.state.left.pose.orientation, _place(middle - way * APART[0] / 2))
        apart = float(np.linalg.norm(b - np.array(left.position)))
        yield from self.move(0.5, left={"pose": left})
        yield from self.move(0.2, right={"squeeze": 1.0, "squeeze_force": 1.0})
        yield from self.rest(0.3)
        yield from self.move(0.3, left={"curl": FIST})
        yield from self.rest(0.4)
        for wide, name in ((APART[1], "smaller"), (APART[2], "human size")):
            ratio = wide / APART[0] * apart
            hands = {"left": middle - way * ratio / 2, "right": middle + way * ratio / 2}
            yield from self.move(
                1.4,
                left={"pose": left._replace(position=_place(hands["left"]))},
                right={"pose": right._replace(position=_place(hands["right"]))},
            )
            yield from self.rest(0.8)
            self._note(name)
        yield from self.move(0.2, left={"curl": OPEN}, right={"squeeze": 0.0, "squeeze_force": 0.0})
        yield from self.move(0.5, left={"pose": Pose(position=beside(head, LEFT))})
        self._note("let go")

    def _menu(self) -> Play:
        yield from self._palm(opened=True)
        shown = self._shown("menu")
        assert shown is not None
        self.notes.menus.append(shown)
        x, y, z = shown.pose[:3, 3].tolist()
        self._note("menu")
        face = self._face()
        yield from self.look(lambda: (0.4 * face[0] + 0.6 * x, 0.4 * face[1] + 0.6 * y, 0.4 * face[2] + 0.6 * z), 0.6)
        yield from self._press(Does.CAPTIONS, "captions off", lambda: not self._panels.choices.captions)
        yield from self._press(Does.CAPTIONS, "captions on", lambda: self._panels.choices.captions)
        yield from self._press(Does.MUTE, "microphone off", lambda: self._panels.choices.muted)
        yield from self._press(Does.MUTE, "microphone on", lambda: not self._panels.choices.muted)
        for name, on in (("stage", False), ("room", True)):
            yield from self._press(Does.PASSTHROUGH, name, lambda on=on: self._panels.choices.passthrough is on)  # type: ignore[misc]
            yield from self._see(name)
        yield from self._press(Does.SETTINGS, "settings", lambda: self._panels.place_of(Does.FIGURES) is not None)
        yield from self._press(Does.FIGURES, "figures on", lambda: self._opacity("figures") > 0.0)
        self.notes.figures_shown = True
        yield from self._press(Does.FIGURES, "figures off", lambda: self._shown("figures") is None)
        yield from self._palm(opened=False)
        yield from self.look(self._face, 0.6)

    def _other_app(self) -> Play:
        attendance = self._met.attendance
        self._note("before the other app")
        aside = self._aside()
        try:
            yield from self.until("another app", lambda: attendance.attention == Attention.ELSEWHERE, 30)
            self._note("behind the other app")
            gone = time.monotonic_ns()
            yield from self.wait(1.5)
            aside.go()
            yield from self.until("the end of it", lambda: attendance.attention == Attention.HERE, 20)
        finally:
            aside.close()
        self.notes.dark.append((gone, time.monotonic_ns()))
        yield from self.rest(1.0)
        self._note("in front again")

    def _take_off(self) -> Play:
        attendance, heard, headset = self._met.attendance, self._heard, self._headset
        yield from self.until("ears", lambda: heard.ready, 90)
        self._note("before the headset was off")
        headset.take_off()
        yield from self.until("a headset that is off", lambda: attendance.attention == Attention.AWAY)
        self._note("taken off")
        self._met.send(Ask(str(self._wavs[2]), over=True))
        headset.lay_down()
        yield from self.until("a headset that rests", lambda: headset.rests[0] > 0)
        self._note("laid down")
        # What is said takes as long as it takes, and another while for an answer that must not come.
        yield from self.wait(SPOKEN_S)
        self._note("taken up")
        headset.put_on()
        yield from self.until("a headset that is on", lambda: attendance.attention == Attention.HERE)
        yield from self.rest(1.2)
        self.notes.dark.append((self.notes.at["laid down"], self.notes.at["taken up"]))
        self.notes.rests = headset.rests
        self._note("put on again")
        said = len(heard.words)
        self._met.send(Ask(str(self._wavs[2]), over=True))
        yield from self.until("ears that are open", lambda: len(heard.words) > said, 30)
        self._note("heard again")

    def _restart(self) -> Play:
        before = self._placement.spot
        kept = read_place(self._place_file)
        name = kept.anchor if kept is not None else None
        self.notes.anchored = name is not None and self._headset.stores(bytes.fromhex(name.uuid))
        self._note("before the restart")
        origin = np.eye(4)
        origin[:3, 3] = ORIGIN
        self._headset.restart(origin)
        yield from self.until("a headset that is back", lambda: bool((self._headset.origin == origin).all()), 60)
        gone = self.notes.at["before the restart"]
        self.notes.dark.append((gone, time.monotonic_ns()))
        there = before.seen_from(origin)
        yield from self.until("an avatar at its anchor", lambda: self._away((there.x, 0.0, there.z)) < 0.03, 30)
        yield from self.rest(1.0)
        self.notes.origin = origin
        self._note("found again")

    def carried(self, change: F64) -> None:
        """Everybody stays where they are, told from another origin."""
        left, right = self.state.left, self.state.right
        self.be(
            head=moved(self.state.head.pose, change),
            left={"pose": moved(left.pose, change)},
            right={"pose": moved(right.pose, change)},
        )

    def _leave(self) -> Play:
        yield from self._palm(opened=True)
        self._note("menu again")
        panels = self._panels
        yield from self._press(Does.LEAVE, "leave?", lambda: panels.place_of(Does.MUTE) is None)
        yield from self._press(Does.LEAVE, "left", lambda: self._met.encounter.leaving)

    def _palm(self, *, opened: bool) -> Play:
        """Hold up the left palm until the menu is there, or gone."""
        yield from self.move(0.5, left={"pose": shown_palm(self.state.head.pose), "curl": OPEN})
        yield from self.until("the menu", lambda: self._panels.menu_open is opened)
        yield from self.move(0.5, left={"pose": Pose(position=beside(self.state.head.pose, LEFT))})
        if opened:
            yield from self.until("a menu that can be read", lambda: self._opacity("menu") >= 1.0)

    def _press(self, does: Does, name: str, done: Callable[[], bool]) -> Play:
        before = self._panels.choices
        yield from self.aim(lambda: self._entry(does), 0.6)
        yield from self.rest(0.2)
        yield from self.trigger(name, done)
        self.notes.presses[name] = before, self._panels.choices
        self._note(name)

    def _note(self, name: str) -> None:
        self.notes.at[name] = time.monotonic_ns()
        self.notes.spots[name] = self._placement.spot
        self.notes.heads[name] = matrix(self.state.head.pose)
        self.notes.hands[name] = matrix(self.state.right.pose)

    def _see(self, name: str) -> Play:
        """Look at what is shown."""
        headset = self._headset
        headset.look()
        yield from self.until("a picture", lambda: headset.seen is not None)
        assert headset.seen is not None
        self.notes.rooms[name], self.notes.eyes[name] = headset.shown(), headset.seen

    def _settled(self) -> Play:
        """Wait until the avatar has come to stand."""
        spot, since, frames = self._placement.spot, time.monotonic(), 0
        patience = time.monotonic() + 5.0
        while (time.monotonic() - since < 0.4 or frames < 4) and time.monotonic() < patience:
            yield
            now, frames = self._placement.spot, frames + 1
            if math.dist((now.x, now.z), (spot.x, spot.z)) > 0.003:
                spot, since, frames = now, time.monotonic(), 0

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
