"""A head that follows a `HeadPath`, its hands hanging: what moves the simulated headset where nobody wears one."""

from __future__ import annotations

from dataclasses import dataclass

from xr_app.runtime.head_path import HeadPath
from xr_app.runtime.performer import Performer
from xr_app.runtime.remote import Head, State


@dataclass(frozen=True)
class Walk:
    """A walk as a play."""

    path: HeadPath

    def at(self, time_s: float) -> State:
        """The head on its path, all else as it is in a simulated headset that was just switched on."""
        return State(Head(self.path.at(time_s)))


class ScriptedHead(Performer):
    """Moves the simulated headset; a context manager."""

    def __init__(self, port: int, path: HeadPath | None = None) -> None:
        """port: of Monado's remote driver; path: the walk, the standard one if not given."""
        super().__init__(port, Walk(path or HeadPath()), name="visavis-head")

    def wait_until_standing(self, timeout_s: float = 15.0) -> None:
        """Return once the headset stands at the path's start; raises RuntimeFailedError where it never does."""
        self.wait_until_ready(timeout_s)

    def walk(self, start_ns: int) -> None:
        """Begin the path at this monotonic time."""
        self.begin(start_ns)
