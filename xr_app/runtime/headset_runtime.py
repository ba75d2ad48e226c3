"""The headset of a talk: the runtime that is active, or a simulated one whose head a script moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Final, Protocol, Self

from assets import paths
from xr_app.runtime.complaints import complaints_logged
from xr_app.runtime.discovery import Runtime, open_runtime
from xr_app.runtime.monado import MonadoService
from xr_app.runtime.scripted_head import ScriptedHead

LOG: Final = "runtime.log"
"""In the cache folder: what the runtime's library had to say in our process, last time that it complained."""


class Mover(Protocol):
    """Moves a simulated headset."""

    def wait_until_ready(self) -> None:
        """Return once the headset is where it begins. Raises RuntimeFailedError."""
        ...

    def begin(self, start_ns: int) -> None:
        """Begin at this monotonic time."""
        ...

    def close(self) -> None:
        """Stop; the headset stays where it is."""
        ...


class HeadsetRuntime:
    """What sessions are opened on, one after the other; a context manager."""

    def __init__(self, *, simulated: bool = False, mover: Callable[[MonadoService], Mover] | None = None) -> None:
        """simulated: though a real runtime is active. mover: of a simulated headset, a head that
        walks about if not given."""
        self._mover = mover or (lambda service: ScriptedHead(service.port))
        self._simulated = simulated
        self._stack = ExitStack()
        self._head: Mover | None = None
        self._walking_since_ns: int | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(complaints_logged(paths.cache_dir() / LOG))
            self._runtime: Runtime = stack.enter_context(open_runtime(simulated=self._simulated))
            stack.callback(self._drop_head)
            self._take_head()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @property
    def environment(self) -> Mapping[str, str]:
        """For the next session."""
        return self._runtime.environment

    @property
    def service(self) -> MonadoService | None:
        """Of a simulated headset."""
        return self._runtime.service

    def end(self) -> None:
        """End a simulated headset that hangs, from any thread: its calls return then, and it can be revived."""
        if self.service is not None:
            self.service.kill()

    def walk(self, start_ns: int) -> None:
        """The avatar stands before its viewer at this monotonic time: a head that a script moves may begin."""
        self._walking_since_ns = start_ns
        if self._head is not None:
            self._head.begin(start_ns)

    def revive(self) -> None:
        """Start a simulated headset again that has died, its head where it would be by now. Raises XrError."""
        service = self.service
        if service is None or (not service.revive() and self._head is not None):
            return
        self._drop_head()
        self._take_head()
        if self._head is not None and self._walking_since_ns is not None:
            self._head.begin(self._walking_since_ns)

    def _take_head(self) -> None:
        service = self.service
        if service is not None:
            self._head = self._mover(service)
            self._head.wait_until_ready()

    def _drop_head(self) -> None:
        if self._head is not None:
            self._head.close()
            self._head = None
