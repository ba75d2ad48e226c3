"""What holds whatever the user does, and whatever a runtime says of them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.xr_app.placement.people import STEP_S, off_face, place_of, size_of
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.placement.body import Body
from xr_app.placement.grasp import LARGEST, SMALLEST
from xr_app.placement.motion import AIMED, ARM, HELD, SETTLING, TURNING, Walk
from xr_app.placement.placing import Placement
from xr_app.placement.room import Kind, Plane, Room
from xr_app.placement.spot import Spot
from xr_app.placement.standing import Standing
from xr_app.poses import Pose, matrix

F64 = NDArray[np.float64]

FASTEST = max(pace.speed for pace in (AIMED, HELD, SETTLING, TURNING)) * STEP_S
TURN = max(pace.turn for pace in (AIMED, HELD, SETTLING, TURNING)) * STEP_S
GROWTH = max(pace.growth for pace in (AIMED, HELD, SETTLING, TURNING)) * STEP_S

numbers = st.floats(-3, 3)
quaternions = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.1)
poses = st.builds(lambda q, x, y, z: matrix(Pose(q, (x, y, z))), quaternions, numbers, st.floats(0, 2), numbers)
wild = st.one_of(
    poses,
    st.none(),
    st.sampled_from([math.nan, math.inf, -1e300, 0.0]).map(lambda x: np.full((4, 4), x)),
    st.just(np.zeros((3, 3))),
)
hands = st.builds(Hand, source=st.sampled_from(Source), aim=wild, grip=wild, select=st.booleans(), grab=st.booleans())
inputs = st.builds(Inputs, left=hands, right=hands, gaze=wild, call=st.booleans())
moments = st.tuples(inputs, poses, st.integers(1, 40))
"""What is done, by whom, and for how many frames."""
ROOM = Room.of(
    [
        Plane(np.array([(1.0, 0.7, -2.0), (2.0, 0.7, -2.0), (2.0, 0.7, -1.0), (1.0, 0.7, -1.0)]), Kind.TABLE),
        Plane(np.array([(-4.0, 0.0, -3.0), (4.0, 0.0, -3.0), (4.0, 2.4, -3.0), (-4.0, 2.4, -3.0)]), Kind.WALL),
    ],
    0.0,
)


def play(placement: Placement, story: list[tuple[Inputs, F64, int]]) -> list[Standing]:
    shown, time_s = [], 5.0
    for given_inputs, head, frames in story:
        for _ in range(frames):
            time_s += STEP_S
            shown.append(placement.update(time_s, head, given_inputs))
    return shown


def check(shown: list[Standing], floor: float = 0.0) -> None:
    """Finite, upright, on the floor, of a size, and without a jump."""
    for each in shown:
        assert np.isfinite(each.model).all() and 0.0 <= each.opacity <= 1.0
        size = size_of(each)
        assert SMALLEST - 1e-9 <= size <= LARGEST + 1e-9
        assert np.allclose(each.model[:3, :3].T @ each.model[:3, :3], size**2 * np.eye(3), atol=1e-9)
        assert np.allclose(each.model[:3, 1], (0, size, 0)) and each.model[1, 3] == floor
    for a, b in pairwise(shown):
        assert math.dist(place_of(a), place_of(b)) <= FASTEST + 1e-9
        assert abs(math.log(size_of(b) / size_of(a))) <= GROWTH + 1e-9
        turned = np.trace(a.model[:3, :3].T @ b.model[:3, :3]) / (size_of(a) * size_of(b))
        assert math.acos(min(max((turned - 1) / 2, -1), 1)) <= TURN + 1e-6
        assert abs(b.opacity - a.opacity) <= 5.0 * STEP_S + 1e-9


@settings(max_examples=25, deadline=None)
@given(st.lists(moments, min_size=1, max_size=8), st.booleans(), st.floats(-0.5, 0.5))
def test_never_a_jump_and_always_on_the_floor(
    story: list[tuple[Inputs, F64, int]], furnished: bool, floor: float
) -> None:
    placement = Placement()
    placement.floor = floor
    if furnished:
        placement.room = ROOM
    check(play(placement, story), floor)


near = st.builds(
    lambda q, x, y, z: matrix(Pose(q, (x, y, z))),
    quaternions,
    st.floats(-0.4, 0.4),
    st.floats(0.4, 1.6),
    st.floats(-2, -1),
)
grabbing = st.builds(
    Hand,
    source=st.just(Source.HAND),
    aim=st.one_of(poses, st.none()),
    grip=st.one_of(near, wild),
    grab=st.sampled_from([True, True, True, False]),
)
handled = st.tuples(
    st.builds(Inputs, left=grabbing, right=grabbing, call=st.sampled_from([False] * 5 + [True])),
    poses,
    st.integers(1, 40),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(handled, min_size=1, max_size=10))
def test_never_a_jump_in_anyones_hands(story: list[tuple[Inputs, F64, int]]) -> None:
    placement = Placement()
    head = np.eye(4)
    head[1, 3] = 1.6
    shown = play(placement, [(Inputs(), head, 40), (Inputs(left=Hand(Source.HAND, select=True)), head, 40)])
    assert placement.placed
    placement.room = ROOM
    check(shown[-1:] + play(placement, story))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(inputs, wild, st.floats(allow_nan=True)), min_size=1, max_size=12))
def test_whatever_a_runtime_says_the_place_is_a_number(story: list[tuple[Inputs, F64, float]]) -> None:
    placement = Placement()
    for given_inputs, head, time_s in story:
        standing = placement.update(time_s, head, given_inputs)
        check([standing])
        placement.recentred(given_inputs.gaze)


@settings(max_examples=20, deadline=None)
@given(poses, inputs.map(lambda each: replace(each, call=False)))
def test_a_ghost_comes_to_face_who_holds_still(head: F64, given_inputs: Inputs) -> None:
    still = replace(
        given_inputs,
        left=replace(given_inputs.left, select=False, grab=False),
        right=replace(given_inputs.right, select=False, grab=False),
    )
    shown = play(Placement(), [(still, head, 300)])
    assert off_face(shown[-1], head) < 0.02
    assert shown[-1].ghost


@settings(max_examples=25, deadline=None)
@given(numbers, numbers, numbers, numbers, numbers, numbers)
def test_on_its_way_it_keeps_an_arms_length_and_arrives(
    x: float, z: float, gx: float, gz: float, hx: float, hz: float
) -> None:
    goal, user, now = (gx, gz), (hx, hz), (x, z)
    if math.dist(goal, user) < ARM + 0.05:
        return
    walk, nearest = Walk(goal), min(ARM, math.dist(now, user))
    for _ in range(1500):
        then, now = now, walk.step(now, user, STEP_S)
        assert math.dist(then, now) <= 2 * Walk.CRUISE * STEP_S
        assert math.dist(now, user) >= nearest - 1e-9
        nearest = min(ARM, math.dist(now, user))
        if walk.arrived(now):
            break
    assert walk.arrived(now)


@given(poses, numbers, numbers, st.floats(0, 6), st.floats(SMALLEST, LARGEST))
def test_near_means_faint(head: F64, x: float, z: float, yaw: float, scale: float) -> None:
    body = Body(Spot(x, z, yaw, scale), 0.0, 1.75)
    opacity = body.opacity(head[:3, 3], [])
    far = body.distance(head[:3, 3]) / min(scale, 1.0)
    assert opacity == 1.0 if far >= 0.6 else opacity < 1.0
    assert opacity == pytest.approx(0.06) if far <= 0.25 else opacity > 0.06


@given(poses, numbers, numbers, st.floats(SMALLEST, LARGEST))
def test_rays_meet_the_body_where_points_along_them_do(ray: F64, x: float, z: float, scale: float) -> None:
    body = Body(Spot(x, z, 0.0, scale), 0.0, 1.75)
    along = np.linspace(0, 12, 2400)[:, None]
    nearest = min(body.distance(point) for point in ray[:3, 3] - along * ray[:3, 2])
    if abs(nearest) > 0.01 and body.distance(ray[:3, 3]) > 0:
        assert (body.hit_by(ray) is not None) == (nearest < 0)
