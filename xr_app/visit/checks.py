"""What a visit has to show, check by check: each with a stable name, whether it held, and the figure behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.frame_log import FrameLog
from xr_app.placement.motion import ARM
from xr_app.placement.placing import GHOST
from xr_app.placement.room import CLEARANCE
from xr_app.placement.spot import Spot, turned
from xr_app.visit import headset_checks, talk_checks
from xr_app.visit.check import Check, Checks, Evidence
from xr_app.visit.headset import ROOM
from xr_app.visit.notes import Notes, Step
from xr_app.visit.script import SWING, TARGET

F64 = NDArray[np.float64]

LATE: Final = 0.02
"""Share of the frames."""
SLOWEST: Final = 3.0
"""Frames a second that a software GPU draws beside a conversation, none of which can be in time."""
_SOFTWARE: Final = ("llvmpipe", "softpipe", "swiftshader")


def check_all(seen: Evidence, steps: Sequence[Step]) -> list[Check]:
    """In the visit's order, those of these steps; what was not reached did not hold."""
    parts: dict[Step | None, tuple[Checks, ...]] = {
        Step.PLACE: (_placed(seen.notes, seen.log),),
        Step.WALK: (_walked(seen.notes, seen.log),),
        Step.TALK: (talk_checks.talked(seen),),
        Step.GRAB: (_grabbed(seen.notes),),
        Step.SCALE: (_scaled(seen.notes),),
        Step.MENU: (_pressed(seen.notes), headset_checks.saw_through(seen)),
        Step.OTHER_APP: (headset_checks.behind(seen),),
        Step.TAKE_OFF: (headset_checks.taken_off(seen),),
        Step.RESTART: (headset_checks.began_anew(seen),),
        None: (_throughout(seen),),
    }
    found: dict[str, Check] = {}
    for step in (*steps, None):
        found |= {name: Check(name, False, "not reached") for name in NAMES.get(step, ())}
        for part in parts.get(step, ()):
            with suppress(KeyError, IndexError):
                for check in part:
                    found[check.name] = check
    return list(found.values())


NAMES: Final[Mapping[Step | None, tuple[str, ...]]] = {
    Step.PLACE: (
        "ghost_first",
        "not_on_the_table",
        "stands_where_pointed",
        "stands_on_the_floor",
        "faces_the_user",
        "looks_at_the_user",
    ),
    Step.WALK: ("faces_who_walked_round",),
    Step.TALK: (
        "questions_heard",
        "answered",
        "answers_in_time",
        "captions_with_the_voice",
        "interruption_obeyed",
        "falls_silent",
        "face_rests",
        "lips_with_the_voice",
    ),
    Step.GRAB: ("moved_by_the_hand",),
    Step.SCALE: ("grew_smaller", "caught_at_human_size"),
    Step.MENU: (
        "menu_in_view",
        "menu_readable",
        "captions_switched",
        "figures_switched",
        "microphone_switched",
        "room_seen",
        "room_switched",
    ),
    Step.OTHER_APP: ("microphone_shut_behind_another_app", "microphone_open_in_front_again"),
    Step.TAKE_OFF: (
        "microphone_shut_while_off",
        "said_that_it_is_shut",
        "not_heard_while_off",
        "rests_while_off",
        "microphone_open_again",
        "same_place_again",
        "heard_again",
    ),
    Step.RESTART: ("place_kept_by_an_anchor", "found_by_its_anchor"),
    None: ("arms_length", "frames_in_time", "no_failure", "validation_silent", "whole_visit"),
}
"""Of all checks, by step; None: of the whole visit."""


def _placed(notes: Notes, log: FrameLog) -> Checks:
    seen = max(frame.veil.opacity for frame in log.frames if frame.seen_ns < notes.at["pointed"])
    ghost = notes.ghosts[0] and 0.3 <= seen <= GHOST + 1e-6
    yield Check("ghost_first", ghost, f"{seen:.0%} of it is seen before it is put down")
    beside = notes.spots["at the table"]
    (x0, _, z0), (x1, _, z1) = ROOM.table.low, ROOM.table.high
    gap = math.hypot(max(x0 - beside.x, beside.x - x1, 0.0), max(z0 - beside.z, beside.z - z1, 0.0))
    told = f"{100 * gap:.0f} cm beside it, pointed at its middle"
    yield Check("not_on_the_table", CLEARANCE - 0.02 <= gap <= 1.0, told)
    spot = notes.spots["placed"]
    away = math.dist((spot.x, spot.z), (TARGET[0], TARGET[2]))
    yield Check("stands_where_pointed", away <= 0.15, f"{100 * away:.1f} cm")
    height = float(log.standing_at(notes.at["placed"])[0][1, 3])
    told = f"feet at {100 * height:.1f} cm, the floor at {100 * ROOM.floor:.1f} cm"
    yield Check("stands_on_the_floor", abs(height - ROOM.floor) <= 0.01, told)
    off = _off(spot, notes.heads["placed"])
    yield Check("faces_the_user", off <= 10, f"{off:.1f} degrees")
    face = _face_off(log, notes.at["placed"])
    yield Check("looks_at_the_user", face <= 20, f"face turned {face:.1f} degrees from their eyes")


