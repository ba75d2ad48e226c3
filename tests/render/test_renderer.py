"""Whole pictures against the oracle, and what runs and what does not."""

from __future__ import annotations

from itertools import pairwise

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.errors import ViewError
from render.motion.pose import PoseKey, rest_key
from render.offscreen import Offscreen
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.view import View, look_at_pose
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes

GREY = (0.2, 0.25, 0.3, 1.0)
STAGES = ("deform", "align", "lerp", "colour", "sort", "project", "draw")
PLACES = {
    "far": ((0.2, 1.4, 2.9), (0.3, 1.1, -0.2)),
    "near": ((0.3, 1.7, 0.3), (0.3, 1.6, -0.2)),
    "side": ((1.9, 1.2, 0.2), (0.3, 1.1, -0.2)),
    "behind": ((0.1, 2.0, -2.0), (0.3, 1.1, -0.2)),
    "below": ((0.8, 0.2, 0.9), (0.3, 1.2, -0.2)),
}


class Stand:
    """A renderer with targets for two eyes."""

    def __init__(self, gl: Offscreen, avatar: Avatar, width: int = 176, height: int = 143) -> None:
        self.gl, self.avatar = gl, avatar
        self.renderer = AvatarRenderer(gl.ctx, avatar)
        self.targets = [gl.target(width, height) for _ in range(2)]

    def draw(
        self,
        head: NDArray[np.float64],
        views: list[View],
        *,
        alpha: float = 0.0,
        model: NDArray[np.float64] | None = None,
        background: tuple[float, float, float, float] | None = GREY,
    ) -> list[NDArray[np.uint8]]:
        model = placed() if model is None else model
        targets: list[moderngl.Framebuffer] = self.targets[: len(views)]
        self.renderer.draw(views, targets, head=head, model=model, alpha=alpha, background=background)
        return [self.gl.read(target) for target in targets]

    def ran(self) -> dict[str, int]:
        return {name: self.renderer.stats[name].runs for name in STAGES}


@pytest.fixture
def stand(gl: Offscreen, person: Avatar) -> Stand:
    return Stand(gl, person)


@BOTH_APIS
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("background", [GREY, None])
def test_both_eyes_against_the_oracle(stand: Stand, place: str, background: tuple[float, ...] | None) -> None:
    person = stand.avatar
    before, after = key(person, 0, 1.0), key(person, 1, 4.0, arm_degrees=80, jawOpen=1.0)
    stand.renderer.set_keys(before, after)
    head, views = two_eyes(*PLACES[place])
    pictures = stand.draw(head, views, alpha=0.4, background=background)
    state = oracle.between(*(oracle.align(person, oracle.deform(person, pose)) for pose in (before, after)), 0.4)
    for view, picture in zip(views, pictures, strict=True):
        expected = oracle.render(person, view, state, head=head[:3, 3], model=placed(), background=background)
        assert np.ptp(expected[..., :3].astype(int)) > 60, "there is someone to see"
        quality = oracle.psnr(picture, expected)
        print(f"{place}: {quality:.1f} dB")
        assert quality >= 50


@BOTH_APIS
@pytest.mark.parametrize("rasteriser", ["tiles", "quads"])
@pytest.mark.parametrize("size", [0.1, 1.5])
def test_another_size_against_the_oracle(
    gl: Offscreen, person: Avatar, rasteriser: RasteriserName, size: float
) -> None:
    """Shapes, harmonics' directions and order of an avatar that `model` makes smaller or larger."""
    renderer = AvatarRenderer(gl.ctx, person, rasteriser=rasteriser, depth_range=(0.02, 20.0))
    pose = key(person, 0, 1.0)
    renderer.set_keys(pose, pose)
    model = placed()
    model[:3, :3] *= size
    middle = (model @ (0.0, 1.3, 0.0, 1.0))[:3]
    head, views = two_eyes(tuple(middle + np.array([0.3, 0.25, 1.1]) * max(size, 0.25)), tuple(middle))
    state = oracle.align(person, oracle.deform(person, pose))
    targets = [gl.target(176, 143) for _ in views]
    renderer.draw(views, targets, head=head, model=model, alpha=0.0, background=GREY)
    for view, target in zip(views, targets, strict=True):
        expected = oracle.render(person, view, state, head=head[:3, 3], model=model, background=GREY)
        assert np.ptp(expected[..., :3].astype(int)) > 60, "there is someone to see"
        quality = oracle.psnr(gl.read(target), expected)
        print(f"{size}: {quality:.1f} dB")
        assert quality >= 50


