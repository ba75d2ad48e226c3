"""The guest of a visit: comes, performs, and keeps what was met."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from conversation.link.events import AppEvent, Command
from xr_app.frame_log import FrameLog
from xr_app.guest import Met
from xr_app.panels.choices import Value
from xr_app.visit.aside import Aside
from xr_app.visit.body import Body, standing
from xr_app.visit.check import Check, Evidence
from xr_app.visit.checks import check_all
from xr_app.visit.headset import VisitHeadset
from xr_app.visit.heard import Heard
from xr_app.visit.moves import StuckError
from xr_app.visit.notes import Notes, Step
from xr_app.visit.script import Performance

if TYPE_CHECKING:
    from xr_app.afterwards import Afterwards
    from xr_app.film import Look
    from xr_app.report import Report
    from xr_app.runtime.monado import MonadoService

F64 = NDArray[np.float64]

LONGEST_S: Final = 210.0
"""Whatever happens."""


class Visitor:
    """A guest.Guest."""

    def __init__(
        self,
        headset: VisitHeadset,
        questions: list[tuple[Path, str]],
        folder: Path,
        validation: Path,
        steps: Sequence[Step] = tuple(Step),
        pace: float = 1.0,
    ) -> None:
        """questions: sound files with what is said in them (script.Performance); folder: for what they keep;
        validation: where the API layer writes; steps: what they do, in this order; pace: how fast."""
        self._headset, self._steps, self._pace = headset, steps, pace
        headset.moved = self._carried
        self.layers = headset.layers
        self.place = folder / "place.json"
        self.checks: list[Check] = []
        self._questions, self._validation = questions, validation
        self._heard = Heard()
        self._state = standing()
        self._body: Body | None = None
        self._service: MonadoService | None = None
        self._met: Met | None = None
        self._performance: Performance | None = None
        self._play: Iterator[None] = iter(())
        self._begun_s = 0.0
        self.log: FrameLog | None = None

    def wear(self, service: MonadoService) -> Body:
        """Put on this headset, or put it on again."""
        self._service = service
        self._body = Body(service.port, self._state)
        return self._body

    def meet(self, met: Met) -> None:
        """Before the first frame."""
        self._met = met

    def take(self, event: AppEvent, now_ns: int) -> None:
        """What the conversation tells."""
        self._heard.take(event, now_ns)

    def sent(self, command: Command) -> None:
        """What it is told."""
        self._heard.sent(command, time.monotonic_ns())

    def told(self, sentence: str) -> None:
        """What the app says of itself."""
        self._heard.told.append((time.monotonic_ns(), sentence))

    def kept(self, name: str, value: Value) -> None:
        """The machine's owner keeps their own settings."""

    def goes_on(self, log: FrameLog | None) -> bool:
        """Do what comes next; whether anything does."""
        if self._performance is None:
            if self._met is None or log is None or not log.frames:
                return True
            wavs = [path for path, _ in self._questions]
            self._performance = Performance(
                self._met, self._heard, self._headset, wavs, self._come_between, self.place, self._state, self._pace
            )
            self._play, self._begun_s = self._performance.play(self._steps), time.monotonic()
        try:
            next(self._play)
            if time.monotonic() - self._begun_s > LONGEST_S:
                raise StuckError("an end")
        except StopIteration:
            return False
        except StuckError as error:
            self._performance.notes.stuck = str(error)
            return False
        self._state = self._performance.state
        if self._body is not None:
            self._body.be(self._state)
        return True

    @property
    def look(self) -> Look:
        """Of the film: their room as cameras saw it, and dark while the headset showed nothing."""
        from xr_app.film import Look

        return Look(zoom=1.25, eyes=1, whole=True, room=self._headset.seen_by, dark=self.notes.dark_at)

    @property
    def notes(self) -> Notes:
        """What was met."""
        return self._performance.notes if self._performance is not None else Notes(stuck="the first frame")

    def judge(self, log: FrameLog, after: Afterwards, report: Report) -> None:
        """Check everything."""
        said = self._validation.read_text(errors="replace") if self._validation.exists() else None
        texts = tuple(text for _, text in self._questions)
        self.log = log
        seen = Evidence(self.notes, log, self._heard, after.recording, report, texts, said)
        self.checks = check_all(seen, self._steps)

    def _carried(self, change: F64) -> None:
        """The headset's origin lies elsewhere, before its first frame."""
        if self._performance is not None and self._body is not None:
            self._performance.carried(change)
            self._body.be(self._performance.state)

    def _come_between(self) -> Aside:
        assert self._service is not None
        return Aside(self._service.environment)
