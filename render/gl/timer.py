"""How long the GPU took for a span of commands, asked for without ever waiting for it.

Two timestamps bracket each span (GL 3.3, ARB_timer_query; EXT_disjoint_timer_query on GLES), so that spans may lie
within others, which GL_TIME_ELAPSED forbids. The driver answers some frames later; a span whose answer is still out
when its queries are needed again is forgotten. Owns its queries; those between `begin` and the answer are the driver's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from ctypes import POINTER, byref, c_int, c_uint, c_uint64
from typing import Any, Final, NamedTuple

import moderngl

from render.gl.context import is_es
from render.gl.raw import gl_function

_TIMESTAMP: Final = 0x8E28
_QUERY_COUNTER_BITS: Final = 0x8864
_QUERY_RESULT: Final = 0x8866
_QUERY_RESULT_AVAILABLE: Final = 0x8867
_GPU_DISJOINT: Final = 0x8FBB


class Span(NamedTuple):
    """One answer."""

    tag: int
    """As `begin` was told."""
    milliseconds: float


class GpuTimer:
    """Times spans of commands of one context, `spans` of them in flight at most."""

    def __init__(self, ctx: moderngl.Context, spans: int = 8) -> None:
        es = is_es(ctx)
        self.offered = not es or "GL_EXT_disjoint_timer_query" in ctx.extensions
        """Whether this driver has a clock; where not, spans are never answered."""
        self._flying: deque[tuple[int, c_uint, c_uint]] = deque()
        self._open: tuple[int, c_uint, c_uint] | None = None
        self._free: list[tuple[c_uint, c_uint]] = []
        self._delete: Callable[..., Any] | None = None
        if self.offered:
            self._load(ctx, "EXT" if es else "", spans)

    def _load(self, ctx: moderngl.Context, suffix: str, spans: int) -> None:
        def function(name: str, *arguments: Any) -> Callable[..., Any]:
            return gl_function(ctx, name + suffix, None, *arguments)

        bits = c_int()
        function("glGetQueryiv", c_uint, c_uint, POINTER(c_int))(_TIMESTAMP, _QUERY_COUNTER_BITS, byref(bits))
        self.offered = bits.value > 0
        self._stamp = function("glQueryCounter", c_uint, c_uint)
        self._number = function("glGetQueryObjectuiv", c_uint, c_uint, POINTER(c_uint))
        self._time = function("glGetQueryObjectui64v", c_uint, c_uint, POINTER(c_uint64))
        self._delete = function("glDeleteQueries", c_int, POINTER(c_uint))
        self._disjoint = gl_function(ctx, "glGetIntegerv", None, c_uint, POINTER(c_int)) if suffix else None
        names = (c_uint * (2 * spans))()
        function("glGenQueries", c_int, POINTER(c_uint))(2 * spans, names)
        self._names = names
        self._free = [(c_uint(names[2 * k]), c_uint(names[2 * k + 1])) for k in range(spans)]

    def begin(self, tag: int) -> None:
        """Commands from here on belong to the span `tag`."""
        if not self.offered:
            return
        if not self._free:
            _, *pair = self._flying.popleft()
            self._free.append((pair[0], pair[1]))
        first, last = self._free.pop()
        self._stamp(first, _TIMESTAMP)
        self._open = tag, first, last

    def end(self) -> None:
        """Commands from here on do not."""
        if self._open is not None:
            self._stamp(self._open[2], _TIMESTAMP)
            self._flying.append(self._open)
            self._open = None

    def answers(self) -> list[Span]:
        """The spans whose time has become known since the last call, oldest first; never waits."""
        found: list[Span] = []
        ready, at = c_uint(), (c_uint64(), c_uint64())
        while self._flying:
            tag, first, last = self._flying[0]
            self._number(last, _QUERY_RESULT_AVAILABLE, byref(ready))
            if not ready.value:
                break
            self._flying.popleft()
            self._free.append((first, last))
            self._time(first, _QUERY_RESULT, byref(at[0]))
            self._time(last, _QUERY_RESULT, byref(at[1]))
            found.append(Span(tag, (at[1].value - at[0].value) / 1e6))
        return [] if self._interrupted() else found

    def _interrupted(self) -> bool:
        """Whether the clock jumped (a GLES device that changed its speed or slept): what it said is worth nothing."""
        if self._disjoint is None:
            return False
        jumped = c_int()
        self._disjoint(_GPU_DISJOINT, byref(jumped))
        return bool(jumped.value)

    def release(self) -> None:
        """Give the queries back."""
        if self._delete is not None:
            self._delete(len(self._names), self._names)
            self.offered, self._delete = False, None
            self._free, self._open = [], None
            self._flying.clear()
