"""Checks that do not hold, where what was met is not as it should be."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from conversation.audio.recording import Recording
from conversation.link.audio_events import QuestionLabelled
from conversation.link.face_curve import FaceCurve
from render.load import Quality
from render.stages.compose import Veil
from render.view import View, look_at_pose
from xr_app.av_offset import SILENT
from xr_app.frame_log import FrameLog, ShownFrame
from xr_app.placement.spot import Spot, facing
from xr_app.report import Measured
from xr_app.visit.check import Evidence
from xr_app.visit.checks import NAMES, check_all
from xr_app.visit.headset import ROOM, RoomShown
from xr_app.visit.headset_checks import saw_through
from xr_app.visit.heard import Heard
from xr_app.visit.notes import Notes, Step
from xr_app.visit.script import SWING, TARGET

SECOND = 1_000_000_000
EYES = look_at_pose((0.0, 1.6, 0.0), (TARGET[0], 1.5, TARGET[2]))


SEEN, STAGE = RoomShown(cameras=True, clear=True, share=0.8), RoomShown(cameras=False, clear=False, share=0.0)
STEPS = (Step.PLACE, Step.GRAB, Step.SCALE, Step.OTHER_APP, Step.TAKE_OFF, Step.RESTART)
BESIDE = Spot(ROOM.table.high[0] + 0.35, ROOM.table.high[2])
QUESTION = "Hello, can you hear me?"


def log(distance: float = 1.6, opacity: float = 0.5, floor: float = ROOM.floor, *, restless: bool = False) -> FrameLog:
    """Ten frames a second for 13 s, none between 7.2 and 10 s."""
    model = np.eye(4)
    model[1:3, 3] = floor, -distance
    views = (View(EYES, (-0.6, 0.6, 0.6, -0.6), 64, 64),) * 2
    face = np.zeros(52, np.float32)
    frames = [
        ShownFrame(k * SECOND // 10, EYES, views, face, True, False, 1.0, Quality(100, 1.0), model, Veil(opacity))
        for k in range(130)
        if restless or not 72 < k < 100
    ]
    return FrameLog(0, 1, frames)


def notes() -> Notes:
    """Of a visit in which all went well."""
    stood = facing(TARGET[0], TARGET[2], EYES)
    found = Notes(ghosts=[True], rests=(1, 1), anchored=True)
    for number, name in enumerate(
        (
            *("ghost", "at the table", "pointed", "placed", "before the grab", "moved", "smaller", "let go"),
            *("before the other app", "behind the other app", "in front again"),
            *("before the headset was off", "taken off", "laid down", "taken up", "put on again", "heard again"),
            *("before the restart", "found again"),
        ),
        1,
    ):
        found.at[name], found.spots[name] = number * SECOND // 2, stood
        found.heads[name] = found.hands[name] = EYES
    found.rooms = {"placed": SEEN, "stage": STAGE, "room": SEEN}
    # Round the hand, as far as the pointer turned to the right.
    x, z = stood.x, stood.z
    c, s = math.cos(SWING), math.sin(SWING)
    found.spots["at the table"] = BESIDE
    found.spots["moved"] = Spot(c * x - s * z, s * x + c * z)
    found.spots["smaller"] = Spot(scale=0.65)
    found.at |= {"laid down": 7 * SECOND, "taken up": 10 * SECOND, "put on again": 11 * SECOND}
    found.origin[:3, 3] = 0.3, 0.0, 0.0
    found.spots["found again"] = stood.seen_from(found.origin)
    return found


def heard(**changes: Any) -> Heard:
    half = SECOND // 2
    met = Heard(
        mutes=[(9 * half + 1, True), (11 * half - 1, False), (13 * half - 1, True), (21 * half, False)],
        words=[(23 * half, QUESTION)],
        told=[(13 * half - 1, "The headset is off: the avatar waits, and the microphone is muted.")],
    )
    return replace(met, **changes)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Of a guest who spoke from 7 to 8 s, of which nothing was let through, and from 11 s on, of which all was."""
    folder = tmp_path_factory.mktemp("recording")
    samples = np.full(13 * 16_000, 0.1, np.float32)
    samples[7 * 16_000 : 8 * 16_000] = 0.0
    soundfile.write(folder / "microphone.wav", samples, 16_000)
    labels = tuple(QuestionLabelled("hello.wav", first * SECOND, (first + 1) * SECOND) for first in (7, 11))
    nothing = FaceCurve(np.zeros(0), np.zeros((0, 52), np.float32), 24_000)
    return Recording(folder, folder / "microphone.wav", 0, folder / "none.wav", 0, nothing, np.zeros((0, 2)), labels)


def evidence(
    recording: Recording, met: Notes, shown: FrameLog, *, heard_: Heard | None = None, validation: str | None = ""
) -> Evidence:
    report = Measured(renderer="llvmpipe").report(shown, SILENT, None)
    return Evidence(met, shown, heard_ or heard(), recording, report, ("", "", QUESTION), validation)


