"""An avatar that is made in steps, beside other pictures, is the one that is made at once."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.errors import RenderError, ViewError
from render.offscreen import Offscreen
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.steps import Sliced
from render.view import look_at_view
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes

SIZE = (96, 80)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def pictures(gl: Offscreen, renderer: AvatarRenderer, avatar: Avatar) -> list[NDArray[np.uint8]]:
    renderer.set_keys(key(avatar, 0, 1.0), key(avatar, 1, 2.0, jawOpen=0.7))
    head, views = two_eyes((0.2, 1.5, 1.6), (0.3, 1.2, -0.2), *SIZE)
    targets = [gl.target(*SIZE) for _ in views]
    renderer.draw(views, targets, head=head, model=placed(), alpha=0.3, background=None)
    return [gl.read(target) for target in targets]


@BOTH_APIS
@pytest.mark.parametrize("rasteriser", ["tiles", "quads"])
def test_the_pictures_are_the_same(
    gl: Offscreen, person: Avatar, pool: ThreadPoolExecutor, rasteriser: RasteriserName
) -> None:
    other = AvatarRenderer(gl.ctx, person, gaussians=500, rasteriser=rasteriser)
    wanted = pictures(gl, AvatarRenderer(gl.ctx, person, rasteriser=rasteriser), person)
    meanwhile = pictures(gl, other, person)
    sliced, steps = Sliced(AvatarRenderer.in_steps(gl.ctx, person, rasteriser=rasteriser), pool), 0
    while not sliced.go_on(0.0):
        steps += 1
        if steps % 5 == 0:
            assert all(map(np.array_equal, pictures(gl, other, person), meanwhile))
    assert steps > 20
    assert all(map(np.array_equal, pictures(gl, sliced.result, person), wanted))


def test_after_a_rehearsal_nothing_is_made_for_the_first_picture(
    gl: Offscreen, person: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = pictures(gl, AvatarRenderer(gl.ctx, person), person)
    renderer = AvatarRenderer(gl.ctx, person)
    view = look_at_view((0.0, 0.9, 1.5), (0.0, 0.9, 0.0), 90.0, *SIZE)
    stages = len(list(renderer.rehearse([view, view])))
    assert stages == sum(count.runs for count in renderer.stats.values()) >= 7
    assert renderer.level == renderer.gaussians
    made: list[str] = []
    for kind in ("buffer", "texture", "compute_shader", "program"):
        make = getattr(moderngl.Context, kind)

        def noted(
            ctx: moderngl.Context, *args: object, kind: str = kind, make: object = make, **named: object
        ) -> object:
            made.append(kind)
            return make(ctx, *args, **named)  # type: ignore[operator]

        monkeypatch.setattr(moderngl.Context, kind, noted)
    renderer.set_keys(key(person, 0, 1.0), key(person, 1, 2.0, jawOpen=0.7))
    head, views = two_eyes((0.2, 1.5, 1.6), (0.3, 1.2, -0.2), *SIZE)
    targets = [gl.target(*SIZE) for _ in views]
    made.clear()
    renderer.draw(views, targets, head=head, model=placed(), alpha=0.3, background=None)
    assert not made
    assert all(map(np.array_equal, [gl.read(target) for target in targets], wanted))


def test_what_is_released_goes_with_the_last_who_holds_it(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    pictures(gl, renderer, person)
    parts = [weakref.ref(each) for each in (renderer, renderer.sorter, renderer.world, renderer.projector)]
    gc.disable()
    try:
        renderer.release()
        with pytest.raises(RenderError, match="released"):
            pictures(gl, renderer, person)
        del renderer
        assert [part() for part in parts] == [None] * 4, "without the collector, which would take a frame's time"
    finally:
        gc.enable()


def test_what_cannot_be_drawn_is_told_for_the_result(gl: Offscreen, person: Avatar, pool: ThreadPoolExecutor) -> None:
    sliced = Sliced(AvatarRenderer.in_steps(gl.ctx, person, gaussians=0), pool)
    assert sliced.go_on(0.0)
    with pytest.raises(ViewError, match="Cannot draw 0"):
        _ = sliced.result