def _walked(notes: Notes, log: FrameLog) -> Checks:
    face = _face_off(log, notes.at["walked"])
    body = _off(notes.spots["walked"], notes.heads["walked"])
    yield Check("faces_who_walked_round", face <= 35, f"face {face:.1f} degrees off, feet {body:.1f}")


def _grabbed(notes: Notes) -> Checks:
    before, now = notes.spots["before the grab"], notes.spots["moved"]
    hand = notes.hands["before the grab"]
    dx, dz = before.x - hand[0, 3], before.z - hand[2, 3]
    # As far as the pointer turned, so far the feet go round the hand.
    c, s = math.cos(SWING), math.sin(SWING)
    x, z = hand[0, 3] + c * dx - s * dz, hand[2, 3] + s * dx + c * dz
    miss = math.dist((now.x, now.z), (x, z))
    far = math.dist((now.x, now.z), (before.x, before.z))
    ok = miss <= 0.1 and far > 0.2
    yield Check("moved_by_the_hand", ok, f"{100 * far:.0f} cm, {100 * miss:.1f} cm from where the hand had it")


def _scaled(notes: Notes) -> Checks:
    small, human = notes.spots["smaller"].scale, notes.spots["let go"].scale
    yield Check("grew_smaller", 0.5 <= small <= 0.8, f"{small:.2f} of human size")
    yield Check("caught_at_human_size", abs(human - 1.0) < 0.005, f"{human:.3f} of human size")


def _pressed(notes: Notes) -> Checks:
    shown, head = notes.menus[0], notes.heads["menu"]
    way = shown.pose[:3, 3] - head[:3, 3]
    far = float(np.linalg.norm(way))
    off = math.degrees(math.acos(float(np.clip(-head[:3, 2] @ way / far, -1, 1))))
    yield Check("menu_in_view", off <= 45, f"{off:.0f} degrees from the middle of the view, {far:.2f} m away")
    wide = math.degrees(2 * math.atan(shown.size[0] / 2 / far))
    ok = abs(wide / shown.panel.degrees[0] - 1) < 0.15
    yield Check("menu_readable", ok, f"{wide:.0f} degrees wide, made for {shown.panel.degrees[0]:.0f}")

    def turned_to(name: str, of: str) -> list[bool]:
        return [bool(getattr(choices, of)) for choices in notes.presses[name]]

    captions = turned_to("captions off", "captions") + turned_to("captions on", "captions")
    yield Check("captions_switched", captions == [True, False, False, True], "off and on")
    figures = turned_to("figures on", "figures") + turned_to("figures off", "figures")
    ok = figures == [False, True, True, False] and notes.figures_shown
    yield Check("figures_switched", ok, "shown and gone")
    muted = turned_to("microphone off", "muted") + turned_to("microphone on", "muted")
    yield Check("microphone_switched", muted == [False, True, True, False], "shut and open")


def _throughout(seen: Evidence) -> Checks:
    notes, log, heard, report, validation = seen.notes, seen.log, seen.heard, seen.report, seen.validation
    flat = [frame.model[[0, 2], 3] - frame.head[[0, 2], 3] for frame in log.frames]
    nearest = min((float(np.linalg.norm(each)) for each in flat), default=0.0)
    yield Check("arms_length", nearest >= ARM, f"never nearer than {nearest:.2f} m")
    late = report.frames.late / max(report.frames.count, 1)
    software = any(name in report.gl.renderer.lower() for name in _SOFTWARE)
    in_time = report.live.fps >= SLOWEST if software else late <= LATE
    told = f"{report.frames.late} of {report.frames.count} late, {report.live.fps:.1f} a second, {report.gl.renderer}"
    yield Check("frames_in_time", in_time, told)
    failures = list(dict.fromkeys([*heard.failures, *report.failures]))
    yield Check("no_failure", not failures, "; ".join(failures) or "none")
    said = [] if validation is None else [line for line in validation.splitlines() if _complains(line)]
    told = "it did not run" if validation is None else said[0] if said else "silent"
    yield Check("validation_silent", validation is not None and not said, told)
    yield Check("whole_visit", not notes.stuck, f"no {notes.stuck} came" if notes.stuck else _took(notes))


def _complains(line: str) -> bool:
    return "VALID_ERROR" in line or "VALID_WARNING" in line


def _took(notes: Notes) -> str:
    times = list(notes.at.values())
    return f"{(times[-1] - times[0]) / 1e9:.0f} s" if times else "–"


def _off(spot: Spot, head: F64) -> float:
    """Degrees by which feet that stand there point past somebody."""
    wanted = math.atan2(head[0, 3] - spot.x, head[2, 3] - spot.z)
    return math.degrees(abs(turned(spot.yaw - wanted)))


def _face_off(log: FrameLog, time_ns: int) -> float:
    """Degrees, seen from above, by which the face points past whoever looks at it."""
    mouth = log.mouth_at(time_ns)
    (x, _, z), (u, _, w) = mouth.position, mouth.facing
    return math.degrees(abs(turned(math.atan2(u, w) - math.atan2(-x, -z))))
