"""Pictures from a context of their own."""

from __future__ import annotations

import numpy as np
import pytest

from assets.avatar import Avatar
from render.motion.pose import rest_key
from render.offscreen import Offscreen, look_at_view, render_image
from tests.render import oracle
from tests.render.scenes import key


def test_one_picture_is_what_the_oracle_draws(person: Avatar) -> None:
    pose = key(person, 0, arm_degrees=45, jawOpen=0.5)
    view = look_at_view((0.4, 1.5, 1.5), (0, 1.1, 0), 55, 150, 180)
    picture = render_image(
        person, view, expression=pose.expression, joints=pose.joints, background=(0.5, 0.1, 0.05, 1.0)
    )
    state = oracle.align(person, oracle.deform(person, pose))
    expected = oracle.render(
        person, view, state, head=view.pose[:3, 3], model=np.eye(4), background=(0.5, 0.1, 0.05, 1.0)
    )
    assert picture.shape == (180, 150, 4) and picture.dtype == np.uint8
    assert oracle.psnr(picture, expected) >= 50


def test_several_views_stand_side_by_side_each_sorted_from_its_own_eye(person: Avatar) -> None:
    views = [look_at_view(eye, (0, 1.1, 0), 55, 120, 100) for eye in ((0, 1.5, 1.6), (0, 1.5, -1.6))]
    both = render_image(person, views)
    assert both.shape == (100, 240, 4)
    for index, view in enumerate(views):
        alone = render_image(person, view)
        assert np.array_equal(both[:, 120 * index : 120 * (index + 1)], alone)


def test_the_first_gaussians_alone_cover_the_same_surface(person: Avatar) -> None:
    view = look_at_view((0, 1.2, 2.0), (0, 1.1, 0), 60, 128, 128)
    full = render_image(person, view, background=None)[..., 3] > 128
    thin = render_image(person, view, background=None, gaussians=1500)[..., 3] > 128
    assert (full & thin).sum() / full.sum() > 0.95
    assert (thin & ~full).sum() / full.sum() < 0.2


def test_the_target_keeps_srgb_of_linear_light() -> None:
    with Offscreen() as offscreen:
        target = offscreen.target(3, 2)
        target.clear(0.18, 0.5, 1.0, 1.0)
        picture = offscreen.read(target)
    assert np.abs(picture.astype(int) - (118, 188, 255, 255)).max() <= 1


def test_rows_come_top_first() -> None:
    with Offscreen() as offscreen:
        target = offscreen.target(4, 4)
        target.clear(0, 0, 0, 1)
        target.clear(1, 1, 1, 1, viewport=(0, 3, 4, 1))
        picture = offscreen.read(target)
    assert (picture[0, :, :3] == 255).all() and (picture[1:, :, :3] == 0).all()


@pytest.mark.parametrize("times", [3])
def test_contexts_may_come_and_go(person: Avatar, times: int) -> None:
    view = look_at_view((0, 1.2, 2.0), (0, 1.1, 0), 60, 32, 32)
    pictures = [render_image(person, view, joints=rest_key(person).joints) for _ in range(times)]
    assert all(np.array_equal(pictures[0], picture) for picture in pictures)


def test_what_nobody_holds_is_given_back_with_the_next_use() -> None:
    with Offscreen() as offscreen:
        kept, dropped, released = (offscreen.ctx.buffer(b"kept") for _ in range(3))
        released.release()
        del dropped, released
        assert offscreen.ctx.objects
        offscreen.use()
        assert not offscreen.ctx.objects and kept.read() == b"kept"
        assert offscreen.ctx.error == "GL_NO_ERROR"
