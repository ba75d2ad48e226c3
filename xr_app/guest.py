"""Somebody who comes to a talk by a script: wears the simulated headset, and judges afterwards what they met there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from conversation.link.events import AppEvent, Command
from xr_app.attendance import Attendance
from xr_app.encounter import Encounter
from xr_app.frame_log import FrameLog
from xr_app.panels.choices import Value

if TYPE_CHECKING:
    from xr_app.afterwards import Afterwards
    from xr_app.film import Look
    from xr_app.report import Report
    from xr_app.runtime.headset_runtime import Mover
    from xr_app.runtime.monado import MonadoService


@dataclass(frozen=True)
class Met:
    """What a guest meets."""

    encounter: Encounter
    attendance: Attendance
    send: Callable[[Command], None]
    """To the conversation."""


class Guest(Protocol):
    """Asked on the thread of the frames, and waited for."""

    @property
    def layers(self) -> Sequence[str]:
        """OpenXR API layers that the session is opened with."""
        ...

    @property
    def look(self) -> Look:
        """Of the film."""
        ...

    @property
    def place(self) -> Path:
        """The file that keeps where the avatar stands for them."""
        ...

    def wear(self, service: MonadoService) -> Mover:
        """Put on this simulated headset."""
        ...

    def meet(self, met: Met) -> None:
        """Before the first frame."""
        ...

    def take(self, event: AppEvent, now_ns: int) -> None:
        """What the conversation tells."""
        ...

    def sent(self, command: Command) -> None:
        """What the conversation is told."""
        ...

    def told(self, sentence: str) -> None:
        """What the app says of itself."""
        ...

    def kept(self, name: str, value: Value) -> None:
        """A setting of theirs that the menu changed; the machine's owner keeps their own."""
        ...

    def goes_on(self, log: FrameLog | None) -> bool:
        """After every frame, and while there are none: whether they stay. log: of all frames, once there are any."""
        ...

    def judge(self, log: FrameLog, after: Afterwards, report: Report) -> None:
        """When all is over."""
        ...
