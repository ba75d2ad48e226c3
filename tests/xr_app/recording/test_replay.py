"""A session is kept and played again: the same pictures, byte for byte, whatever was done in it."""

from __future__ import annotations

import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets.arkit import INDEX
from assets.avatar import Avatar
from assets.errors import VisavisError
from conversation.link.events import AppEvent, Caption, CaptionWord, StateChanged, Transcript, TurnDone
from conversation.timings import TurnTimings
from render.gl.targets import read_srgb
from render.load import Quality
from render.measure.cloud import make_cloud
from tests.xr_app.unseen_live import likeness_on
from xr_app.desktop.stage import Stage
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.display import Board
from xr_app.displays import Shown
from xr_app.encounter import Encounter
from xr_app.errors import SessionLostError, TapeError
from xr_app.exchange import height_of
from xr_app.input.input import XrInput
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.live import Live
from xr_app.panels.boards import PaintedBoard
from xr_app.panels.menu import Choices
from xr_app.panels.panels import Panels
from xr_app.panels.quad_layer import QuadLayers
from xr_app.placement.placing import Placement
from xr_app.preferences import Preferences
from xr_app.recording.deck import Deck
from xr_app.recording.notes import Opened
from xr_app.recording.played import PlayedDisplay, PlayedHands
from xr_app.recording.recorder import Recorder, recording
from xr_app.recording.replay import Replayed, replay
from xr_app.recording.rows import STREAMS
from xr_app.recording.tape import Tape
from xr_app.runtime.headset_runtime import HeadsetRuntime
from xr_app.session.attention import Attention
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.light import RoomLight
from xr_app.surroundings.surroundings import Surroundings
from xr_app.wishes import Wishes

FRAMES = 54
ALONE = 3
"""Frames before the avatar is there."""
CHOICES = Choices(figures=True, preferences=Preferences(text_size=1.25, fade=0.9))
WAITING = "Loading somebody …"
LIGHT = Asked(see_through=True, light=RoomLight(0.8, 4000.0))


class Doing:
    """A user who opens the menu, points at it, and later takes the avatar by the shoulder and moves it."""

    def read(self, frame: Frame) -> Inputs:
        n = frame.index
        aim = frame.head.copy()
        aim[:3, 3] += (0.002 * n, -0.25, 0.0)
        aim[:3, :3] = frame.head[:3, :3] @ np.array([[0.98, 0, 0.2], [0, 1, 0], [-0.2, 0, 0.98]])
        grip = aim.copy()
        grip[:3, 3] += 0.01 * max(n - 40, 0) * frame.head[:3, 0]
        right = Hand(Source.CONTROLLER, aim=aim, grip=grip, select=n in range(22, 26), grab=n > 40, stick=(0.5, 0.1))
        return Inputs(right=right, menu=n in (10, 35), gaze=frame.head if n % 2 else None)

    def feel(self, pulses: object, *, busy: bool) -> None:
        pass


class Watched:
    """A board after which the pictures are remembered."""

    def __init__(self, board: Board, pictures: list[list[Any]]) -> None:
        self._board, self._pictures = board, pictures
        self.bring, self.close, self.painted = board.bring, board.close, board.painted

    def show(self, frame: Frame, shown: Any) -> None:
        self._board.show(frame, shown)
        self._pictures.append([read_srgb(target) for target in frame.targets])


EVENTS: dict[int, AppEvent] = {
    4: StateChanged("listening", 0),
    9: Transcript(1, "你好，is anybody there?"),
    12: StateChanged("speaking", 1),
    14: Caption(1, 0, 0, 48_000, (CaptionWord("No", 0, 24_000), CaptionWord("one.", 24_000, 48_000)), "happy", 0.5),
    50: TurnDone(TurnTimings(1, "is anybody there?", "No one.")),
}  # fmt: skip


ATTENTION = {16: Attention.ELSEWHERE, 30: Attention.HERE}
"""By the count of frames."""


def talking(time_ns: int, ahead_s: float = 0.0, /) -> Any:
    face = np.zeros(52, np.float32)
    face[INDEX["jawOpen"]] = 0.5 + 0.5 * np.sin(time_ns / 1e8 + ahead_s)
    return face