@pytest.mark.parametrize("size", [0.1, 1.5])
def test_a_smaller_avatar_nearer_by_is_the_same_picture(gl: Offscreen, person: Avatar, size: float) -> None:
    """All of space made smaller looks the same, and is sorted as often on the way."""
    stand, reference = Stand(gl, person), Stand(gl, person)
    pose = key(person, 0, 1.0)
    counts = []
    shown = []
    for each, factor in ((reference, 1.0), (stand, size)):
        each.renderer.set_keys(pose, pose)
        model = placed()
        model[:3] *= factor
        for step in range(12):
            eye = (0.3 + 0.03 * step, 1.5, 1.2)
            head, views = two_eyes(eye, (0.3, 1.1, -0.2))
            head[:3, 3] *= factor
            for view in views:
                view.pose[:3, 3] *= factor
            pictures = each.draw(head, views, model=model)
        counts.append(each.ran()["sort"])
        shown.append(pictures)
    assert counts[0] == counts[1] > 2
    for a, b in zip(*shown, strict=True):
        assert oracle.psnr(a, b) > 50


def test_the_eyes_see_different_pictures(stand: Stand) -> None:
    pose = rest_key(stand.avatar)
    stand.renderer.set_keys(pose, pose)
    left, right = stand.draw(*two_eyes(*PLACES["near"]))
    assert oracle.psnr(left, right) < 30


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (9, 7), (131, 64)])
def test_any_size(gl: Offscreen, person: Avatar, size: tuple[int, int]) -> None:
    stand, pose = Stand(gl, person, *size), rest_key(person)
    stand.renderer.set_keys(pose, pose)
    head, views = two_eyes((0.3, 1.6, 0.6), (0.3, 1.5, -0.2), *size)
    state = oracle.align(person, oracle.deform(person, pose))
    for view, picture in zip(views, stand.draw(head, views), strict=True):
        expected = oracle.render(person, view, state, head=head[:3, 3], model=placed(), background=GREY)
        assert oracle.psnr(picture, expected) >= 40


@BOTH_APIS
def test_a_view_may_change_its_size_between_frames(gl: Offscreen, person: Avatar) -> None:
    stand, pose = Stand(gl, person), rest_key(person)
    stand.renderer.set_keys(pose, pose)
    head, small = two_eyes(*PLACES["far"])
    first = stand.draw(head, small)
    stand.targets = [gl.target(400, 300) for _ in range(2)]
    stand.draw(*two_eyes(*PLACES["near"], 400, 300))
    stand.targets = [gl.target(176, 143) for _ in range(2)]
    again = stand.draw(head, small)
    assert oracle.psnr(first[0], again[0]) > 55


@BOTH_APIS
def test_out_of_sight_leaves_the_background(stand: Stand) -> None:
    pose = rest_key(stand.avatar)
    stand.renderer.set_keys(pose, pose)
    head, views = two_eyes((0, 1.5, 2), (0, 1.5, 4))
    assert all(not picture.any() for picture in stand.draw(head, views, background=None))
    picture = stand.draw(head, views, background=(1, 0, 0, 1))[0]
    assert (picture == (255, 0, 0, 255)).all()


def test_a_head_inside_the_body_draws_something_finite(stand: Stand) -> None:
    pose = rest_key(stand.avatar)
    stand.renderer.set_keys(pose, pose)
    picture = stand.draw(*two_eyes((0.3, 1.3, -0.15), (0.3, 1.3, 1.0)), background=None)[0]
    assert np.isfinite(picture).all() and picture[..., 3].max() > 200


