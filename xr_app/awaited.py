"""Whoever a display opens for: awaited there, made ready between its frames, then met."""

from __future__ import annotations

import time
from pathlib import Path

from assets.avatar import Avatar
from render.steps import Sliced
from xr_app.arrival import arriving
from xr_app.avatar_files import DEFAULT
from xr_app.displays import Shown
from xr_app.encounter import Encounter
from xr_app.exchange import Exchange, height_of
from xr_app.likeness import Likeness
from xr_app.live import Live
from xr_app.reading import Reading
from xr_app.recording.recorder import Untaped
from xr_app.start import Start
from xr_app.texts import tr


class Awaited:
    """The avatar of a talk, on one display after another: the one that is read, or whoever came in their place."""

    def __init__(
        self,
        reading: Reading,
        name: Path | None,
        encounter: Encounter,
        exchange: Exchange,
        tape: Untaped,
        start: Start,
        gaussians: int | None,
    ) -> None:
        """name: as it was asked for; gaussians: the most that are drawn, all if not given."""
        self._reading, self._encounter, self._exchange = reading, encounter, exchange
        self._tape, self._start, self._gaussians = tape, start, gaussians
        self._arriving: Sliced[Likeness] | None = None
        stem = (name or Path(DEFAULT)).stem
        title = stem[:1].upper() + stem[1:]
        self.sentence = tr(f"Loading {title} …", f"正在载入 {title} ……")
        """What is said meanwhile."""

    @property
    def coming(self) -> bool:
        """Whether somebody is being made ready."""
        return self._arriving is not None

    @property
    def avatar(self) -> Avatar:
        """Who is there, or would have been. Raises AvatarError."""
        return self._exchange.avatar or self._reading.result()

    def begin(self, shown: Shown) -> None:
        """Make them ready for this display, in steps."""
        self._encounter.wait_for(self.sentence)
        there = self._exchange.avatar
        self._arriving = Sliced(
            arriving(
                shown,
                self._reading.result if there is None else lambda: there,
                lambda: self._start.reach("avatar"),
                gaussians=self._gaussians,
                make_pace=self._tape.make_pace,
                make_meter=self._tape.make_meter,
            ),
            self._reading.pool,
        )

    def go_on(self, live: Live) -> None:
        """A step; between two frames. Raises VisavisError where they cannot be drawn."""
        if self._arriving is None or not self._arriving.go_on(live.spare_s):
            return
        arrived, self._arriving = self._arriving, None
        self._start.reach("ready_to_draw")
        likeness = arrived.result
        self._exchange.avatar = likeness.avatar
        live.meet(likeness, self._tape.arrived(likeness, time.monotonic_ns()))
        self._encounter.wait_for("")
        self._encounter.meet(height_of(likeness.avatar))

    def pause(self) -> None:
        """The display is gone: whoever was not ready yet begins anew on the next one."""
        if self._arriving is not None:
            self._arriving.close()
            self._arriving = None