class Talk:
    """As talk.py holds it."""

    def __init__(self, tape: Recorder, avatar: Avatar) -> None:
        self._tape, self._avatar = tape, avatar
        self._placement = Placement()
        self._encounter = Encounter(
            self._placement,
            Panels(CHOICES, clock=tape.clock(time.perf_counter)),
            Wishes(lambda command: None, lambda text: None, voice=True, push_to_talk=False),
            heard_at=tape.heard_at(lambda ns: (ns % 10**10) * 24e-6),
            keep=lambda name, value: None,
        )
        self._count = 0
        self.live: Live | None = None
        self.pictures: list[list[Any]] = []

    def on(self, shown: Shown, frames: int) -> None:
        """Be on a display until so many frames have begun on all of them."""
        tape, board, encounter = self._tape, shown.board, self._encounter
        before = self.live.kept if self.live is not None else None
        shown = tape.shown(replace(shown, board=lambda panels: Watched(board(panels), self.pictures)))
        survey = shown.survey(self._placement)
        if before is None:
            self._placement.stand()
        self.live = live = Live(
            shown.display,
            tape.face_at(talking),
            encounter=encounter,
            hands=shown.hands,
            board=shown.board(encounter.panels),
            survey=survey,
            surroundings=shown.surroundings(LIGHT),
            on_placed=lambda: shown.walk(time.monotonic_ns()),
            on_mouth=lambda mouth: None,
            on_frame=lambda: self._goes_on(live, frames),
            kept=before,
        )
        tape.opened(shown, time.monotonic_ns(), WAITING)
        encounter.wait_for(WAITING)
        self._display, self._alone = shown.display, ALONE
        live.run()

    def _goes_on(self, live: Live, frames: int) -> bool:
        self._count += 1
        if (attention := ATTENTION.get(self._count)) is not None:
            self._tape.attend(attention)
            self._encounter.attend(attention)
        if (event := EVENTS.get(self._count)) is not None:
            now_ns = time.monotonic_ns()
            self._tape.told(event, now_ns)
            self._encounter.take(event, now_ns)
            live.take(event, now_ns)
        if live.likeness is None:
            self._alone -= 1
            if self._alone == 0:
                self._arrive(live)
        return self._count < frames

    def _arrive(self, live: Live) -> None:
        tape = self._tape
        likeness = likeness_on(self._display, self._avatar, make_pace=tape.make_pace, make_meter=tape.make_meter)
        live.meet(likeness, tape.arrived(likeness, time.monotonic_ns()))
        self._encounter.wait_for("")
        self._encounter.meet(height_of(self._avatar))


@contextmanager
def unseen() -> Iterator[Shown]:
    with UnseenDisplay((160, 90)) as display:
        yield Shown(
            display,
            lambda asked: Stage(display, asked),
            display.walk,
            lambda text: None,
            Doing(),
            lambda panels: PaintedBoard(display.ctx, None),
            lambda placement: lambda frame: placement.recentred(frame.moved) if frame.recentred else None,
            attended=False,
        )


@contextmanager
def headset() -> Iterator[Shown]:
    with HeadsetRuntime(simulated=True) as runtime, XrSession(runtime.environment, eye_size=(64, 64)) as opened:
        yield Shown(
            opened,
            lambda asked: Surroundings(opened, asked),
            runtime.walk,
            lambda text: None,
            XrInput(opened),
            lambda panels: QuadLayers(opened, panels.every),
            lambda placement: lambda frame: None,
            attended=False,
        )


@contextmanager
def taped(path: Path, avatar: Avatar) -> Iterator[Talk]:
    with recording(
        path, hashes=True, voice=True, push_to_talk=False, choices=CHOICES, sound=None,
        say=pytest.fail,
    ) as tape:  # fmt: skip
        yield Talk(tape, avatar)


def kept(path: Path, avatar: Avatar, opened: Callable[[], Any], frames: int = FRAMES) -> tuple[Live, list[list[Any]]]:
    with taped(path, avatar) as talk, opened() as shown:
        talk.on(shown, frames)
    assert talk.live is not None
    return talk.live, talk.pictures


def played(path: Path, avatar: Avatar) -> tuple[Replayed, list[list[Any]]]:
    """A tape played to its end, and every picture of it."""
    pictures: list[list[Any]] = []

    def look(number: int, frame: Frame) -> bool:
        pictures.append([read_srgb(target) for target in frame.targets])
        return True

    with Tape(path) as tape:
        return replay(tape, avatar, look=look), pictures


@pytest.mark.parametrize(("opened", "frames"), [(unseen, FRAMES), (headset, 24)])
def test_the_same_pictures(tmp_path: Path, opened: Callable[[], Any], frames: int) -> None:
    path, avatar = tmp_path / "talk.visit", make_cloud(2000)
    live, seen = kept(path, avatar, opened, frames)
    assert len(seen) == live.pictures > len(live.log.frames) > frames // 2  # nobody was there at first
    replayed, again = played(path, avatar)
    assert replayed.remarks == [] and replayed.unlike == [] and replayed.alike >= 1
    assert len(again) == len(seen)
    for number, (before, after) in enumerate(zip(seen, again, strict=True)):
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)), number
    assert len(np.unique(seen[-1][0].reshape(-1, 4), axis=0)) > 30  # something is to be seen
    for a, b in zip(live.log.frames, replayed.log.frames, strict=True):
        assert (a.seen_ns, a.quality, a.sorted, a.cpu_ms, a.late) == (b.seen_ns, b.quality, b.sorted, b.cpu_ms, b.late)
        np.testing.assert_array_equal(a.model, b.model)
        np.testing.assert_array_equal(a.expression, b.expression)
    assert live.log.score.entries == replayed.log.score.entries
    if opened is unseen:
        assert [turn.said for turn in replayed.turns] == ["No one."]
        moved = replayed.log.frames[-1].model[:3, 3] - replayed.log.frames[30].model[:3, 3]
        assert np.linalg.norm(moved) > 0.005  # it was taken by the hand


