"""What is made of a tape: what was said, one picture, a film, a check."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.arkit import ARKIT_SHAPES
from assets.avatar import Avatar
from assets.progress import shown_on
from conversation.link.events import TurnDone
from conversation.settings import ConversationSettings
from render.gl.targets import read_srgb
from render.load import Quality
from xr_app.afterwards import Afterwards
from xr_app.arrival import networks_of
from xr_app.avatar_files import find_avatar
from xr_app.avatar_files import known as known_avatars
from xr_app.encode import require_ffmpeg
from xr_app.errors import OptionError
from xr_app.film import draw_film
from xr_app.recording.notes import Opened, Told
from xr_app.recording.replay import Replayed, replay
from xr_app.recording.tape import Tape
from xr_app.session.frame import Frame
from xr_app.texts import tr

F32 = NDArray[np.float32]

_SMALL: Final = 64
"""Rows of pictures that nobody looks at."""


def tell_tape(tape: Tape) -> dict[str, Any]:
    """Its header, on what it was shown, how long it is and what was said."""
    displays, turns = [], []
    for note in tape.notes():
        match note:
            case Opened():
                sizes = [f"{width} x {height}" for width, height in note.eye_sizes]
                displays.append({"runtime": note.runtime, "renderer": note.renderer, "eyes": sizes})
            case Told(event=TurnDone(timings=timings)):
                turns.append({"heard": timings.heard, "said": timings.said, "interrupted": timings.interrupted})
    first = last = None
    for row in tape.rows("frames"):
        first, last = first or int(row["display"]), int(row["display"])
    seconds = 0.0 if first is None or last is None else (last - first) / 1e9
    return {
        **tape.header.figures(),
        "seconds": round(seconds, 3),
        "sound": tape.has_sound,
        "displays": displays,
        "turns": turns,
    }


def draw_frame(tape: Tape, avatar: Path | None, number: int, path: Path) -> dict[str, Any]:
    """Write the pictures of a frame, from 1, side by side. Raises OptionError where there is none."""
    pictures: list[NDArray[np.uint8]] = []

    def look(now: int, frame: Frame) -> bool:
        if now >= number and not pictures:
            pictures.extend(read_srgb(target)[..., :3] for target in frame.targets)
        return now < number

    person = _person(tape, avatar)
    replayed = replay(tape, person, make_model=networks_of(person), look=look)
    if not pictures:
        raise OptionError(
            tr(
                f"The tape has no picture {number}: its frames are 1 to {tape.header.frames}.",
                f"录像没有第 {number} 帧：共有 1 至 {tape.header.frames} 帧。",
            )
        )
    try:
        Image.fromarray(np.concatenate(pictures, axis=1)).save(path)
    except (OSError, ValueError) as error:
        raise OptionError(
            tr(f"{path} cannot be written ({error}): choose another.", f"无法写入 {path}（{error}）：请另选。")
        ) from None
    return {"picture": str(path), "remarks": replayed.remarks}


def check_tape(tape: Tape, avatar: Path | None) -> dict[str, Any]:
    """Whether the pictures are those whose hashes the tape holds."""
    person = _person(tape, avatar)
    replayed = replay(tape, person, make_model=networks_of(person))
    remarks = list(replayed.remarks)
    if not replayed.alike and not replayed.unlike:
        remarks.append(
            tr(
                "The tape holds no hashes: keep the session with --keep and --hashes.",
                "录像不含哈希：请用 --keep 和 --hashes 保存会话。",
            )
        )
    return {"check": {"alike": replayed.alike, "unlike": replayed.unlike}, "remarks": remarks}


def film_tape(tape: Tape, avatar: Path | None, path: Path, rows: int) -> dict[str, Any]:
    """Film it as `visavis run --record` would have. Raises FilmError."""
    require_ffmpeg()
    person = _person(tape, avatar)
    replayed = replay(tape, person, rows=_SMALL, quality=Quality(min(person.levels, default=1), 1.0), filmed=True)
    with tempfile.TemporaryDirectory(prefix="visavis-") as name:
        folder = None
        if tape.has_sound:
            folder = Path(name)
            tape.unpack_sound(folder)
        after = Afterwards(person, replayed.log, folder)
        captions = after.captions(replayed.captions)
        filmed = after.film(path, captions, rows=rows, sound=ConversationSettings())
    facts = filmed[1] if filmed is not None else _silent(tape, person, replayed, path, rows)
    size = f"{facts.width} x {facts.height}"
    return {"film": {"file": str(path), "frames": facts.frames, "size": size}, "remarks": replayed.remarks}


def _silent(tape: Tape, avatar: Avatar, replayed: Replayed, path: Path, rows: int) -> Any:
    """A film without a sound: nobody recorded any."""
    log = replayed.log
    if not log.frames:
        raise OptionError(tr("The tape holds no picture to film.", "录像中没有可拍的画面。"))
    times: list[int] = []
    faces: list[F32] = []
    for row in tape.rows("face"):
        if row["ahead"] == 0.0:
            times.append(int(row["time"]))
            faces.append(np.array(row["face"]))

    def face_at(time_ns: int, ahead_s: float = 0.0, /) -> F32:
        after = bisect_right(times, time_ns)
        return faces[after - 1] if after else np.zeros(len(ARKIT_SHAPES), np.float32)

    begin, end = log.frames[0].seen_ns, log.frames[-1].seen_ns
    with shown_on() as progress:
        return draw_film(log, face_at, avatar, [], path, begin_ns=begin, end_ns=end, rows=rows, progress=progress)


def _person(tape: Tape, avatar: Path | None) -> Avatar:
    """The one that is asked for, else the one of that name on this machine, else the one who comes with visavis."""
    if avatar is None:
        name = tape.header.avatar.casefold()
        avatar = next((path for known, path in known_avatars().items() if known.casefold() == name), None)
    return find_avatar(avatar)
