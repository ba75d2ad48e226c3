"""A tape in the place of everything that it was recorded from: display, hands, surroundings, room and pace.

Each gives what was noted when so many frames had begun. Where the code that plays asks for more than the code that
recorded did, it gets the nearest that there is, and `Deck.strayed` counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.ground.balls import Balls
from render.ground.ground import Ground
from render.ground.standing import Standing
from render.offscreen import Offscreen
from render.stages.compose import PLAIN, Light
from render.view import View
from xr_app.errors import TapeError
from xr_app.input.inputs import Inputs
from xr_app.panels.boards import PaintedBoard
from xr_app.panels.panel import Shown as ShownPanel
from xr_app.placement.placing import Placement
from xr_app.placement.room import Room
from xr_app.placement.spot import Spot
from xr_app.placement.standing import Pulse
from xr_app.recording.deck import Deck
from xr_app.recording.notes import Opened, Sought
from xr_app.recording.rows import MOST_VIEWS, Of, inputs_of, rigid
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import USUAL, Asked
from xr_app.surroundings.mode import Mode
from xr_app.texts import tr

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_LARGEST: Final = 8192
"""Pixels of a picture, each way."""
_LONGEST_NS: Final = 30 * 24 * 3600 * 1_000_000_000


class _PlayedFrame(Frame):
    """Ends when it ended."""

    ended_then = cpu_then = 0

    def finish(self, *, with_picture: bool) -> None:
        self.targets = []
        self._owner.end(self, with_picture=with_picture)
        self.ended_ns, self.cpu_ns = max(self.ended_then, 1), self.cpu_then


class PlayedDisplay:
    """One of the displays of a tape, in a context of its own; a context manager.

    rows: of each picture, in place of as many as there were. Raises TapeError.
    """

    depth_range = None

    def __init__(self, deck: Deck, frames: Iterator[np.void], opened: Opened, count: int, rows: int | None) -> None:
        """frames: of the tape, from its first on; count: how many of them."""
        self._deck, self._frames, self._opened, self._count, self._resized = deck, frames, opened, count, rows
        self._targets: dict[tuple[int, int, int], moderngl.Framebuffer] = {}
        self._over = False
        self.runtime_name = opened.runtime

    def __enter__(self) -> PlayedDisplay:
        self._offscreen = Offscreen(self._opened.api)
        self.ctx = self._offscreen.ctx
        return self

    def __exit__(self, *exception: object) -> None:
        self._offscreen.__exit__(None, None, None)

    @property
    def eye_sizes(self) -> list[tuple[int, int]]:
        return [self._size(*size) for size in self._opened.eye_sizes]

    def request_exit(self) -> None:
        """No frame after this one."""
        self._over = True

    def frames(self) -> Iterator[Frame]:
        last_ns = self._opened.start_ns - _LONGEST_NS
        for _ in range(self._count):
            row = next(self._frames, None)
            if row is None or self._over:
                return
            if not last_ns <= row["display"] < self._opened.start_ns + _LONGEST_NS:
                raise _damaged("time")
            last_ns = int(row["display"])
            frame = self._frame(row)
            self._deck.begun += 1
            self._deck.advance()
            if not self._deck.holds("inputs"):
                frame.should_render = False  # the session was lost before anything was drawn
            yield frame
            if not frame.ended:
                frame.finish(with_picture=False)

    def acquire(self) -> list[moderngl.Framebuffer]:
        return self._acquire(self._sizes)

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        if with_picture:
            self.ctx.finish()

    def _acquire(self, sizes: Sequence[tuple[int, int]]) -> list[moderngl.Framebuffer]:
        targets = []
        for i, size in enumerate(sizes):
            if (i, *size) not in self._targets:
                self._targets[i, *size] = self._offscreen.target(*size)
            self._targets[i, *size].clear()
            targets.append(self._targets[i, *size])
        return targets

    def _frame(self, row: np.void) -> _PlayedFrame:
        count, flags = int(row["views"]), int(row["flags"])
        sizes = [_pair(size) for size in row["size"][:count]]
        drawn = [_pair(size) for size in row["drawn"][:count]]
        everything = [*sizes, *drawn]
        if not 1 <= count <= MOST_VIEWS or not all(1 <= side <= _LARGEST for size in everything for side in size):
            raise _damaged("size")
        try:
            head = rigid(row["head"]) if flags & Of.RENDERED else np.eye(4)
            moved = rigid(row["moved"]) if flags & Of.MOVED else None
            poses = [rigid(pose) if flags & Of.RENDERED else np.eye(4) for pose in row["pose"][:count]]
        except ValueError:
            raise _damaged("pose") from None
        self._sizes = [self._size(*size) for size in sizes]
        views = [View(poses[i], _angles(row["fov"][i]), *size) for i, size in enumerate(self._sizes)]

        def shrink(share: float) -> tuple[list[View], list[moderngl.Framebuffer]]:
            smaller = [replace(view, width=w, height=h) for view, (w, h) in zip(views, drawn, strict=True)]
            return smaller, self._acquire(drawn)

        shrunk = drawn != sizes and self._resized is None
        frame = _PlayedFrame(
            self,
            index=int(row["index"]),
            xr_time=int(row["xr_time"]),
            display_time_ns=int(row["display"]),
            period_ns=max(int(row["period"]), 1),
            skipped=int(row["skipped"]),
            head=head,
            views=views,
            should_render=bool(flags & Of.RENDERED),
            recentred=bool(flags & Of.RECENTRED),
            moved=moved,
            begun_ns=int(row["begun"]),
            cpu_begun_ns=0,
            shrink=shrink if shrunk else None,
        )
        frame.ended_then, frame.cpu_then = int(row["ended"]), int(row["cpu"])
        if abs(frame.ended_then - frame.display_time_ns) > _LONGEST_NS:
            frame.ended_then = frame.display_time_ns
        return frame

    def _size(self, width: int, height: int) -> tuple[int, int]:
        rows = self._resized
        return (width, height) if rows is None else (max(1, round(width * rows / height)), rows)


class PlayedHands:
    """What the user did."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def read(self, frame: Frame) -> Inputs:
        row = self._deck.take("inputs")
        try:
            return Inputs() if row is None else inputs_of(row)
        except ValueError:
            raise _damaged("input") from None

    def feel(self, pulses: Sequence[Pulse], *, busy: bool) -> None:
        """Nobody feels anything."""