def test_premultiplied_and_transparent_without_a_background(stand: Stand) -> None:
    pose = rest_key(stand.avatar)
    stand.renderer.set_keys(pose, pose)
    picture = stand.draw(*two_eyes(*PLACES["side"]), background=None)[0]
    assert (picture[picture[..., 3] == 0][:, :3] == 0).all()
    assert 0.05 < (picture[..., 3] == 255).mean() < 0.6


def test_a_still_head_and_no_new_key_run_nothing(stand: Stand) -> None:
    stand.renderer.set_keys(key(stand.avatar, 0), key(stand.avatar, 1, 1.0))
    head, views = two_eyes(*PLACES["far"])
    first = stand.draw(head, views, alpha=0.5)
    before = stand.ran()
    second = stand.draw(head, views, alpha=0.5)
    assert stand.ran() == before
    assert {name: stand.renderer.stats[name].skips for name in ("lerp", "sort", "project", "draw")} == {
        "lerp": 1,
        "sort": 1,
        "project": 1,
        "draw": 1,
    }
    assert np.array_equal(first, second)


def test_a_new_key_costs_one_deform_and_one_align(stand: Stand) -> None:
    keys = [key(stand.avatar, number, number * 0.05) for number in range(5)]
    head, views = two_eyes(*PLACES["far"])
    for step, pair in enumerate(pairwise(keys)):
        stand.renderer.set_keys(*pair)
        stand.draw(head, views)
        ran = stand.ran()
        assert (ran["deform"], ran["align"]) == (step + 2, step + 2)


def test_keys_that_were_prepared_cost_their_frame_neither(stand: Stand) -> None:
    a, b, c = (key(stand.avatar, number, arm_degrees=20.0 * number) for number in range(3))
    head, views = two_eyes(*PLACES["far"])
    stand.renderer.set_keys(a, b)
    stand.draw(head, views)
    before = stand.ran()
    stand.renderer.prepare(b, c)
    prepared = stand.ran()
    assert {name for name in STAGES if prepared[name] != before[name]} == {"deform", "align"}
    made = stand.draw(head, views, alpha=1.0)
    after = stand.ran()
    assert (after["deform"], after["align"]) == (prepared["deform"], prepared["align"])
    fresh = Stand(stand.gl, stand.avatar)
    fresh.renderer.set_keys(c, c)
    assert np.array_equal(made, fresh.draw(head, views))


def test_a_head_that_moves_without_its_eyes_is_drawn_right(gl: Offscreen, stand: Stand) -> None:
    pose = rest_key(stand.avatar)
    stand.renderer.set_keys(pose, pose)
    head, views = two_eyes(*PLACES["near"])
    stand.draw(head, views)
    elsewhere = look_at_pose((1.5, 1.0, 0.5), (0.3, 1.2, -0.2))
    moved = stand.draw(elsewhere, views)
    assert stand.renderer.sorted_last_frame
    fresh = Stand(gl, stand.avatar)
    fresh.renderer.set_keys(pose, pose)
    assert np.array_equal(moved, fresh.draw(elsewhere, views))


def test_a_refused_key_leaves_the_others_as_they_were(stand: Stand) -> None:
    a, b = key(stand.avatar, 0), key(stand.avatar, 1, arm_degrees=60)
    head, views = two_eyes(*PLACES["far"])
    stand.renderer.set_keys(a, b)
    before = stand.draw(head, views, alpha=0.5)
    with pytest.raises(ViewError):
        stand.renderer.set_keys(key(stand.avatar, 2), PoseKey(3, b.expression, b.joints[:4]))
    assert np.array_equal(before, stand.draw(head, views, alpha=0.5))


def test_between_keys_only_what_moves_runs(stand: Stand) -> None:
    stand.renderer.set_keys(key(stand.avatar, 0), key(stand.avatar, 1, 0.05))
    head, views = two_eyes(*PLACES["far"])
    stand.draw(head, views, alpha=0.2)
    before = stand.ran()
    stand.draw(head, views, alpha=0.6)
    after = stand.ran()
    assert {name: after[name] - before[name] for name in STAGES} == {
        "deform": 0, "align": 0, "lerp": 1, "colour": 1, "sort": 0, "project": 1, "draw": 1,
    }  # fmt: skip


