"""Two constants of the device, each from a kernel that does nothing else: bytes copied and Gaussians blended a second.

With them a stage's work has a floor: no stage can be faster than its bytes at the one rate, or its fragments at the
other. On a software GPU both share the processor with whatever else runs, so they are the best of several runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import moderngl

from render.gl.context import Kernel, groups, is_software

_RUNS: Final = 15
_ROW_GROUPS: Final = 1024
_TURNS: Final = 2048
"""Under the 8,191 after which llvmpipe would end a loop of eight rows."""


@dataclass(frozen=True)
class Machine:
    """What the device does at best."""

    bytes_per_s: float
    """Read and written by a copy."""
    fragments_per_s: float
    """Gaussians evaluated and blended at one pixel each, in registers."""

    def floor_ms(self, moved: int, fragments: int) -> float:
        """Milliseconds under which work that moves so many bytes and blends so many fragments cannot be done."""
        return 1e3 * max(moved / self.bytes_per_s, fragments / self.fragments_per_s)


def measure_machine(ctx: moderngl.Context, clock: Callable[[], float] = time.perf_counter) -> Machine:
    """Both constants of the device of `ctx`, within a second or two."""
    small = is_software(ctx)
    return Machine(
        _copied(ctx, 1 << 26 if small else 1 << 28, clock), _blended(ctx, 1 << 12 if small else 1 << 20, clock)
    )


def _copied(ctx: moderngl.Context, size: int, clock: Callable[[], float]) -> float:
    source, target = ctx.buffer(reserve=size), ctx.buffer(reserve=size)
    source.clear()
    kernel = Kernel(ctx, "peak_copy")
    words = size // 16
    row = _ROW_GROUPS * 64
    seconds = _best(
        ctx, lambda: kernel((_ROW_GROUPS, groups(words, row)), [source, target], count=words, row=row), clock
    )
    for buffer in (source, target):
        buffer.release()
    return 2 * size / seconds


def _blended(ctx: moderngl.Context, invocations: int, clock: Callable[[], float]) -> float:
    sums = ctx.buffer(reserve=invocations * 4)
    kernel = Kernel(ctx, "peak_fragments")
    conic = (-0.8, 0.1, -0.7, -0.5)
    seconds = _best(ctx, lambda: kernel(invocations // 64, [sums], turns=_TURNS, conic=conic), clock)
    sums.release()
    return invocations * _TURNS * 8 / seconds


def _best(ctx: moderngl.Context, run: Callable[[], None], clock: Callable[[], float]) -> float:
    run()
    times = []
    for _ in range(_RUNS):
        ctx.finish()
        start = clock()
        run()
        ctx.finish()
        times.append(clock() - start)
    return min(times)
