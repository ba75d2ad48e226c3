"""What a visit has to show, check by check: each with a stable name, whether it held, and the figure behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import soundfile
from numpy.typing import NDArray

from conversation.measure.word_errors import units
from xr_app.frame_log import FrameLog
from xr_app.placement.motion import ARM
from xr_app.placement.placing import GHOST
from xr_app.placement.spot import Spot, turned
from xr_app.visit.heard import Heard
from xr_app.visit.script import SWING, TARGET, Notes, Step

if TYPE_CHECKING:
    from xr_app.afterwards import Afterwards
    from xr_app.report import Report

F64 = NDArray[np.float64]

STOPS_S: Final = 0.2
"""From the moment at which an interruption was decided to silence."""
AUDIBLE: Final = 0.003
"""Of full scale."""
OFFSET_MS: Final = 100
WORDS_WRONG: Final = 0.2
LATE: Final = 0.02
"""Share of the frames."""
SLOWEST: Final = 3.0
"""Frames a second that a software GPU draws beside a conversation, none of which can be in time."""
_SOFTWARE: Final = ("llvmpipe", "softpipe", "swiftshader")


class Check(msgspec.Struct, frozen=True):
    """One of them."""

    name: str
    ok: bool
    told: str


def check_all(
    notes: Notes,
    log: FrameLog,
    heard: Heard,
    after: Afterwards,
    report: Report,
    questions: Sequence[str],
    validation: str | None,
    steps: Sequence[Step],
) -> list[Check]:
    """In the visit's order, those of these steps; what was not reached did not hold. validation: what the API layer
    wrote, None where it did not run."""
    parts: dict[Step | None, Iterator[Check]] = {
        Step.PLACE: _placed(notes, log),
        Step.WALK: _walked(notes, log),
        Step.TALK: _talked(notes, log, heard, after, report, questions),
        Step.GRAB: _grabbed(notes),
        Step.SCALE: _scaled(notes),
        Step.MENU: _pressed(notes),
        Step.LAY_ASIDE: _away(notes, log, heard),
        None: _throughout(notes, log, heard, report, validation),
    }
    found: dict[str, Check] = {}
    for step in (*steps, None):
        found |= {name: Check(name, False, "not reached") for name in NAMES.get(step, ())}
        with suppress(KeyError, IndexError):
            for check in parts.get(step, ()):
                found[check.name] = check
    return list(found.values())


NAMES: Final[Mapping[Step | None, tuple[str, ...]]] = {
    Step.PLACE: ("ghost_first", "stands_where_pointed", "faces_the_user", "looks_at_the_user"),
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
    Step.MENU: ("menu_in_view", "menu_readable", "captions_switched", "figures_switched", "microphone_switched"),
    Step.LAY_ASIDE: (
        "microphone_shut_while_away",
        "not_seen_while_away",
        "microphone_open_again",
        "same_place_again",
    ),
    None: ("arms_length", "frames_in_time", "no_failure", "validation_silent", "whole_visit"),
}
"""Of all checks, by step; None: of the whole visit."""


def _placed(notes: Notes, log: FrameLog) -> Iterator[Check]:
    seen = max(frame.veil.opacity for frame in log.frames if frame.seen_ns < notes.at["pointed"])
    ghost = notes.ghosts[0] and 0.3 <= seen <= GHOST + 1e-6
    yield Check("ghost_first", ghost, f"{seen:.0%} of it is seen before it is put down")
    spot = notes.spots["placed"]
    away = math.dist((spot.x, spot.z), (TARGET[0], TARGET[2]))
    yield Check("stands_where_pointed", away <= 0.15, f"{100 * away:.1f} cm")
    off = _off(spot, notes.heads["placed"])
    yield Check("faces_the_user", off <= 10, f"{off:.1f} degrees")
    face = _face_off(log, notes.at["placed"])
    yield Check("looks_at_the_user", face <= 20, f"face turned {face:.1f} degrees from their eyes")


def _walked(notes: Notes, log: FrameLog) -> Iterator[Check]:
    face = _face_off(log, notes.at["walked"])
    body = _off(notes.spots["walked"], notes.heads["walked"])
    yield Check("faces_who_walked_round", face <= 35, f"face {face:.1f} degrees off, feet {body:.1f}")


def _talked(
    notes: Notes, log: FrameLog, heard: Heard, after: Afterwards, report: Report, questions: Sequence[str]
) -> Iterator[Check]:
    turns = heard.turns
    errors = [_missed(text, turn.heard) for text, turn in zip(questions, turns, strict=False)]
    wrong = max(errors, default=1.0)
    told = "; ".join(turn.heard for turn in turns)
    yield Check(
        "questions_heard", len(errors) == len(questions) and wrong <= WORDS_WRONG, f"{told} ({wrong:.0%} missed)"
    )
    said = [turn.said for turn in turns]
    yield Check("answered", len(said) == len(questions) and all(said), " / ".join(said))
    waits = [turn.speech_end_to_audio_ms for turn in turns]
    told = ", ".join("–" if wait is None else f"{wait:.0f} ms" for wait in waits)
    yield Check("answers_in_time", all(wait is not None and wait < 5000 for wait in waits) and bool(waits), told)
    yield Check(
        "captions_with_the_voice", notes.captions > 0, f"{notes.captions:.0%} of them seen 1.6 s into an answer"
    )
    yield Check("interruption_obeyed", bool(turns) and turns[0].interrupted, f"after: {said[0] if said else ''}")
    recording = after.recording
    if recording is None or heard.interrupted_ns is None or turns[1].first_audible_out is None:
        return
    samples, rate = soundfile.read(recording.speaker_wav, dtype="float32")
    decided, again = heard.interrupted_ns, turns[1].first_audible_out
    begin = recording.heard_at(decided - 2_000_000_000)
    end = recording.heard_at(again) - 0.1 * rate
    loud = np.flatnonzero(np.abs(samples[max(round(begin), 0) : max(round(end), 0)]) > AUDIBLE)
    last_ns = recording.time_of(max(begin, 0) + loud[-1]) if len(loud) else decided
    after_s = (last_ns - decided) / 1e9
    spoken_s = (decided - recording.questions[1].first_voiced) / 1e9
    told = f"last sound {1000 * after_s:+.0f} ms from the decision, which came {spoken_s:.1f} s after they spoke up"
    yield Check("falls_silent", after_s <= STOPS_S, told)
    lips, seen = log.lip_opening(), np.array([frame.seen_ns for frame in log.frames])
    rest = lips[(seen > last_ns + 400_000_000) & (seen < again - 100_000_000)]
    spoke = lips[(seen > last_ns - 1_500_000_000) & (seen < last_ns)]
    still = bool(len(rest) and len(spoke) and rest.std() < 0.35 * spoke.std())
    told = f"lips move by {rest.std() / max(spoke.std(), 1e-9):.0%} of what they did" if len(rest) else "not seen"
    yield Check("face_rests", still, told)
    mean = report.av_offset_ms.mean
    ok = mean is not None and abs(mean) <= OFFSET_MS
    yield Check("lips_with_the_voice", ok, "–" if mean is None else f"{mean:+.0f} ms")


def _grabbed(notes: Notes) -> Iterator[Check]:
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


def _scaled(notes: Notes) -> Iterator[Check]:
    small, human = notes.spots["smaller"].scale, notes.spots["let go"].scale
    yield Check("grew_smaller", 0.5 <= small <= 0.8, f"{small:.2f} of human size")
    yield Check("caught_at_human_size", abs(human - 1.0) < 0.005, f"{human:.3f} of human size")


def _pressed(notes: Notes) -> Iterator[Check]:
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


def _away(notes: Notes, log: FrameLog, heard: Heard) -> Iterator[Check]:
    at = notes.at
    off, on = at["taken off"], at["put on again"]
    since = [(when, shut) for when, shut in heard.mutes if when >= at["before the headset was off"]]
    shut_at = next((when for when, shut in since if shut and when <= off), None)
    yield Check("microphone_shut_while_away", shut_at is not None, "shut" if shut_at is not None else "open")
    opened = bool(since) and not since[-1][1] and off < since[-1][0] <= on
    yield Check("microphone_open_again", opened, "open" if opened else "shut")
    a, b = notes.spots["before the headset was off"], notes.spots["put on again"]
    moved = math.dist((a.x, a.z), (b.x, b.z))
    yield Check("same_place_again", moved <= 0.02, f"{1000 * moved:.1f} mm")
    unseen = sum(off + 300_000_000 < frame.seen_ns < off + 1_800_000_000 for frame in log.frames)
    again = sum(frame.seen_ns > on - 1_000_000_000 for frame in log.frames)
    yield Check("not_seen_while_away", unseen == 0 and again > 0, f"{unseen} pictures, {again} when it was back on")


def _throughout(notes: Notes, log: FrameLog, heard: Heard, report: Report, validation: str | None) -> Iterator[Check]:
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


def _missed(text: str, heard: str) -> float:
    """Share of a question's words that were not heard; of one that interrupts its last sentence counts."""
    words, there = units(text.split(". ")[-1], "en"), units(heard, "en")
    return sum(word not in there for word in words) / len(words)


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
