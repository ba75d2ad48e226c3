"""Stages of a running session by the GPU's own clock."""

from __future__ import annotations

from assets.avatar import Avatar
from render.measure.stage_clock import StageClock
from render.measure.walk import Walk
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer


def test_every_stage_that_ran_has_its_share(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    walk = Walk(renderer, person, gl.target(64, 48), gl.target(64, 48))
    clock = StageClock(gl.ctx)
    renderer.watch(clock.watch)
    for _ in range(3):
        walk.frame()
        gl.ctx.finish()
        clock.frame()
    taken = dict(clock.take())
    assert list(taken)[-2:] == ["draw", "compose"], "in the order in which they run"
    assert taken.keys() >= {"deform", "align", "lerp", "colour", "sort", "project"}
    assert min(taken.values()) >= 0 and taken["draw"] > 0
    assert clock.take() == (), "each is told once"
    renderer.watch(None)
    walk.frame()
    gl.ctx.finish()
    clock.frame()
    assert clock.take() == (), "whom nobody watches costs nothing"
    clock.release()
