"""Sources of a session that are noted as they are asked: each does what the one inside it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from render.control import QualityController
from render.ground.standing import Standing
from render.load import Quality
from render.stages.compose import Light
from xr_app.display import Board, Display, Hands, Scenery
from xr_app.input.inputs import Inputs
from xr_app.likeness import Metering, Pacing
from xr_app.panels.hud import Figures
from xr_app.panels.panel import Shown as ShownPanel
from xr_app.placement.keeper import Keeper
from xr_app.placement.spot import Spot
from xr_app.recording.notes import AnyNote, Measured
from xr_app.recording.rows import MOST_VIEWS, put_begun, put_ended, put_inputs
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.mode import Mode


class Pen(Protocol):
    """What they write with (recorder.py)."""

    frames: int
    """How many have begun."""

    def row(self, stream: str) -> tuple[NDArray[np.void], int]:
        """Rows and the number of the one to write, zeros but for its frame."""
        ...

    def note(self, note: AnyNote) -> None:
        """Keep it."""
        ...

    def around(self, scenery: Scenery, *, drawn: bool) -> None:
        """Note what is around the avatar where that is something else."""
        ...

    def sought(self, searching: bool, found: Spot | None) -> None:
        """Note what is known of the place of last time where that is something else."""
        ...

    def pictures(self, frame: Frame) -> None:
        """Note what they are, now and then."""
        ...


class TapedDisplay:
    def __init__(self, tape: Pen, display: Display) -> None:
        self._tape, self._display = tape, display
        self.ctx, self.runtime_name, self.depth_range = display.ctx, display.runtime_name, display.depth_range
        self.request_exit = display.request_exit

    @property
    def eye_sizes(self) -> Sequence[tuple[int, int]]:
        return self._display.eye_sizes

    def frames(self) -> Iterator[Frame]:
        tape = self._tape
        with closing(self._display.frames()) as frames:  # type: ignore[type-var]
            for frame in frames:
                frame.views = frame.views[:MOST_VIEWS]
                rows, n = tape.row("frames")
                put_begun(rows, n, frame)
                tape.frames += 1
                try:
                    yield frame
                finally:
                    put_ended(rows, n, frame)


class TapedHands:
    def __init__(self, tape: Pen, hands: Hands) -> None:
        self._tape, self._hands = tape, hands
        self.feel = hands.feel

    def read(self, frame: Frame) -> Inputs:
        inputs = self._hands.read(frame)
        put_inputs(*self._tape.row("inputs"), inputs)
        return inputs


class TapedScenery:
    def __init__(self, tape: Pen, scenery: Scenery) -> None:
        self._tape, self._scenery = tape, scenery
        self.switch, self.ask, self.meet, self.close = scenery.switch, scenery.ask, scenery.meet, scenery.close

    @property
    def asked(self) -> Asked:
        return self._scenery.asked

    @asked.setter
    def asked(self, asked: Asked) -> None:
        self._scenery.asked = asked

    @property
    def can_see_through(self) -> bool:
        return self._scenery.can_see_through

    @property
    def mode(self) -> Mode:
        return self._scenery.mode

    @property
    def light(self) -> Light:
        return self._scenery.light

    def update(self, frame: Frame) -> None:
        self._scenery.update(frame)
        self._tape.around(self._scenery, drawn=False)

    def draw(self, frame: Frame, standing: Standing) -> None:
        self._tape.around(self._scenery, drawn=True)
        self._scenery.draw(frame, standing)


class TapedBoard:
    def __init__(self, tape: Pen, board: Board) -> None:
        self._tape, self._board = tape, board
        self.painted, self.bring, self.close = board.painted, board.bring, board.close

    def show(self, frame: Frame, shown: Sequence[ShownPanel]) -> None:
        self._board.show(frame, shown)
        self._tape.pictures(frame)


class TapedKeeper:
    def __init__(self, tape: Pen, keeper: Keeper) -> None:
        self._tape, self._keeper = tape, keeper
        self.keep = keeper.keep

    def found(self) -> Spot | None:
        found = self._keeper.found()
        self._tape.sought(self._keeper.searching, found)
        return found

    @property
    def searching(self) -> bool:
        searching = self._keeper.searching
        self._tape.sought(searching, None)
        return searching


class TapedPace:
    def __init__(self, tape: Pen, pace: Pacing) -> None:
        self._tape, self._pace = tape, pace
        self.ended, self.follow, self.release = pace.ended, pace.follow, pace.release

    @property
    def found(self) -> QualityController | None:
        return self._pace.found

    @contextmanager
    def drawing(self, frame: Frame, least_scale: float, /) -> Iterator[Quality]:
        with self._pace.drawing(frame, least_scale) as quality:
            rows, n = self._tape.row("quality")
            rows["gaussians"][n], rows["scale"][n] = quality
            yield quality


class TapedMeter:
    def __init__(self, tape: Pen, meter: Metering) -> None:
        self._tape, self._meter = tape, meter
        self.look, self.release = meter.look, meter.release

    def ended(self, frame: Frame, quality: Quality) -> Figures | None:
        figures = self._meter.ended(frame, quality)
        if figures is not None:
            self._tape.note(Measured(frame=self._tape.frames, figures=figures))
        return figures
