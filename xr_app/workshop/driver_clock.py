"""How much of a thread's time goes by inside the GL driver, which on a software GPU does a GPU's work there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final

import moderngl

CALLS: Final[dict[type, tuple[str, ...]]] = {
    moderngl.ComputeShader: ("run", "run_indirect"),
    moderngl.VertexArray: ("render",),
    moderngl.Framebuffer: ("clear", "use"),
    moderngl.Context: ("memory_barrier", "enable", "enable_only", "disable", "finish"),
    moderngl.Buffer: ("write", "read", "bind_to_storage_buffer"),
    moderngl.Texture: ("use", "write", "bind_to_image"),
    moderngl.Uniform: ("write",),
}
"""What a frame asks of the driver."""


class DriverClock:
    """Nanoseconds of the calling thread inside the driver, blocking not counted."""

    def __init__(self) -> None:
        self.total_ns = 0
        self.calls = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count all calls inside, of every context; each takes a microsecond longer then."""
        before = {(kind, name): getattr(kind, name) for kind, names in CALLS.items() for name in names}
        for (kind, name), call in before.items():
            setattr(kind, name, self._timed(call))
        try:
            yield
        finally:
            for (kind, name), call in before.items():
                setattr(kind, name, call)

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.thread_time_ns()
            try:
                return call(*args, **kwargs)
            finally:
                self.total_ns += time.thread_time_ns() - start
                self.calls += 1

        return timed
