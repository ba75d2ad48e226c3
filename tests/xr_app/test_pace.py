"""The frame rate of a session, held with a real GPU clock or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assets.avatar import Avatar
from render.control import SCALES
from render.load import LLVMPIPE, Quality
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.view import look_at_view
from xr_app.likeness import Pacing
from xr_app.pace import SOFTWARE_LEAST_SCALE, Pace
from xr_app.recording.rows import STREAMS
from xr_app.recording.taped import TapedPace
from xr_app.session.frame import Frame

COUNT, LEVELS = 15_000, (1_000, 10_000)


class Owner:
    """Frames without a headset: nothing to acquire, nothing to end."""

    def acquire(self) -> list:
        return []

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        pass


@pytest.fixture(scope="module")
def gl() -> Iterator[Offscreen]:
    with Offscreen() as offscreen:
        yield offscreen


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    return replace(make_cloud(COUNT), levels=LEVELS)


class Paper:
    """What a tape would note of the quality, on a row that is forgotten."""

    def row(self, stream: str) -> tuple[np.ndarray, int]:
        return np.zeros(1, STREAMS[stream]), 0


def show(
    gl: Offscreen, avatar: Avatar, frames: int, *, period_ms: float, software: bool, clock: bool, skipped: int = 0,
    least: Callable[[int], float] = lambda index: 0.0, followed: list[Pacing] | None = None, taped: bool = False,
) -> list[Quality]:  # fmt: skip
    """The qualities of so many frames of one small eye."""
    renderer = AvatarRenderer(gl.ctx, avatar)
    key = rest_key(avatar)
    renderer.set_keys(key, key)
    pace: Pacing = Pace(gl.ctx, renderer, COUNT, LLVMPIPE, software=software)
    if taped:
        paper: Any = Paper()
        pace = TapedPace(paper, pace)
    if followed is not None:
        if followed:
            pace.follow(followed[-1].found)
        followed.append(pace)
    if not clock:
        pace.release()
    target, drawn = gl.target(64, 64), []
    for index in range(frames):
        view = look_at_view((1e-4 * (index % 2), 1.4, 2.0), (0.0, 1.2, 0.0), 60, 64, 64)
        frame = Frame(
            Owner(),
            index=index,
            xr_time=0,
            display_time_ns=0,
            period_ns=round(period_ms * 1e6),
            skipped=skipped,
            head=view.pose,
            views=[view],
            should_render=True,
            recentred=False,
            begun_ns=index * 14_000_000,
            cpu_begun_ns=0,
        )
        with pace.drawing(frame, least(index)) as quality:
            renderer.draw(
                frame.views, [target], head=frame.head, model=np.eye(4), alpha=0.0, background=None, scale=quality.scale
            )
        frame.ended_ns = frame.begun_ns + 1_000_000
        pace.ended(frame)
        assert renderer.level == quality.gaussians
        drawn.append(quality)
    pace.release()
    return drawn


def test_a_period_that_nothing_fits_into_is_answered_by_the_lowest(gl: Offscreen, avatar: Avatar) -> None:
    drawn = show(gl, avatar, 40, period_ms=0.01, software=False, clock=True)
    assert drawn[-1] == Quality(min(LEVELS), min(SCALES))


def test_the_resolution_falls_no_lower_than_is_wished_for_and_not_at_all_where_it_is_not_dynamic(
    gl: Offscreen, avatar: Avatar
) -> None:
    wished = {0: 0.6, 25: 1.0, 35: 0.4}
    drawn = show(
        gl, avatar, 50, period_ms=0.01, software=False, clock=True,
        least=lambda index: next(share for begin, share in reversed(wished.items()) if index >= begin),
    )  # fmt: skip
    scales = [quality.scale for quality in drawn]
    assert min(scales[:25]) == scales[24] == 0.68, "the least of those that are allowed"
    assert scales[25:35] == [1.0] * 10 and drawn[34].gaussians == min(LEVELS), "what is left to save is Gaussians"
    assert scales[-1] == min(SCALES)


def test_all_is_drawn_where_it_fits(gl: Offscreen, avatar: Avatar) -> None:
    drawn = show(gl, avatar, 40, period_ms=5000.0, software=False, clock=True)
    assert set(drawn) == {Quality(COUNT, 1.0)}


def test_a_software_gpu_has_longer_and_no_face_gets_too_coarse(gl: Offscreen, avatar: Avatar) -> None:
    drawn = show(gl, avatar, 40, period_ms=0.01, software=True, clock=False)
    assert set(drawn) == {Quality(COUNT, 1.0)}
    drawn = show(gl, avatar, 60, period_ms=20.0, software=True, clock=False, skipped=20)
    assert drawn[-1] == Quality(10_000, SOFTWARE_LEAST_SCALE)


def test_without_a_clock_missed_periods_tell(gl: Offscreen, avatar: Avatar) -> None:
    period_ms = 200.0
    assert set(show(gl, avatar, 40, period_ms=period_ms, software=False, clock=False)) == {Quality(COUNT, 1.0)}
    drawn = show(gl, avatar, 40, period_ms=period_ms, software=False, clock=False, skipped=3)
    assert drawn[-1] != Quality(COUNT, 1.0)


@pytest.mark.parametrize("taped", [False, True])
def test_who_takes_anothers_place_is_drawn_as_the_device_can_from_the_first_frame_on(
    gl: Offscreen, avatar: Avatar, taped: bool
) -> None:
    one: list[Pacing] = []
    # Ten times slower than foretold.
    slow: dict[str, Any] = {"period_ms": 40.0, "software": False, "clock": False, "skipped": 9, "taped": taped}
    before = show(gl, avatar, 30, followed=one, **slow)
    assert before[0].gaussians == COUNT and before[-1] == Quality(min(LEVELS), min(SCALES))
    assert show(gl, avatar, 1, followed=one, **slow) == [before[-1]]
    assert show(gl, avatar, 1, **slow) == [before[0]]