def test_a_display_that_was_lost(tmp_path: Path) -> None:
    path, avatar = tmp_path / "talk.visit", make_cloud(500)

    class Lost(Doing):
        def read(self, frame: Frame) -> Inputs:
            if frame.index == 12:
                raise SessionLostError("gone")
            return super().read(frame)

    with taped(path, avatar) as talk:
        with pytest.raises(SessionLostError), unseen() as shown:
            talk.on(replace(shown, hands=Lost()), 99)
        with unseen() as shown:
            talk.on(shown, 22)
    replayed, again = played(path, avatar)
    assert replayed.frames == 23 and replayed.remarks == [] and len(again) == len(talk.pictures) == 22
    assert all(
        np.array_equal(a, b)
        for one, two in zip(talk.pictures, again, strict=True)
        for a, b in zip(one, two, strict=True)
    )


def test_a_session_in_which_nobody_came(tmp_path: Path) -> None:
    path, said = tmp_path / "talk.visit", []
    with (
        recording(
            path, hashes=True, voice=True, push_to_talk=False, choices=Choices(), sound=None, say=said.append
        ) as tape,
        unseen() as shown,
    ):
        Talk(tape, make_cloud(50)).on(shown, ALONE - 1)
    assert len(said) == 1 and "before the avatar was there" in said[0]
    assert not list(tmp_path.iterdir())


def test_another_size_and_another_avatar(tmp_path: Path) -> None:
    path = tmp_path / "talk.visit"
    live, _ = kept(path, make_cloud(500), unseen, 33)
    sizes = []

    def look(number: int, frame: Frame) -> bool:
        sizes.append(frame.targets[0].size)
        return number < 32

    with Tape(path) as tape:
        other = replay(tape, make_cloud(400), rows=45, quality=Quality(100, 1.0), look=look)
    assert sizes == [(80, 45)] * 32 and other.frames == 32
    assert len(other.remarks) == 1 and "another avatar" in other.remarks[0]
    assert other.alike == 0 and other.unlike == []  # nothing to compare with
    np.testing.assert_array_equal(other.log.frames[9].head, live.log.frames[9].head)
    with Tape(path) as tape:
        assert replay(tape, make_cloud(500, seed=9)).unlike == [31]  # the first shows nobody yet


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tape") / "short.visit"
    kept(path, make_cloud(100), unseen, 5)
    return path


def changed(path: Path, into: Path, stream: str, fields: dict[str, Any]) -> Path:
    """The tape with other values in the last rows of a stream, whose hashes are right."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(into, "w") as new:
        members = {name: old.read(name) for name in old.namelist()}
        rows = np.frombuffer(members[f"{stream}/000000"], STREAMS[stream]).copy()
        for field, value in fields.items():
            rows[field][-2:] = value
        data = members[f"{stream}/000000"] = rows.tobytes()
        header = json.loads(members["tape.json"])
        header["members"][f"{stream}/000000"]["sha256"] = hashlib.sha256(data).hexdigest()
        members["tape.json"] = json.dumps(header).encode()
        for name, content in members.items():
            new.writestr(name, content)
    return into


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 1 << 30),
        ("drawn", -1),
        ("views", 0),
        ("views", 255),
        ("head", np.nan),
        ("pose", 1e300),
        ("fov", np.inf),
        ("display", -(1 << 62)),
        ("display", 1 << 62),
        ("flags", 7),  # moved by no pose
    ],
)
def test_frames_that_are_made_up(short: Path, tmp_path: Path, field: str, value: Any) -> None:
    with Tape(changed(short, tmp_path / "made.visit", "frames", {field: value})) as tape:
        opened = next(note for note in tape.notes() if isinstance(note, Opened))
        display = PlayedDisplay(Deck(tape), tape.rows("frames"), opened, tape.header.frames, None)
        with pytest.raises(VisavisError):
            list(display.frames())


def test_inputs_that_are_made_up(short: Path, tmp_path: Path) -> None:
    with Tape(changed(short, tmp_path / "made.visit", "inputs", {"hands": 255})) as tape:
        deck = Deck(tape)
        deck.begun = tape.header.frames
        with pytest.raises(TapeError):
            PlayedHands(deck).read(None)  # type: ignore[arg-type]


def test_numbers_that_mean_nothing_harm_nothing(short: Path, tmp_path: Path) -> None:
    made: dict[str, dict[str, Any]] = {
        "frames": {"ended": -(1 << 62), "period": -1},
        "quality": {"scale": np.nan, "gaussians": -5},
        "face": {"face": np.nan},
        "heard": {"sample": np.inf},
        "clock": {"seconds": np.nan},
        "inputs": {"frame": -7},
    }
    path = short
    for stream, fields in made.items():
        path = changed(path, tmp_path / f"{stream}.visit", stream, fields)
    with Tape(path) as tape:
        assert replay(tape, make_cloud(100)).frames == tape.header.frames
