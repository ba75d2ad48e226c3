"""How the time of a frame grows: with the number of Gaussians, and as the avatar comes nearer.

All points are measured in turn, one frame of each after the other, so that what else the machine does falls on all of
them alike.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import moderngl

from assets.progress import Progress, Step
from render.measure.bench import GAUSSIANS, OPTIONS, WARM_UP, quantile
from render.measure.cloud import make_cloud
from render.measure.machine import Machine, measure_machine
from render.measure.walk import DISTANCE_M, Walk
from render.measure.work import frame_work
from render.offscreen import Offscreen
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer

COUNTS: Final = (10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
DISTANCES_M: Final = (0.4, 0.6, 0.8, 1.0, 1.6, 2.5, 4.0)


@dataclass(frozen=True)
class Scaling:
    """What is drawn, and how often."""

    counts: Sequence[int] = COUNTS
    """Gaussians, from DISTANCE_M metres."""
    distances: Sequence[float] = DISTANCES_M
    """Metres, of `gaussians` Gaussians."""
    gaussians: int = GAUSSIANS
    size: tuple[int, int] = (1280, 720)
    """Pixels of an eye."""
    stereo: bool = False
    frames: int = 10
    """Of each point."""
    rasteriser: RasteriserName = "tiles"


@dataclass
class _Point:
    renderer: AvatarRenderer
    walk: Walk
    names: dict[str, float]
    times: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)

    def figures(self, ctx: moderngl.Context, machine: Machine, size: tuple[int, int]) -> dict[str, Any]:
        work = frame_work(ctx, self.renderer, self.walk, size, OPTIONS)
        floor = sum(machine.floor_ms(each.bytes, each.fragments.evaluated) for each in work.values())
        times = self.times[WARM_UP:]
        frame = {"p50": quantile(times, 0.5), "p95": quantile(times, 0.95)}
        processor = {"p50": quantile(self.processors[WARM_UP:], 0.5)}
        return {
            **self.names,
            "frame_ms": frame,
            "processor_ms": processor,
            "floor_ms": round(floor, 3),
            **vars(work["draw"].fragments),
        }


def bench_scaling(scaling: Scaling, progress: Progress) -> dict[str, Any]:
    """Time every point of `scaling`, each of a made-up person.

    Returns by_count and by_distance, lists of {gaussians, distance_m, frame_ms.{p50,p95}, processor_ms.p50, floor_ms,
    evaluated, seen}, and gl, machine,
    width, height, eyes, frames, rasteriser.
    """
    total = (len(scaling.counts) + len(scaling.distances)) * (scaling.frames + WARM_UP)
    with Offscreen() as offscreen, progress.step("Drawing", total) as step:
        ctx, machine = offscreen.ctx, measure_machine(offscreen.ctx)
        targets = [offscreen.target(*scaling.size) for _ in range(1 + scaling.stereo)]

        def points(counts: Sequence[int], distances: Sequence[float]) -> list[_Point]:
            made = []
            for count in counts:
                avatar = make_cloud(count)
                for distance in distances:
                    # One of its own: buffers grow with the nearest view.
                    renderer = AvatarRenderer(ctx, avatar, options=OPTIONS, rasteriser=scaling.rasteriser)
                    walk = Walk(renderer, avatar, *targets, distance=distance)
                    made.append(_Point(renderer, walk, {"gaussians": count, "distance_m": distance}))
            return made

        by_count = points(scaling.counts, [DISTANCE_M])
        by_distance = points([scaling.gaussians], scaling.distances)
        _measure(ctx, [*by_count, *by_distance], scaling.frames, step)
        info = ctx.info
        return {
            "by_count": [point.figures(ctx, machine, scaling.size) for point in by_count],
            "by_distance": [point.figures(ctx, machine, scaling.size) for point in by_distance],
            "machine": vars(machine),
            "gl": {"renderer": info["GL_RENDERER"], "version": info["GL_VERSION"]},
            "width": scaling.size[0],
            "height": scaling.size[1],
            "eyes": len(targets),
            "frames": scaling.frames,
            "rasteriser": scaling.rasteriser,
        }


def _measure(ctx: moderngl.Context, points: list[_Point], frames: int, step: Step) -> None:
    for _ in range(frames + WARM_UP):
        for point in points:
            start, processors = time.perf_counter(), time.process_time()
            point.walk.frame()
            ctx.finish()
            point.processors.append((time.process_time() - processors) * 1e3)
            point.times.append((time.perf_counter() - start) * 1e3)
            step.advance()
