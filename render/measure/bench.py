"""How long a frame takes, and each of its stages, with a walk around the avatar (walk.py).

Frames are timed as a whole first, one glFinish a frame; then the same walk is done again with a glFinish before and
after every stage, which gives each stage's own time (their sum exceeds the frame's, since nothing overlaps). Where two
rasterisers are timed, each frame is drawn by both in turn, so that what else the machine does falls on both alike.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from assets.avatar import Avatar
from assets.progress import Progress
from render.measure.choice import faster_rasteriser
from render.measure.cloud import make_cloud
from render.measure.store import Choices
from render.measure.walk import Walk, stopwatch
from render.offscreen import Offscreen
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer

GAUSSIANS = 250_000
DEVIATIONS = 8**0.5
"""Where other renderers of Gaussians end them too."""
WARM_UP = 2
"""Frames before the clock starts: shaders compile at their first use."""


def bench_render(
    avatar: Avatar | None,
    gaussians: int | None,
    width: int,
    height: int,
    frames: int,
    progress: Progress,
    rasterisers: Sequence[RasteriserName] = ("tiles",),
    choices: Choices | None = None,
) -> dict[str, Any]:
    """Time `frames` frames of one eye; without `avatar`, of a made-up person of `gaussians` (250,000) Gaussians.

    Returns frame_ms.{p50,p95}, stages.NAME.ms (medians), gl.{renderer,version}, gaussians, width, height, frames, and
    rasteriser; of several rasterisers the times stand under rasterisers.NAME instead, beside `chosen`, what choice.py
    says with the store `choices`.
    """
    if avatar is None:
        avatar = make_cloud(gaussians or GAUSSIANS)
    with Offscreen() as offscreen, progress.step("Drawing", 2 * len(rasterisers) * (frames + WARM_UP)) as step:
        ctx, target = offscreen.ctx, offscreen.target(width, height)
        renderers = {
            name: AvatarRenderer(ctx, avatar, gaussians=gaussians, deviations=DEVIATIONS, rasteriser=name)
            for name in rasterisers
        }
        walks = {name: Walk(renderer, avatar, target) for name, renderer in renderers.items()}

        def run() -> dict[RasteriserName, list[float]]:
            took: dict[RasteriserName, list[float]] = defaultdict(list)
            for _ in range(frames + WARM_UP):
                for name, walk in walks.items():
                    start = time.perf_counter()
                    walk.frame()
                    ctx.finish()
                    took[name].append((time.perf_counter() - start) * 1e3)
                    step.advance()
            return took

        whole = run()
        stages: dict[RasteriserName, dict[str, list[float]]] = {name: defaultdict(list) for name in walks}
        for name, renderer in renderers.items():
            renderer.watch(stopwatch(ctx, stages[name]))
        run()
        info = ctx.info
        drawn = renderers[rasterisers[0]].gaussians
        chosen = None
        if len(rasterisers) > 1 and choices is not None:
            chosen = faster_rasteriser(ctx, choices, gaussians=drawn, size=(width, height))
    times = {name: _figures(whole[name][WARM_UP:], stages[name]) for name in walks}
    alone = {**times[rasterisers[0]], "rasteriser": rasterisers[0]}
    together = {"rasterisers": times, **({"chosen": chosen} if chosen else {})}
    return {
        **(alone if len(times) == 1 else together),
        "gl": {"renderer": info["GL_RENDERER"], "version": info["GL_VERSION"]},
        "gaussians": drawn,
        "width": width,
        "height": height,
        "frames": frames,
    }


def _figures(whole: list[float], stages: dict[str, list[float]]) -> dict[str, Any]:
    return {
        "frame_ms": {"p50": _quantile(whole, 0.5), "p95": _quantile(whole, 0.95)},
        "stages": {name: {"ms": _quantile(times[WARM_UP:], 0.5)} for name, times in stages.items()},
    }


def _quantile(values: list[float], q: float) -> float:
    return round(float(np.quantile(values, q)), 3)
