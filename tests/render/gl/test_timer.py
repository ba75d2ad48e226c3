"""Spans of GPU time, against the wall clock around them."""

import time

from render.gl.timer import GpuTimer, Span
from render.measure.cloud import make_cloud
from render.measure.walk import Walk
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer


def timed(gl: Offscreen, timer: GpuTimer, frames: int) -> tuple[list[Span], float]:
    """Answers for so many frames of a small cloud, and the wall's milliseconds from the first to the last."""
    avatar = make_cloud(1000)
    walk = Walk(AvatarRenderer(gl.ctx, avatar), avatar, gl.target(64, 64))
    walk.frame()
    gl.ctx.finish()
    start = time.perf_counter()
    for number in range(frames):
        timer.begin(number)
        walk.frame()
        timer.end()
    gl.ctx.finish()
    return timer.answers(), 1e3 * (time.perf_counter() - start)


def test_spans_add_up_to_no_more_than_the_wall(gl: Offscreen) -> None:
    timer = GpuTimer(gl.ctx)
    assert timer.offered
    answers, wall = timed(gl, timer, 5)
    assert [span.tag for span in answers] == list(range(5))
    assert all(span.milliseconds > 0 for span in answers)
    assert sum(span.milliseconds for span in answers) <= wall
    assert timer.answers() == []
    timer.release()


def test_answers_that_nobody_fetched_make_room(gl: Offscreen) -> None:
    timer = GpuTimer(gl.ctx, spans=2)
    answers, _ = timed(gl, timer, 5)
    assert [span.tag for span in answers] == [3, 4]
    timer.release()


def test_after_release_nothing_is_timed(gl: Offscreen) -> None:
    timer = GpuTimer(gl.ctx)
    timer.release()
    timer.begin(0)
    timer.end()
    assert timer.answers() == []
