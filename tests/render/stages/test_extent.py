"""What the CPU knows of where the avatar is: it must enclose the truth, and ask for a sort when it should."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assets.avatar import Avatar, TemplateMesh
from render.motion.pose import PoseKey
from render.offscreen import Offscreen
from render.renderer import SORT_MOVE_M, SORT_TURN, AvatarRenderer
from render.stages.extent import Extent, Placement
from render.stages.window import TILE, whole, window_of
from render.view import View, look_at_pose
from render.whereabouts import Between, SortTrigger
from tests.render import oracle
from tests.render.scenes import key, placed, two_eyes

STAND = np.array([0.2, 1.4, 1.7])


@pytest.fixture(scope="module")
def extent(person: Avatar) -> Extent:
    return Extent(person.mesh, person.gaussians, len(person.skeleton.names), 3.33)


def _poses(avatar: Avatar) -> list[PoseKey]:
    return [
        key(avatar, 0),
        key(avatar, 1, 2.0, arm_degrees=150, jawOpen=1.0),
        key(avatar, 2, 5.0, arm_degrees=-60, mouthSmileLeft=1.0),
    ]


@pytest.mark.parametrize("point", [(0, 1.5, 2.0), (3, 0, -1), (0.1, 1.2, 0.05), (0.5, 1.4, 0.3)])
def test_every_gaussian_lies_in_the_range_of_distances(
    person: Avatar, extent: Extent, point: tuple[float, float, float]
) -> None:
    for pose in _poses(person):
        positions = oracle.align(person, oracle.deform(person, pose)).positions
        distance = np.linalg.norm(positions - point, axis=1)
        near, far = extent.range_from(extent.place(pose), np.array(point, float))
        assert near <= distance.min() and distance.max() <= far
        assert far - near < 4.5


@pytest.mark.parametrize("eye", [(0, 1.5, 2.5), (0.3, 1.6, 0.6), (-1.5, 0.3, 0.4), (0.4, 1.3, 0.1), (0, 9, 5)])
def test_the_window_holds_every_pixel_of_the_avatar(
    person: Avatar, extent: Extent, eye: tuple[float, float, float]
) -> None:
    for pose in _poses(person):
        _, views = two_eyes(eye, (0.3, 1.2, 0.0), 333, 250)
        state = oracle.align(person, oracle.deform(person, pose))
        for view in views:
            positions, covariances = oracle.world(person, state, np.eye(4))
            centres, flat, depth = oracle.project(view, positions, covariances)
            placement = extent.place(pose)
            window = window_of(view, placement.box, extent.reach(placement.stretch), 0.05)
            reach = 3.33 * np.sqrt(np.diagonal(flat, axis1=1, axis2=2))
            front = depth > 0.05
            low, high = (centres - reach)[front].min(axis=0), (centres + reach)[front].max(axis=0)
            size = np.array((view.width, view.height))
            assert (np.array(window[:2]) * TILE <= np.clip(low, 0, size)).all()
            assert ((np.array(window[:2]) + window[2:]) * TILE >= np.clip(high, 0, size)).all()


def test_the_window_is_small_far_away_empty_behind_and_whole_within() -> None:
    corners = np.array([[x, y, z] for x in (-0.3, 0.3) for y in (0, 1.8) for z in (-0.2, 0.2)])

    def view(eye: tuple[float, float, float], target: tuple[float, float, float]) -> View:
        return View(look_at_pose(eye, target), (-0.7, 0.7, 0.7, -0.7), 640, 480)

    far = view((0, 1, 6), (0, 1, 0))
    assert 0 < window_of(far, corners, 0.02, 0.05).tiles < 0.1 * whole(far).tiles
    assert window_of(view((0, 1, 2), (0, 1, 4)), corners, 0.02, 0.05).tiles == 0
    assert window_of(view((0, 1, 2), (3, 1, 3)), corners, 0.02, 0.05).tiles == 0
    inside = view((0, 1, 0.1), (0, 1, 1))
    assert window_of(inside, corners, 0.02, 0.05) == whole(inside)


def _trigger(extent: Extent) -> SortTrigger:
    return SortTrigger(extent, turn=SORT_TURN, move=SORT_MOVE_M)


def _still(placement: Placement) -> Between:
    return Between(placement, placement, 0.0)


def test_breathing_swaying_and_blinking_ask_for_a_sort_hardly_ever(person: Avatar, extent: Extent) -> None:
    trigger = _trigger(extent)
    asked = [trigger.due(_still(extent.place(key(person, n, n * 0.05))), STAND) for n in range(20 * 60)]
    assert asked[0] and sum(asked) <= 90, "not twice a second, of 72 frames"


def test_a_raised_arm_asks_for_one(person: Avatar, extent: Extent) -> None:
    trigger = _trigger(extent)
    trigger.due(_still(extent.place(key(person, 0))), STAND)
    asked = [trigger.due(_still(extent.place(key(person, n, arm_degrees=0.25 * n))), STAND) for n in range(1, 60)]
    assert 5 < sum(asked) < 59


@pytest.mark.parametrize("distance", [0.6, 1.6, 4.0])
def test_walking_around_asks_every_few_degrees(person: Avatar, extent: Extent, distance: float) -> None:
    trigger, placement = _trigger(extent), extent.place(key(person, 0))
    angles = np.radians(np.arange(0, 60, 0.25))
    heads = np.stack([distance * np.sin(angles), np.full_like(angles, 1.5), distance * np.cos(angles)], axis=1)
    degrees = np.degrees(angles[[trigger.due(_still(placement), head) for head in heads]])
    gaps = np.diff(degrees)
    assert gaps.max() <= 4.5 and gaps.min() >= 0.25


def test_walking_straight_to_a_small_far_thing_asks_rarely(person: Avatar, extent: Extent) -> None:
    trigger, placement = _trigger(extent), extent.place(key(person, 0))
    asked = [trigger.due(_still(placement), np.array([0, 1.0, z])) for z in np.linspace(12, 8, 100)]
    assert sum(asked) <= 3


def test_an_old_order_looks_like_a_new_one(gl: Offscreen, person: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that walks by, a body that lives and talks: at least 45 dB, in every frame, to sorting every frame."""
    lazy, eager = AvatarRenderer(gl.ctx, person), AvatarRenderer(gl.ctx, person)
    monkeypatch.setattr(eager._trigger, "due", lambda pose, head: True)
    target, worst, sorts, frames = gl.target(200, 200), 99.0, 0, 60
    for number in range(frames):
        angle = math.radians(0.7 * number)
        head = look_at_pose((1.2 * math.sin(angle), 1.5, 1.2 * math.cos(angle)), (0, 1.25, 0))
        pose = key(person, number, number / 15, jawOpen=0.3 + 0.3 * math.sin(number))
        pictures = []
        for renderer in (lazy, eager):
            renderer.set_keys(pose, pose)
            view = View(head, (-0.5, 0.5, 0.5, -0.5), 200, 200)
            renderer.draw([view], [target], head=head, model=placed(), alpha=0, background=(0.2, 0.2, 0.2, 1))
            pictures.append(gl.read(target))
        sorts += lazy.sorted_last_frame
        assert eager.sorted_last_frame
        worst = min(worst, oracle.psnr(*pictures))
    print(f"{sorts} sorts in {frames} frames, worst {worst:.1f} dB")
    assert worst >= 45
    assert 2 <= sorts <= 0.6 * frames


