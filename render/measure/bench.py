"""How long a frame takes, and each of its stages beside the least that it could take, with a walk around the avatar.

Frames are timed as a whole first, one glFinish a frame. Then the same walk is done again with a clock around every
stage (stage_times.py; their sum exceeds the frame's, since nothing overlaps), and once more to see what each moves
(work.py). Where two rasterisers are timed, each frame is drawn by both in turn, so that what else the machine does
falls on both alike.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import moderngl
import numpy as np

from assets.avatar import Avatar
from assets.progress import Progress, Step
from render.measure.choice import faster_rasteriser
from render.measure.cloud import make_cloud
from render.measure.machine import Machine, measure_machine
from render.measure.stage_times import CLOCKS, Clock, StageTimes, believed_clock
from render.measure.store import Choices
from render.measure.tuning import tuned_sort
from render.measure.walk import Walk
from render.measure.work import frame_work
from render.offscreen import Offscreen
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.stages.project import ProjectOptions

GAUSSIANS: Final = 250_000
OPTIONS: Final = ProjectOptions(deviations=8**0.5)
"""Where other renderers of Gaussians end them too."""
WARM_UP: Final = 2
"""Frames before the clock starts: shaders compile at their first use."""
CPU_GAUSSIANS: Final = 100
CPU_SIDE: Final = 64
CPU_FRAMES: Final = 300


@dataclass(frozen=True)
class BenchWork:
    """What is drawn, and how often."""

    gaussians: int | None = None
    """All of the avatar, or 250,000 of a made-up person."""
    size: tuple[int, int] = (1280, 720)
    """Pixels of an eye."""
    stereo: bool = False
    frames: int = 30
    stages: bool = False
    """Whether to tell what each stage moves, and its floor."""
    rasterisers: Sequence[RasteriserName] = ("tiles",)


def bench_render(
    avatar: Avatar | None, work: BenchWork, progress: Progress, choices: Choices | None = None
) -> dict[str, Any]:
    """Time `work`; without `avatar`, of a made-up person.

    Returns frame_ms.{p50,p95} and, of the same frames, processor_ms.{p50,p95} (of all processors, which other load does
    not stretch) and main_thread_ms.{p50,p99}, stages.NAME.ms (medians a frame),
    cpu_ms.{p50,p99} (frame_cpu), gl.{renderer,version}, gaussians, width, height, eyes, frames, and rasteriser; of
    several rasterisers the times stand under rasterisers.NAME instead, beside `chosen`, what choice.py says with
    `choices`, which also know the sort's shape (tuning.py). With work.stages also
    machine.{bytes_per_s,fragments_per_s}, stage_clock and, of each stage, {finish_ms,query_ms,bytes,floor_ms}, of draw
    {evaluated,seen} too (fragments.py).
    """
    if avatar is None:
        avatar = make_cloud(work.gaussians or GAUSSIANS)
    width, height = work.size
    with Offscreen() as offscreen, progress.step("Drawing", _steps(work)) as step:
        ctx = offscreen.ctx
        targets = [offscreen.target(width, height) for _ in range(1 + work.stereo)]
        machine = measure_machine(ctx) if work.stages else None
        most = min(work.gaussians or len(avatar.gaussians), len(avatar.gaussians))
        shape = tuned_sort(ctx, choices, most) if choices else None
        renderers = {
            name: AvatarRenderer(
                ctx, avatar, gaussians=work.gaussians, options=OPTIONS, rasteriser=name, sort_shape=shape
            )
            for name in work.rasterisers
        }
        walks = {name: Walk(renderer, avatar, *targets) for name, renderer in renderers.items()}
        whole = _whole_frames(ctx, walks, work.frames, step)
        times = {name: whole[name] | {"stages": {}} for name in walks}
        for name, walk in walks.items():
            times[name]["stages"] = _stages(ctx, renderers[name], walk, work, machine, step)
        cpu = frame_cpu(ctx, stereo=work.stereo)
        drawn = renderers[work.rasterisers[0]].gaussians
        chosen = None
        if len(walks) > 1 and choices is not None:
            chosen = faster_rasteriser(ctx, choices, gaussians=drawn, size=work.size)
        info, believed = ctx.info, believed_clock(ctx)
    alone = {**times[work.rasterisers[0]], "rasteriser": work.rasterisers[0]}
    together = {"rasterisers": times, **({"chosen": chosen} if chosen else {})}
    return {
        **(alone if len(times) == 1 else together),
        "cpu_ms": cpu,
        **({"machine": vars(machine), "stage_clock": believed} if machine else {}),
        "gl": {"renderer": info["GL_RENDERER"], "version": info["GL_VERSION"]},
        "gaussians": drawn,
        "width": width,
        "height": height,
        "eyes": len(targets),
        "frames": work.frames,
    }


def frame_cpu(ctx: moderngl.Context, *, stereo: bool) -> dict[str, float]:
    """Milliseconds of the main thread in a frame of 100 Gaussians in 64 x 64 pixels an eye: what is our own and the
    driver's, without the drawing, which a software GPU does on the same cores. {p50, p99}."""
    avatar = make_cloud(CPU_GAUSSIANS)
    targets = [ctx.simple_framebuffer((CPU_SIDE, CPU_SIDE)) for _ in range(1 + stereo)]
    walk = Walk(AvatarRenderer(ctx, avatar, options=OPTIONS), avatar, *targets)
    times = []
    for _ in range(CPU_FRAMES + WARM_UP):
        ctx.finish()
        start = time.thread_time()
        walk.frame()
        times.append((time.thread_time() - start) * 1e3)
    return _quantiles(times, 0.5, 0.99)


