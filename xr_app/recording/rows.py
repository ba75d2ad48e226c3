"""What a tape keeps in rows of numbers, little-endian: one row type for each stream.

A row's `frame` says how many frames of the whole tape had begun when it was noted. Poses are (4, 4) to the session's
space, metres; times monotonic nanoseconds.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.input.joints import COUNT, Joints
from xr_app.session.frame import Frame

F64 = NDArray[np.float64]
Row = np.void

MOST_VIEWS: Final = 4
_OFF: Final = 0.05
"""By which the axes of a pose may be off, in length or from each other."""
_FARTHEST: Final = 1e5
"""Metres from the origin beyond which nothing is."""
_POSE: Final = ("<f8", (4, 4))

FRAME: Final = np.dtype(
    [
        ("index", "<i8"), ("xr_time", "<i8"), ("display", "<i8"), ("period", "<i8"), ("skipped", "<i8"),
        ("begun", "<i8"), ("ended", "<i8"), ("cpu", "<i8"), ("flags", "u1"), ("views", "u1"), ("head", *_POSE),
        ("moved", *_POSE), ("pose", "<f8", (MOST_VIEWS, 4, 4)), ("fov", "<f8", (MOST_VIEWS, 4)),
        ("size", "<i4", (MOST_VIEWS, 2)), ("drawn", "<i4", (MOST_VIEWS, 2)),
    ]
)  # fmt: skip
"""One for each frame, noted when it is over; `drawn`: sizes of the pictures in the end, which a frame may shrink."""
_HAND: Final = np.dtype(
    [
        ("source", "u1"), ("flags", "u1"), ("aim", *_POSE), ("grip", *_POSE), ("held_s", "<f8"), ("value", "<f8"),
        ("stick", "<f8", 2), ("joints", "<f4", (COUNT, 7)),
    ]
)  # fmt: skip
INPUTS: Final = np.dtype([("frame", "<i8"), ("flags", "u1"), ("gaze", *_POSE), ("hands", _HAND, 2)])
FACE: Final = np.dtype([("frame", "<i8"), ("time", "<i8"), ("ahead", "<f8"), ("face", "<f4", len(ARKIT_SHAPES))])
HEARD: Final = np.dtype([("frame", "<i8"), ("sample", "<f8")])
QUALITY: Final = np.dtype([("frame", "<i8"), ("gaussians", "<i8"), ("scale", "<f8")])
CLOCK: Final = np.dtype([("frame", "<i8"), ("seconds", "<f8")])
STREAMS: Final = {
    "frames": FRAME, "inputs": INPUTS, "face": FACE, "heard": HEARD, "quality": QUALITY, "clock": CLOCK,
}  # fmt: skip

_SOURCES: Final = tuple(Source)


class Of(IntEnum):
    """Flags of a frame."""

    RENDERED = 1
    RECENTRED = 2
    MOVED = 4


class _Asks(IntEnum):
    MENU = 1
    CALL = 2
    MUTE = 4
    TALK = 8
    GAZE = 16


class _Has(IntEnum):
    AIM = 1
    GRIP = 2
    SELECT = 4
    RELEASED = 8
    GRAB = 16
    JOINTS = 32
    PALM_UP = 64


def put_inputs(rows: NDArray[np.void], n: int, inputs: Inputs) -> None:
    """Write them into row `n`, which is zeros."""
    flags = _Asks.MENU * inputs.menu | _Asks.CALL * inputs.call | _Asks.MUTE * inputs.mute | _Asks.TALK * inputs.talk
    if inputs.gaze is not None:
        flags |= _Asks.GAZE
        rows["gaze"][n] = inputs.gaze
    rows["flags"][n] = flags
    hands = rows["hands"]
    for side, hand in enumerate(inputs.hands):
        if hand.source is not Source.ABSENT or hand.released:
            _put_hand(hands[n : n + 1, side], hand)


def _put_hand(rows: NDArray[np.void], hand: Hand) -> None:
    flags = _Has.SELECT * hand.select | _Has.RELEASED * hand.released | _Has.GRAB * hand.grab
    flags |= _Has.PALM_UP * hand.palm_up
    for flag, name, pose in ((_Has.AIM, "aim", hand.aim), (_Has.GRIP, "grip", hand.grip)):
        if pose is not None:
            flags |= flag
            rows[name][0] = pose
    if hand.joints is not None:
        flags |= _Has.JOINTS
        rows["joints"][0] = hand.joints.poses
    rows["source"][0], rows["flags"][0] = _SOURCES.index(hand.source), flags
    rows["held_s"][0], rows["value"][0], rows["stick"][0] = hand.held_s, hand.select_value, hand.stick


def inputs_of(row: Row) -> Inputs:
    """What was written; raises ValueError where it is no input."""
    flags = int(row["flags"])
    left, right = (_hand_of(row["hands"][side]) for side in (0, 1))
    return Inputs(
        left,
        right,
        gaze=rigid(row["gaze"]) if flags & _Asks.GAZE else None,
        menu=bool(flags & _Asks.MENU),
        call=bool(flags & _Asks.CALL),
        mute=bool(flags & _Asks.MUTE),
        talk=bool(flags & _Asks.TALK),
    )


def _hand_of(row: Row) -> Hand:
    source, flags = int(row["source"]), int(row["flags"])
    numbers = [float(row["held_s"]), float(row["value"]), *row["stick"].tolist()]
    if source >= len(_SOURCES) or not np.isfinite(numbers).all():
        raise ValueError("a hand that is none")
    joints = None
    if flags & _Has.JOINTS:
        poses = np.array(row["joints"])
        if not np.isfinite(poses).all() or (np.square(poses[:, :4]).sum(axis=1) < 1e-6).any():
            raise ValueError("joints that are none")
        joints = Joints(poses)
    return Hand(
        _SOURCES[source],
        aim=rigid(row["aim"]) if flags & _Has.AIM else None,
        grip=rigid(row["grip"]) if flags & _Has.GRIP else None,
        select=bool(flags & _Has.SELECT),
        held_s=numbers[0],
        released=bool(flags & _Has.RELEASED),
        grab=bool(flags & _Has.GRAB),
        select_value=numbers[1],
        stick=(numbers[2], numbers[3]),
        joints=joints,
        palm_up=bool(flags & _Has.PALM_UP),
    )


def put_begun(rows: NDArray[np.void], n: int, frame: Frame) -> None:
    """Write a frame that begins into row `n`, which is zeros."""
    flags = Of.RENDERED * frame.should_render | Of.RECENTRED * frame.recentred
    if frame.moved is not None:
        flags |= Of.MOVED
        rows["moved"][n] = frame.moved
    rows["index"][n], rows["xr_time"][n], rows["display"][n] = frame.index, frame.xr_time, frame.display_time_ns
    rows["period"][n], rows["skipped"][n], rows["begun"][n] = frame.period_ns, frame.skipped, frame.begun_ns
    rows["flags"][n], rows["views"][n], rows["head"][n] = flags, len(frame.views), frame.head
    for i, view in enumerate(frame.views):
        rows["pose"][n, i], rows["fov"][n, i], rows["size"][n, i] = view.pose, view.fov, (view.width, view.height)


def put_ended(rows: NDArray[np.void], n: int, frame: Frame) -> None:
    """Complete row `n` with what became of the frame."""
    rows["ended"][n], rows["cpu"][n] = frame.ended_ns, frame.cpu_ns
    for i, view in enumerate(frame.views):
        rows["drawn"][n, i] = view.width, view.height


def rigid(values: F64) -> F64:
    """A copy of a (4, 4) pose; raises ValueError where it is none."""
    turn, place = values[:3, :3], values[:3, 3]
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(turn @ turn.T - np.eye(3)).max()
        if not (off < _OFF and np.abs(place).max() < _FARTHEST and np.linalg.det(turn) > 0):
            raise ValueError("a pose that is none")
    pose = np.array(values, np.float64)
    pose[3] = 0.0, 0.0, 0.0, 1.0
    return pose
