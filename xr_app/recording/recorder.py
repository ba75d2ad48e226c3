"""Keeps a tape of a session: notes what its sources give, in the order in which the session asks them.

    with recording(path, ...) as tape:                  # or Untaped(), which notes nothing
        encounter = Encounter(…, Panels(…, clock=tape.clock(…)), heard_at=tape.heard_at(…))
        shown = tape.shown(shown)                       # display, hands, board, surroundings and survey
        live = Live(…, tape.face_at(…))
        tape.opened(…)
        live.meet(likeness, tape.arrived(likeness, …))   # its pace and meter are tape.make_pace's and tape.make_meter's
        tape.told(event, now_ns)                        # each event of the conversation

Noting copies numbers into rows; packing them is a thread's (tape.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

import moderngl
import msgspec
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from conversation.link.events import AppEvent
from render.gl.context import is_es
from render.load import Costs
from render.renderer import AvatarRenderer
from xr_app.animator import FaceAt
from xr_app.display import Board, Scenery
from xr_app.displays import Shown
from xr_app.errors import TapeError
from xr_app.likeness import Likeness, Metering, Pacing
from xr_app.live import SEED
from xr_app.meter import Meter
from xr_app.pace import Pace
from xr_app.panels.menu import Choices
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.placement.room import Room
from xr_app.placement.spot import Spot
from xr_app.recording.notes import AnyNote, Around, Arrived, Attended, Header, Opened, Pictured, Sought, Surveyed, Told
from xr_app.recording.rows import STREAMS
from xr_app.recording.streams import Notes, Stream
from xr_app.recording.tape import FORMAT, SOUND, TapeWriter
from xr_app.recording.taped import (
    TapedBoard,
    TapedDisplay,
    TapedHands,
    TapedKeeper,
    TapedMeter,
    TapedPace,
    TapedScenery,
)
from xr_app.session.attention import Attention
from xr_app.session.frame import Frame

F32 = NDArray[np.float32]
HASHED_EVERY: Final = 30
"""Pictures, where any are hashed at all."""


class Untaped:
    """Notes nothing: everything is as it comes."""

    def make_pace(
        self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, costs: Costs, /, *, software: bool
    ) -> Pacing:
        """What chooses the quality."""
        return Pace(ctx, renderer, whole, costs, software=software)

    def make_meter(self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, /) -> Metering:
        """What measures the frames."""
        return Meter(ctx, renderer, whole)

    def clock(self, clock: Callable[[], float]) -> Callable[[], float]:
        """The panels' clock, seconds."""
        return clock

    def heard_at(self, heard_at: Callable[[int], float]) -> Callable[[int], float]:
        """As the encounter asks it."""
        return heard_at

    def face_at(self, face_at: FaceAt) -> FaceAt:
        """As the animator asks it."""
        return face_at

    def shown(self, shown: Shown) -> Shown:
        """A display that was opened, and what belongs to it."""
        return shown

    def opened(self, shown: Shown, start_ns: int, awaited: str) -> None:
        """The session that is about to run on it, from that monotonic time on, with what it says until the avatar is
        there."""

    def arrived(self, likeness: Likeness, start_ns: int) -> int:
        """The avatar, and when its motion begins."""
        return start_ns

    def told(self, event: AppEvent, now_ns: int) -> None:
        """An event of the conversation."""

    def attend(self, attention: Attention) -> None:
        """The wearer is here, busy or away."""