def _steps(work: BenchWork) -> int:
    return (2 + work.stages) * len(work.rasterisers) * (work.frames + WARM_UP)


def _whole_frames(
    ctx: moderngl.Context, walks: dict[RasteriserName, Walk], frames: int, step: Step
) -> dict[RasteriserName, dict[str, Any]]:
    took: dict[RasteriserName, list[float]] = defaultdict(list)
    thread: dict[RasteriserName, list[float]] = defaultdict(list)
    processors: dict[RasteriserName, list[float]] = defaultdict(list)
    for _ in range(frames + WARM_UP):
        for name, walk in walks.items():
            start, all_threads, ours = time.perf_counter(), time.process_time(), time.thread_time()
            walk.frame()
            thread[name].append((time.thread_time() - ours) * 1e3)
            ctx.finish()
            processors[name].append((time.process_time() - all_threads) * 1e3)
            took[name].append((time.perf_counter() - start) * 1e3)
            step.advance()
    return {
        name: {
            "frame_ms": _quantiles(took[name], 0.5, 0.95),
            "processor_ms": _quantiles(processors[name], 0.5, 0.95),
            "main_thread_ms": _quantiles(thread[name], 0.5, 0.99),
        }
        for name in walks
    }


def _quantiles(times: Sequence[float], *which: float) -> dict[str, float]:
    return {f"p{round(100 * q)}": quantile(times[WARM_UP:], q) for q in which}


def _stages(
    ctx: moderngl.Context,
    renderer: AvatarRenderer,
    walk: Walk,
    work: BenchWork,
    machine: Machine | None,
    step: Step,
) -> dict[str, dict[str, float]]:
    clocks: dict[Clock, dict[str, float]] = {}
    for clock in CLOCKS if machine else (believed_clock(ctx),):
        times = StageTimes(ctx, clock)
        renderer.watch(times.watch)
        for _ in range(work.frames + WARM_UP):
            walk.frame()
            times.frame()
            step.advance()
        clocks[clock] = times.medians(WARM_UP)
        times.release()
    shown = clocks[believed_clock(ctx)]
    figures: dict[str, dict[str, float]] = {kind: {"ms": round(ms, 3)} for kind, ms in shown.items()}
    if machine:
        for kind, each in frame_work(ctx, renderer, walk, work.size, OPTIONS).items():
            figure = figures[kind]
            figure |= {f"{clock}_ms": round(clocks[clock].get(kind, 0.0), 3) for clock in clocks}
            figure |= {
                "bytes": each.bytes,
                "floor_ms": round(machine.floor_ms(each.bytes, each.fragments.evaluated), 3),
            }
            figure |= {name: count for name, count in vars(each.fragments).items() if count}
    return figures


def quantile(values: Sequence[float], q: float) -> float:
    """The `q` quantile of `values`, to a microsecond where they are milliseconds."""
    return round(float(np.quantile(values, q)), 3)