def checks(recording: Recording, met: Notes, shown: FrameLog, **more: Any) -> dict[str, bool]:
    return {check.name: check.ok for check in check_all(evidence(recording, met, shown, **more), STEPS)}


def changed(**spots: Spot) -> Notes:
    met = notes()
    met.spots |= {name.replace("_", " "): spot for name, spot in spots.items()}
    return met


def test_a_good_visit_has_nothing_wrong(recording: Recording) -> None:
    found = checks(recording, notes(), log())
    assert list(found) == [name for step in (*STEPS, None) for name in NAMES[step]]
    assert [name for name, ok in found.items() if not ok] == []


STOOD = notes().spots["placed"]
WORDS = [(15 * SECOND // 2, "hello"), (23 * SECOND // 2, QUESTION)]


@pytest.mark.parametrize(
    ("name", "met", "shown", "more"),
    [
        ("ghost_first", notes(), log(opacity=1.0), {}),
        ("ghost_first", notes(), log(opacity=0.0), {}),
        ("not_on_the_table", changed(at_the_table=Spot(-1.0, -1.6)), log(), {}),
        ("not_on_the_table", changed(at_the_table=Spot(ROOM.table.high[0] + 0.1, -1.6)), log(), {}),
        ("stands_where_pointed", changed(placed=facing(TARGET[0] + 0.2, TARGET[2], EYES)), log(), {}),
        ("stands_on_the_floor", notes(), log(floor=0.0), {}),
        ("faces_the_user", changed(placed=Spot(TARGET[0], TARGET[2], 1.5)), log(), {}),
        ("moved_by_the_hand", changed(moved=notes().spots["before the grab"]), log(), {}),
        ("grew_smaller", changed(smaller=Spot()), log(), {}),
        ("caught_at_human_size", changed(let_go=Spot(scale=1.03)), log(), {}),
        ("microphone_shut_behind_another_app", notes(), log(), {"heard_": heard(mutes=[])}),
        ("microphone_open_in_front_again", notes(), log(), {"heard_": heard(mutes=heard().mutes[:1])}),
        ("microphone_shut_while_off", notes(), log(), {"heard_": heard(mutes=heard().mutes[:2])}),
        ("microphone_open_again", notes(), log(), {"heard_": heard(mutes=heard().mutes[:3])}),
        ("said_that_it_is_shut", notes(), log(), {"heard_": heard(told=[])}),
        ("not_heard_while_off", notes(), log(), {"heard_": heard(words=WORDS)}),
        ("rests_while_off", notes(), log(restless=True), {}),
        ("rests_while_off", replace(notes(), rests=(0, 0)), log(), {}),
        ("same_place_again", changed(put_on_again=replace(STOOD, x=STOOD.x + 0.05)), log(), {}),
        ("heard_again", notes(), log(), {"heard_": heard(words=[])}),
        ("place_kept_by_an_anchor", replace(notes(), anchored=False), log(), {}),
        ("found_by_its_anchor", changed(found_again=STOOD), log(), {}),
        ("arms_length", notes(), log(distance=0.5), {}),
        ("no_failure", notes(), log(), {"heard_": heard(failures=["The microphone is gone."])}),
        ("validation_silent", notes(), log(), {"validation": None}),
        ("validation_silent", notes(), log(), {"validation": "[VALID_ERROR | VUID-xrEndFrame] wrong\n"}),
        ("whole_visit", Notes(stuck="a ghost"), log(), {}),
        ("moved_by_the_hand", Notes(), log(), {}),
    ],
)
def test_what_is_wrong_is_found(
    recording: Recording, name: str, met: Notes, shown: FrameLog, more: dict[str, Any]
) -> None:
    assert checks(recording, met, shown, **more)[name] is False


def test_what_was_said_is_not_let_through(recording: Recording, tmp_path: Path) -> None:
    samples, rate = soundfile.read(recording.microphone_wav, dtype="float32")
    samples[7 * rate + 8_000] = 0.01
    soundfile.write(tmp_path / "leaky.wav", samples, rate)
    leaky = replace(recording, microphone_wav=tmp_path / "leaky.wav")
    assert checks(leaky, notes(), log())["not_heard_while_off"] is False
    assert checks(replace(recording, questions=()), notes(), log())["not_heard_while_off"] is False


@pytest.mark.parametrize(
    ("rooms", "wanted"),
    [
        ({}, [True, True]),
        ({"placed": replace(SEEN, cameras=False)}, [False, True]),
        ({"placed": replace(SEEN, clear=False)}, [False, True]),
        ({"placed": replace(SEEN, share=0.1)}, [False, True]),
        ({"stage": replace(STAGE, cameras=True)}, [True, False]),
        ({"stage": replace(STAGE, share=0.1)}, [True, False]),
        ({"room": STAGE}, [True, False]),
    ],
)
def test_the_room_is_seen_when_it_is_wished_for(
    recording: Recording, rooms: dict[str, RoomShown], wanted: list[bool]
) -> None:
    met = notes()
    met.rooms |= rooms
    assert [check.ok for check in saw_through(evidence(recording, met, log()))] == wanted
