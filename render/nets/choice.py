"""The fastest way to run each network on this device: as a session, by a GPU backend of MNN's where it has one, or
lowered into the context, a row an invocation or a row's work shared out.

All are timed at the first start, in turn, until their results are there, and the fastest is kept for that device,
driver, network and number of rows.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import moderngl
import numpy as np

from assets.errors import LoweringError
from assets.lower import Program, input_shapes, lower
from render.errors import RenderError, StageError
from render.gl.context import is_software
from render.measure.store import Choices, device_key
from render.nets.backends import probe_backends
from render.nets.buffers import elements
from render.nets.lowered import LoweredStage, Way, lowered_stage
from render.nets.rows import fits
from render.nets.session import SessionStage, session_in_steps, session_stage
from render.steps import Steps, at_once, beside

WARM_UP: Final = 1
RUNS: Final = 5

Runnable = SessionStage | LoweredStage
Make = Callable[[], Steps[Runnable]]
MakeNetwork = Callable[[moderngl.Context, str, Mapping[str, moderngl.Buffer]], Runnable]
MakeInSteps = Callable[[moderngl.Context, str, Mapping[str, moderngl.Buffer]], Steps[Runnable]]


def choosing(
    ctx: moderngl.Context,
    model: bytes,
    program: Program | None,
    store: Choices,
    given: Mapping[str, moderngl.Buffer] = {},
    *,
    rows: int | None = None,
    half: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> Steps[Runnable]:
    """The .mnn file `model` as the stage that is fastest here, as `store` has it or as timed now by `clock` (seconds).

    `program` is the same network lowered, None where it cannot be; `half` keeps its weights as float16 on the GPU; for
    the rest see `session_stage`. Inputs that are given are read as they are, and nothing else is touched. Raises
    StageError where no way works.
    """
    ways = stage_ways(ctx, model, program, given, rows=rows, half=half)
    sizes = [(name, buffer.size) for name, buffer in sorted(given.items())]
    digest = hashlib.sha256(model).hexdigest()[:16]
    key = f"{device_key(ctx)} | network {digest} | {rows} rows | {sizes} | {'half' if half else 'float'}"
    known = store.get(key)
    if isinstance(known, str) and known in ways:
        with suppress(RenderError, LoweringError):
            return (yield from ways[known]())
    times = yield from timing(ctx, ways, clock)
    if not times:
        raise StageError("A network runs neither as a session nor lowered here; get the avatar again.")
    chosen = min(times, key=lambda way: times[way])
    store.put(key, chosen)
    return (yield from ways[chosen]())


def networks(
    models: Mapping[str, bytes], programs: Mapping[str, Program], store: Choices, *, half: bool = False
) -> MakeInSteps:
    """How AvatarRenderer's `make_model` runs an avatar's networks live: each the fastest way, beside the frame where
    that is a session. A network without a program is lowered now if it can be."""
    lowered: dict[tuple[object, ...], Program | None] = {}

    def make(ctx: moderngl.Context, name: str, given: Mapping[str, moderngl.Buffer]) -> Steps[Runnable]:
        program = programs.get(name)
        if program is None:
            of = name, *((tensor, buffer.size) for tensor, buffer in sorted(given.items()))
            if of not in lowered:
                lowered[of] = yield from beside(partial(_lowered, models[name], given))
            program = lowered[of]
        return (yield from choosing(ctx, models[name], program, store, given, half=half))

    return make


def networks_in_step(models: Mapping[str, bytes], programs: Mapping[str, Program]) -> MakeNetwork:
    """The same for pictures and films: what is drawn belongs to the moment that is drawn. Lowered where that can be and
    a GPU draws, else as a session that is waited for."""

    def make(ctx: moderngl.Context, name: str, given: Mapping[str, moderngl.Buffer]) -> Runnable:
        if not is_software(ctx) and (program := programs.get(name) or _lowered(models[name], given)):
            with suppress(RenderError, LoweringError):
                return lowered_stage(ctx, program, given)
        return session_stage(ctx, models[name], given, in_step=True)

    return make


def _lowered(model: bytes, given: Mapping[str, moderngl.Buffer]) -> Program | None:
    """The model's program, None where there is none. Inputs of one row serve all rows of the others."""
    with suppress(LoweringError):
        shapes = input_shapes(model)
        rows = {
            name: given[name].size // (4 * elements(shape[1:])) if name in given else shape[0]
            for name, shape in shapes.items()
        }
        most = max(rows.values(), default=1)
        return lower(model, shared=[name for name, count in rows.items() if count == 1 < most])
    return None


def _lowered_in_steps(
    ctx: moderngl.Context,
    program: Program,
    given: Mapping[str, moderngl.Buffer],
    rows: int | None,
    half: bool,
    way: Way,
) -> Steps[LoweredStage]:
    stage = lowered_stage(ctx, program, given, rows=rows, half=half, way=way)
    yield None
    return stage


def stage_ways(
    ctx: moderngl.Context,
    model: bytes,
    program: Program | None,
    given: Mapping[str, moderngl.Buffer] = {},
    *,
    rows: int | None = None,
    half: bool = False,
) -> dict[str, Make]:
    """Every way to make the stage that this machine offers, by name: "session", "session on BACKEND", "lowered by
    rows", "lowered by shares"."""
    ways: dict[str, Make] = {"session": partial(session_in_steps, ctx, model, given, rows=rows)}
    for backend in probe_backends():
        ways[f"session on {backend}"] = partial(session_in_steps, ctx, model, given, rows=rows, backend=backend)
    if program is not None:
        make = partial(_lowered_in_steps, ctx, program, given, rows, half)
        ways["lowered by shares"] = partial(make, "shared")
        if fits(program) and not is_software(ctx):
            ways["lowered by rows"] = partial(make, "rows")
    return ways


def way_times(
    ctx: moderngl.Context,
    ways: Mapping[str, Make],
    clock: Callable[[], float] = time.perf_counter,
    runs: int = RUNS,
) -> dict[str, float]:
    """As `timing`, here and now."""
    return at_once(timing(ctx, ways, clock, runs))


def timing(
    ctx: moderngl.Context,
    ways: Mapping[str, Make],
    clock: Callable[[], float] = time.perf_counter,
    runs: int = RUNS,
) -> Steps[dict[str, float]]:
    """Median milliseconds from run() to the result by each way, run by run in turn, a step each; without those that do
    not work."""
    stages: dict[str, Runnable] = {}
    try:
        for name, make in ways.items():
            with suppress(RenderError, LoweringError):
                stages[name] = yield from make()
        times: dict[str, list[float]] = {name: [] for name in stages}
        for _ in range(WARM_UP + runs):
            for name, stage in stages.items():
                ctx.finish()
                start = clock()
                stage.run()
                stage.finish()
                times[name].append((clock() - start) * 1e3)
                yield None
        return {name: float(np.median(took[WARM_UP:])) for name, took in times.items()}
    finally:
        for stage in stages.values():
            stage.release()
