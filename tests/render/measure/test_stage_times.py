"""Stages are timed frame by frame, their eyes together, by either clock."""

from __future__ import annotations

import pytest

from assets.avatar import Avatar
from render.measure.stage_times import CLOCKS, Clock, StageTimes, believed_clock
from render.measure.walk import Walk
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer


def test_the_eyes_of_a_frame_are_summed_and_warm_up_is_left_out(gl: Offscreen) -> None:
    ticks = iter(range(100))
    times = StageTimes(gl.ctx, "finish", lambda: float(next(ticks)))
    for runs in (5, 2, 2, 1):
        for _ in range(runs):
            with times.watch("draw"):
                pass
        times.frame()
    with times.watch("sort"):
        pass
    times.frame()
    assert times.medians(1) == {"draw": 1500.0, "sort": 0.0}


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_real_frame_has_every_stage(gl: Offscreen, person: Avatar, clock: Clock) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    walk = Walk(renderer, person, gl.target(64, 48), gl.target(64, 48))
    times = StageTimes(gl.ctx, clock)
    renderer.watch(times.watch)
    for _ in range(3):
        walk.frame()
        times.frame()
    medians = times.medians(1)
    assert medians.keys() >= {"deform", "align", "lerp", "colour", "sort", "project", "draw", "compose"}
    assert medians["draw"] > 0


def test_a_software_gpu_has_no_clock_to_believe(gl: Offscreen) -> None:
    software = "llvmpipe" in gl.ctx.info["GL_RENDERER"]
    assert believed_clock(gl.ctx) == ("finish" if software else "query")