def test_gaussians_on_a_rigid_triangle_are_enclosed_wherever_they_stand(person: Avatar) -> None:
    """A hat of Gaussians far above a triangle that the head alone moves stays in its box, however the head turns."""
    head = person.skeleton.names.index("head")
    joints = np.array([[head, 0, 0, 0]] * 3, np.uint16)
    mesh = TemplateMesh(
        vertices=np.array([(0, 1.7, 0), (0.01, 1.7, 0.01), (-0.01, 1.7, 0.01)], np.float32),
        triangles=np.array([(0, 1, 2)], np.int32),
        skin_joints=joints,
        skin_weights=np.array([(1, 0, 0, 0)] * 3, np.float32),
        shapes=np.zeros((len(person.expressions), 3, 3), np.float16),
    )
    some = person.gaussians.prefix(3000)
    hat = replace(some, triangle=np.zeros(3000, np.int32), offset=some.offset * 200, scale=some.scale * 0)
    avatar = replace(person, mesh=mesh, gaussians=hat)
    extent = Extent(mesh, hat, len(person.skeleton.names), 3.33)
    for pose in _poses(avatar):
        placement = extent.place(pose)
        positions = oracle.align(avatar, oracle.deform(avatar, pose)).positions
        margin = extent.reach(placement.stretch)
        assert margin < 0.01
        box = placement.box
        assert (positions >= box[0] - 1e-5).all() and (positions <= box[-1] + 1e-5).all()
        assert np.linalg.norm(box[-1] - box[0]) < 1.5 * np.linalg.norm(np.ptp(positions, axis=0))