class Recorder(Untaped):
    """Notes everything. Make it by `recording`."""

    def __init__(self, writer: TapeWriter, *, hashes: bool) -> None:
        """hashes: read every HASHED_EVERY-th picture back, which costs time."""
        self._writer, self._hashes = writer, hashes
        self.frames = 0
        """How many have begun."""
        self._drawn = 0
        self.avatar: Avatar | None = None
        """Who is on it; nobody yet."""
        self.attended = True
        self._streams = {name: Stream(writer, name) for name in STREAMS}
        self._notes = Notes(writer)
        self._painted = False
        self._around: Around | None = None
        self._room: tuple[float, Room] | None = None
        self._sought: Sought | None = None

    def clock(self, clock: Callable[[], float]) -> Callable[[], float]:
        stream = self._streams["clock"]

        def noted() -> float:
            rows, n = stream.next(self.frames)
            seconds = rows["seconds"][n] = clock()
            return seconds

        return noted

    def heard_at(self, heard_at: Callable[[int], float]) -> Callable[[int], float]:
        stream = self._streams["heard"]

        def noted(time_ns: int) -> float:
            rows, n = stream.next(self.frames)
            sample = rows["sample"][n] = heard_at(time_ns)
            return sample

        return noted

    def face_at(self, face_at: FaceAt) -> FaceAt:
        stream = self._streams["face"]

        def noted(time_ns: int, ahead_s: float = 0.0, /) -> F32:
            face = face_at(time_ns, ahead_s)
            rows, n = stream.next(self.frames)
            rows["time"][n], rows["ahead"][n], rows["face"][n] = time_ns, ahead_s, face
            return face

        return noted

    def make_pace(
        self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, costs: Costs, /, *, software: bool
    ) -> Pacing:
        return TapedPace(self, super().make_pace(ctx, renderer, whole, costs, software=software))

    def make_meter(self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, /) -> Metering:
        return TapedMeter(self, super().make_meter(ctx, renderer, whole))

    def shown(self, shown: Shown) -> Shown:
        self.attended = shown.attended
        return replace(
            shown,
            display=TapedDisplay(self, shown.display),
            hands=TapedHands(self, shown.hands),
            board=lambda panels: self._board(shown, panels),
            surroundings=lambda asked: TapedScenery(self, shown.surroundings(asked)),
            survey=lambda placement: self._survey(shown, placement),
        )

    def opened(self, shown: Shown, start_ns: int, awaited: str) -> None:
        display, ctx = shown.display, shown.display.ctx
        self.note(
            Opened(
                frame=self.frames,
                runtime=display.runtime_name,
                renderer=str(ctx.info["GL_RENDERER"]),
                api="gles" if is_es(ctx) else "gl",
                painted=self._painted,
                eye_sizes=tuple(display.eye_sizes),
                start_ns=start_ns,
                awaited=awaited,
                foveates=shown.foveates,
                mirror_at=shown.mirror_at,
            )
        )
        self._around = None

    def arrived(self, likeness: Likeness, start_ns: int) -> int:
        self.avatar = likeness.avatar
        self.note(
            Arrived(
                frame=self.frames,
                rasteriser=likeness.manner.rasteriser,
                sort_shape=likeness.manner.sort_shape,
                gaussians=likeness.renderer.gaussians,
                start_ns=start_ns,
            )
        )
        return start_ns

    def told(self, event: AppEvent, now_ns: int) -> None:
        self.note(Told(frame=self.frames, now_ns=now_ns, event=event))

    def attend(self, attention: Attention) -> None:
        self.note(Attended(frame=self.frames, attention=attention))

    def note(self, note: AnyNote) -> None:
        """Keep it."""
        self._notes.add(note)

    def row(self, stream: str) -> tuple[NDArray[np.void], int]:
        """Rows and the number of the one to write, zeros but for its frame."""
        return self._streams[stream].next(self.frames)

    def around(self, scenery: Scenery, *, drawn: bool) -> None:
        """Note what is around the avatar where that is something else."""
        red, green, blue = scenery.light
        now = Around(
            frame=0,
            drawn=False,
            mode=scenery.mode,
            light=(float(red), float(green), float(blue)),
            can_see_through=scenery.can_see_through,
            asked=scenery.asked,
        )
        if now != self._around:
            self._around = now
            self.note(msgspec.structs.replace(now, frame=self.frames, drawn=drawn))

    def sought(self, searching: bool, found: Spot | None) -> None:
        """Note what is known of the place of last time where that is something else."""
        spot = None if found is None else (found.x, found.z, found.yaw, found.scale)
        now = Sought(frame=0, searching=searching, found=spot)
        if found is not None or now != self._sought:
            self._sought = now
            self.note(msgspec.structs.replace(now, frame=self.frames))

    def pictures(self, frame: Frame) -> None:
        """Note what they are, now and then."""
        self._drawn += 1
        if self._hashes and self._drawn % HASHED_EVERY == 1:
            self.note(Pictured(frame=self.frames, hashes=hashes_of(frame.targets)))

    def close(self) -> None:
        """Hand over what is left."""
        for stream in self._streams.values():
            stream.flush()
        self._notes.flush()

    def _board(self, shown: Shown, panels: Panels) -> Board:
        board = shown.board(panels)
        self._painted = board.painted
        return TapedBoard(self, board)

    def _survey(self, shown: Shown, placement: Placement) -> Callable[[Frame], None]:
        step = shown.survey(placement)
        if placement.keeper is not None:
            placement.keeper = TapedKeeper(self, placement.keeper)

        def taped(frame: Frame) -> None:
            step(frame)
            now = placement.floor, placement.room
            if self._room is None or now[0] != self._room[0] or now[1] is not self._room[1]:
                self._room = now
                self.note(_surveyed(self.frames, *now))

        return taped