def test_the_seam_between_keys_does_not_show(stand: Stand) -> None:
    a, b, c = (key(stand.avatar, number, arm_degrees=15.0 * number, jawOpen=0.4 * number) for number in range(3))
    head, views = two_eyes(*PLACES["far"])
    stand.renderer.set_keys(a, b)
    stand.draw(head, views, alpha=0.0)
    end = stand.draw(head, views, alpha=1.0)
    stand.renderer.set_keys(b, c)
    start = stand.draw(head, views, alpha=0.0)
    assert np.array_equal(end[0], start[0])


def test_keys_may_come_back_stand_still_or_run_backwards(gl: Offscreen, stand: Stand) -> None:
    keys = [key(stand.avatar, number, number * 0.9, jawOpen=0.3 * number) for number in range(4)]
    head, views = two_eyes(*PLACES["near"])
    for i, j in ((0, 1), (1, 1), (1, 0), (2, 3), (3, 2), (2, 2), (0, 2)):
        stand.renderer.set_keys(keys[i], keys[j])
        picture = stand.draw(head, views, alpha=0.3)[0]
        fresh = Stand(gl, stand.avatar)
        fresh.renderer.set_keys(keys[i], keys[j])
        assert oracle.psnr(picture, fresh.draw(head, views, alpha=0.3)[0]) > 45, (i, j)


def test_a_prefix_draws_the_most_important(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person, gaussians=500)
    assert renderer.gaussians == len(renderer.drawn) == 500
    wanted = np.sort(person.gaussians.opacity[:500])
    assert np.array_equal(np.sort(renderer.drawn.opacity), wanted)


def test_what_does_not_fit_is_refused(gl: Offscreen, stand: Stand) -> None:
    good = rest_key(stand.avatar)
    with pytest.raises(ViewError, match="does not fit"):
        stand.renderer.set_keys(good, PoseKey(9, good.expression[:5], good.joints))
    with pytest.raises(ViewError, match="not a number"):
        stand.renderer.set_keys(good, PoseKey(9, good.expression, good.joints * np.nan))
    stand.renderer.set_keys(good, good)
    head, views = two_eyes(*PLACES["far"])
    with pytest.raises(ViewError, match="cannot fill"):
        stand.renderer.draw(views[:1], [gl.target(64, 64)], head=head, model=placed(), alpha=0, background=None)
    with pytest.raises(ViewError, match="2 views for 1 targets"):
        stand.renderer.draw(views, stand.targets[:1], head=head, model=placed(), alpha=0, background=None)
    with pytest.raises(ViewError, match="cannot stand there"):
        stand.draw(head, views, model=np.zeros((4, 4)))
    with pytest.raises(ViewError, match="Gaussians"):
        AvatarRenderer(gl.ctx, stand.avatar, gaussians=0)


def test_one_eye_and_a_moved_model(stand: Stand) -> None:
    """Moving the avatar one way shows what moving the head the other way does."""
    pose = rest_key(stand.avatar)
    stand.renderer.set_keys(pose, pose)
    head, views = two_eyes((0.1, 1.4, 2.0), (0.0, 1.1, 0.0))
    still = stand.draw(head, views[:1], model=np.eye(4))[0]
    shift = placed(0.0, (1.0, -0.5, 2.0))
    moved_view = View(shift @ views[0].pose, views[0].fov, views[0].width, views[0].height)
    moved = stand.draw(shift @ head, [moved_view], model=shift)[0]
    assert oracle.psnr(still, moved) > 50


def test_turning_the_head_where_it_stands_does_not_sort(stand: Stand) -> None:
    pose = rest_key(stand.avatar)
    stand.renderer.set_keys(pose, pose)
    eye = (0.3, 1.4, 1.8)
    stand.draw(*two_eyes(eye, (0.3, 1.1, -0.2)))
    assert stand.renderer.sorted_last_frame
    for x in (0.0, 0.6, 1.2):
        head = look_at_pose(eye, (x, 1.3, -0.2))
        stand.draw(head, [View(head, (-0.6, 0.6, 0.5, -0.5), 176, 143)])
        assert not stand.renderer.sorted_last_frame