class PlayedScenery:
    """What was around the avatar: the stage, or the shadow alone, for the wearer's room is on no tape."""

    def __init__(self, deck: Deck, ctx: moderngl.Context) -> None:
        self._deck, self._ground = deck, Ground(ctx)
        self.asked: Asked = USUAL
        self.mode, self.can_see_through = Mode.STAGE, False
        self.light: Light = PLAIN

    def switch(self, see_through: bool) -> None:
        """What came of it is on the tape."""

    def ask(self, asked: Asked) -> None:
        """What came of it is on the tape."""

    def meet(self, balls: Balls) -> None:
        self._ground.meet(balls)

    def update(self, frame: Frame) -> None:
        self._follow(drawn=False)

    def draw(self, frame: Frame, standing: Standing) -> None:
        self._follow(drawn=True)
        if self.mode is not Mode.ADDED:
            self._ground.draw(frame.views, frame.targets, standing, self.light, stage=self.mode is Mode.STAGE)

    def close(self) -> None:
        self._ground.release()

    def _follow(self, *, drawn: bool) -> None:
        around, begun = self._deck.around, self._deck.begun
        while around and (around[0].frame < begun or drawn or not around[0].drawn):
            now = around.popleft()
            self.mode, self.can_see_through, self.asked = now.mode, now.can_see_through, now.asked
            self.light = now.light


class PlayedBoard:
    """Panels as they were seen: in the picture, or nowhere where the headset's runtime showed them.

    look: called with every picture when it is done.
    """

    def __init__(self, board: PaintedBoard | None, look: Callable[[Frame], None]) -> None:
        self._board, self._look = board, look
        self.painted = board is not None

    def show(self, frame: Frame, shown: Sequence[ShownPanel]) -> None:
        if self._board is not None:
            self._board.show(frame, shown)
        self._look(frame)

    def bring(self, shown: Sequence[ShownPanel]) -> None:
        if self._board is not None:
            self._board.bring(shown)

    def close(self) -> None:
        if self._board is not None:
            self._board.close()


class PlayedKeeper:
    """The place of last time, as it was found."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def keep(self, spot: Spot) -> None:
        """It is kept on the tape alone."""

    def found(self) -> Spot | None:
        sought, found = self._deck.sought, None
        while len(sought) > 1 or (sought and sought[0].found is not None):
            note = sought.popleft()
            if note.found is not None and note.frame == self._deck.begun:
                found = Spot(*note.found)
            if not sought:
                sought.append(Sought(frame=note.frame, searching=note.searching, found=None))
                break
        return found

    @property
    def searching(self) -> bool:
        return self._deck.searching()


def played_survey(deck: Deck, placement: Placement) -> Callable[[Frame], None]:
    """What was known of the room, told to a placement with each frame."""
    placement.keeper = PlayedKeeper(deck)

    def step(frame: Frame) -> None:
        if frame.recentred:
            placement.recentred(frame.moved)
        while deck.surveyed:
            now = deck.surveyed.popleft()
            placement.floor = now.floor
            things = tuple(np.array(outline, np.float64).reshape(-1, 2) for outline in now.things)
            placement.room = Room(np.array(now.walls, np.float64).reshape(-1, 2, 2), things)

    return step


def _pair(size: NDArray[np.int32]) -> tuple[int, int]:
    width, height = size.tolist()
    return width, height


def _angles(fov: F64) -> tuple[float, float, float, float]:
    left, right, up, down = fov.tolist()
    return left, right, up, down


def _damaged(what: str) -> TapeError:
    return TapeError(
        tr(
            f"The tape holds a frame whose {what} is none: record again with visavis run --keep.",
            f"录像中有一帧的 {what} 无效：请用 visavis run --keep 重新录制。",
        )
    )