@contextmanager
def recording(
    path: Path, *, hashes: bool, voice: bool, push_to_talk: bool, choices: Choices, sound: Path | None,
    say: Callable[[str], None],
) -> Iterator[Recorder]:  # fmt: skip
    """A tape at `path`, finished afterwards however the session ended.

    hashes: of pictures; sound: the folder into which the conversation records, to be done with by then; say: hears
    why a tape is shorter than its session, or is none. Raises TapeError where it cannot begin.
    """
    writer = TapeWriter(path)
    recorder = Recorder(writer, hashes=hashes)
    try:
        yield recorder
    finally:
        recorder.close()
        writer.drain()
        avatar = recorder.avatar
        try:
            if avatar is None:
                raise writer.none()
            for name in SOUND:
                if sound is not None and (sound / name).exists():
                    writer.add(f"sound/{name}", sound / name)
            writer.close(
                Header(
                    format=FORMAT,
                    visavis=version("visavis"),
                    avatar=avatar.name,
                    avatar_sha256=avatar_hash(avatar),
                    seed=SEED,
                    height=float(avatar.mesh.vertices[:, 1].max()),
                    attended=recorder.attended,
                    voice=voice,
                    push_to_talk=push_to_talk,
                    choices=choices,
                    frames=recorder.frames,
                    complete=not writer.failed,
                    members={},
                )
            )
        except TapeError as error:
            say(str(error))  # what else is made of the session is made all the same
        else:
            if writer.failed:
                say(writer.failed)


def avatar_hash(avatar: Avatar) -> str:
    """Of everything that its pictures depend on."""
    digest = hashlib.sha256()
    mesh, gaussians = vars(avatar.mesh), vars(avatar.gaussians)
    for part in (vars(avatar.skeleton), mesh, gaussians, avatar.tensors, avatar.models):
        for name, value in sorted(part.items()):
            digest.update(name.encode())
            content = value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
            digest.update(content if not isinstance(value, bytes) else value)
    digest.update(repr((avatar.antialiasing, avatar.blending, avatar.expressions, avatar.levels)).encode())
    return digest.hexdigest()


def hashes_of(targets: Sequence[moderngl.Framebuffer]) -> tuple[str, ...]:
    """Of each picture, the beginning of its SHA-256."""
    return tuple(hashlib.sha256(target.read(components=4)).hexdigest()[:16] for target in targets)


def _surveyed(frame: int, floor: float, room: Room) -> Surveyed:
    walls = tuple(((float(a[0]), float(a[1])), (float(b[0]), float(b[1]))) for a, b in room.walls)
    return Surveyed(frame=frame, floor=float(floor), walls=walls, things=tuple(map(_outline, room.things)))


def _outline(corners: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(z)) for x, z in corners)
