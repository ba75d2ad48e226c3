"""What a user does with it, from the first ghost on."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.xr_app.placement.people import (
    STEP_S,
    User,
    head,
    moved_origin,
    off_face,
    palm,
    place_of,
    pointer,
    pulses,
    size_of,
)
from xr_app.input.inputs import Inputs
from xr_app.placement.motion import ARM
from xr_app.placement.placing import GHOST, Placement
from xr_app.placement.room import Kind, Plane, Room
from xr_app.placement.spot import DISTANCE, Spot
from xr_app.placement.standing import Hint, hint_text


def test_a_ghost_waits_before_who_does_nothing(user: User) -> None:
    standing = user.see(1.0)
    assert standing.ghost and standing.hint is Hint.PLACE and not user.placement.placed
    assert standing.opacity == pytest.approx(GHOST)
    assert place_of(standing) == pytest.approx((0.0, -DISTANCE), abs=1e-6)
    assert off_face(standing, user.head) < 1e-6
    assert standing.veil.opacity == pytest.approx(GHOST) and standing.veil.tint[3] > 0


@pytest.mark.parametrize(("x", "z"), [(1.0, -1.5), (-2.0, -1.0), (0.0, 2.5)])
def test_the_ghost_follows_the_pointer_and_faces_the_user(user: User, x: float, z: float) -> None:
    standing = user.see(2.0, Inputs(right=pointer((x, 0.0, z))))
    assert place_of(standing) == pytest.approx((x, z), abs=0.02)
    assert off_face(standing, user.head) < 0.02


def test_the_left_hand_points_where_the_right_one_does_not(user: User) -> None:
    assert place_of(user.see(2.0, Inputs(left=pointer((1.0, 0.0, -1.0))))) == pytest.approx((1.0, -1.0), abs=0.02)


def test_the_hand_that_acts_is_the_one_that_points(user: User) -> None:
    both = Inputs(left=pointer((-1.0, 0.0, -1.5)), right=pointer((1.0, 0.0, -1.5)))
    assert place_of(user.see(2.0, both))[0] == pytest.approx(1.0, abs=0.02)
    user.see(0.05, replace(both, left=pointer((-1.0, 0.0, -1.5), grab=True)))
    assert place_of(user.see(2.0, both))[0] == pytest.approx(-1.0, abs=0.02)


def test_the_ghost_follows_tracked_eyes_and_else_the_head(user: User) -> None:
    eyes = Inputs(gaze=head((0.0, 1.6, 0.0), (1.2, 0.0, -1.2)))
    assert place_of(user.see(2.0, eyes)) == pytest.approx((1.2, -1.2), abs=0.02)
    user.head = head((0.0, 1.6, 0.0), (-1.2, 0.0, -1.2))
    assert place_of(user.see(2.0)) == pytest.approx((-1.2, -1.2), abs=0.02)


def test_whoever_looks_up_to_the_ghosts_face_keeps_it_at_its_distance(user: User) -> None:
    user.head = head((0.0, 1.6, 0.0), (0.0, 0.0, -2.2))
    user.see(2.0)
    user.head = head((0.0, 1.6, 0.0), (0.0, 1.65, -2.2))
    assert place_of(user.see(2.0)) == pytest.approx((0.0, -2.2), abs=0.02)


@pytest.mark.parametrize(("target", "far"), [((0.0, 0.0, -0.2), 0.8), ((0.0, 0.0, -9.0), 4.0), ((0.0, 3.0, -2.0), 4.0)])
def test_the_ghost_stays_between_near_and_far(user: User, target: tuple[float, float, float], far: float) -> None:
    standing = user.see(3.0, Inputs(right=pointer(target, eye=(0.0, 1.2, 0.0))))
    assert math.hypot(*place_of(standing)) == pytest.approx(far, abs=0.02)


def test_the_trigger_puts_it_down(user: User) -> None:
    at = (0.5, 0.0, -1.8)
    user.see(2.0, Inputs(right=pointer(at)))
    user.shown.clear()
    user.see(0.2, Inputs(right=pointer(at, select=True)))
    assert pulses(user.shown) == ["right"]
    standing = user.see(1.0, Inputs(right=pointer((-2.0, 0.0, -1.0))))
    assert place_of(standing) == pytest.approx((0.5, -1.8), abs=0.02)
    assert not standing.ghost and standing.opacity == 1.0 and standing.hint is Hint.NONE
    assert off_face(standing, user.head) < 0.02 and user.placement.placed


def test_a_trigger_that_was_down_before_puts_nothing_down(user: User) -> None:
    standing = user.see(2.0, Inputs(right=pointer((0.5, 0.0, -1.8), select=True)))
    assert standing.ghost


def test_nobody_puts_down_what_they_have_not_seen(user: User) -> None:
    user.see(STEP_S)
    assert user.see(STEP_S, Inputs(right=pointer((0.5, 0.0, -1.8), select=True))).ghost


def test_it_comes_when_called_and_faces_the_user(met: User) -> None:
    met.head = head((3.0, 1.6, 1.0), (3.0, 1.6, 5.0))
    met.see(STEP_S, Inputs(call=True))
    standing = met.see(8.0)
    assert place_of(standing) == pytest.approx((3.0, 1.0 + DISTANCE), abs=0.03)
    assert off_face(standing, met.head) < 0.06


def test_it_goes_round_the_user_and_not_through_them(met: User) -> None:
    met.head = head((0.0, 1.6, 0.0), (0.0, 1.6, 1.0))  # it stands right behind
    met.placement.call()
    standing = met.see(10.0)
    assert place_of(standing) == pytest.approx((0.0, DISTANCE), abs=0.03)
    assert min(math.hypot(*place_of(each)) for each in met.shown) > ARM
    speeds = [math.dist(place_of(a), place_of(b)) / STEP_S for a, b in pairwise(met.shown)]
    assert max(speeds) < 1.3 and speeds[0] < 0.1, "it sets out gently"


def test_it_makes_no_step_toward_who_comes_toward_it(met: User) -> None:
    met.placement.call()
    met.see(0.1)
    for i in range(200):
        met.head = head((0.0, 1.6, -0.011 * i))
        met.see(STEP_S)
        near = [math.hypot(place_of(each)[0], place_of(each)[1] - met.head[2, 3]) for each in met.shown[-2:]]
        assert near[1] >= min(ARM, near[0]) - 1e-9


def test_placed_again_it_is_a_ghost_from_where_it_stands(met: User) -> None:
    met.placement.place_again()
    first = met.see(STEP_S, Inputs(right=pointer((1.5, 0.0, -1.0))))
    assert first.ghost and place_of(first) == pytest.approx((0.0, -2.0), abs=0.1)
    assert place_of(met.see(2.0, Inputs(right=pointer((1.5, 0.0, -1.0))))) == pytest.approx((1.5, -1.0), abs=0.02)


def test_it_fades_where_one_walks_into_it_and_comes_back(met: User) -> None:
    seen = []
    for near in (1.5, 0.8, 0.6, 0.4, 0.3, 0.0):
        met.head = head((0.0, 1.6, -2.0 + near))
        seen.append(met.see(1.0).opacity)
    assert seen[:2] == [1.0, 1.0] and seen[2] < 0.7 and seen[3] < 0.1
    assert all(a >= b for a, b in pairwise(seen)) and 0 < seen[-1] < 0.1
    assert place_of(met.shown[-1]) == pytest.approx((0.0, -2.0), abs=0.02)
    met.head = head()
    assert met.see(1.0).opacity == 1.0


def test_a_hand_before_it_hides_nothing_and_one_in_it_some(met: User) -> None:
    assert met.see(1.0, Inputs(right=palm((0.0, 1.2, -1.7)))).opacity == 1.0
    assert 0.3 < met.see(1.0, Inputs(right=palm((0.0, 1.2, -2.0)))).opacity < 0.6


def test_a_new_origin_leaves_it_where_it_is_in_the_room(met: User) -> None:
    before = met.shown[-1] if met.shown else met.see(STEP_S)
    origin = moved_origin(0.7, 1.0, -0.5)
    met.placement.recentred(origin)
    met.head = np.linalg.inv(origin) @ met.head
    after = met.see(STEP_S)
    assert np.allclose(origin @ after.model, before.model, atol=1e-6)
    assert np.allclose(origin @ met.see(1.0).model, before.model, atol=1e-6)


@pytest.mark.parametrize("pose", [None, np.full((4, 4), np.nan), np.diag([1.0, -1, -1, 1])])
def test_an_unknown_new_origin_brings_it_before_the_user(met: User, pose: np.ndarray | None) -> None:
    met.placement.recentred(pose)
    met.head = head((5.0, 1.6, 5.0), (9.0, 1.6, 5.0))
    standing = met.see(STEP_S)
    assert place_of(standing) == pytest.approx((5.0 + DISTANCE, 5.0), abs=1e-6)
    assert not standing.ghost and off_face(standing, met.head) < 1e-6


def table(x: float, z: float, height: float = 0.75, half: float = 0.4) -> Plane:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    return Plane(np.array([(x + a, height, z + b) for a, b in corners]), Kind.TABLE)


def test_a_ghost_stands_beside_a_table_and_not_in_it(user: User) -> None:
    user.placement.room = Room.of([table(0.0, -2.0)], 0.0)
    standing = user.see(2.0, Inputs(right=pointer((0.0, 0.0, -2.0))))
    x, z = place_of(standing)
    assert max(abs(x), abs(z + 2.0)) > 0.65 and math.hypot(x, z + 2.0) < 1.1
    assert standing.hint is Hint.PLACE


def test_a_table_that_comes_to_be_known_is_made_way_for(met: User) -> None:
    met.placement.room = Room.of([table(0.0, -2.1)], 0.0)
    x, z = place_of(met.see(5.0))
    assert max(abs(x), abs(z + 2.1)) > 0.65


def test_where_there_is_no_room_nothing_is_put_down(user: User) -> None:
    user.placement.room = Room.of([table(0.0, 0.0, half=9.0)], 0.0)
    user.see(1.0, Inputs(right=pointer((0.0, 0.0, -2.0))))
    standing = user.see(0.5, Inputs(right=pointer((0.0, 0.0, -2.0), select=True)))
    assert standing.ghost and standing.hint is Hint.NO_ROOM


def test_feet_are_on_the_floor_that_is_given(user: User) -> None:
    user.placement.floor = -0.1
    standing = user.see(2.0, Inputs(right=pointer((1.0, -0.1, -1.5))))
    assert standing.model[1, 3] == -0.1
    assert place_of(standing) == pytest.approx((1.0, -1.5), abs=0.02)


class Memory:
    """Keeps a spot, and finds one when a test says so."""

    def __init__(self, *, searching: bool = True) -> None:
        self.kept: list[Spot] = []
        self.searching = searching
        self.here: Spot | None = None

    def keep(self, spot: Spot) -> None:
        self.kept.append(spot)

    def found(self) -> Spot | None:
        here, self.here = self.here, None
        return here


def test_where_it_is_put_is_kept() -> None:
    memory = Memory(searching=False)
    user = User(Placement(keeper=memory))
    user.placement.load()
    user.see(1.0)
    assert not memory.kept
    user.put_down(0.4, -1.9)
    assert len(memory.kept) == 1 and (memory.kept[0].x, memory.kept[0].z) == pytest.approx((0.4, -1.9), abs=0.02)
    user.placement.call()
    user.see(6.0)
    assert len(memory.kept) == 2 and memory.kept[1].z == pytest.approx(-DISTANCE, abs=0.03)


def test_it_stands_where_it_stood_last_time() -> None:
    memory = Memory()
    user = User(Placement(keeper=memory))
    user.placement.load()
    assert user.see(0.5).opacity == 0.0, "nobody is seen before it is known"
    memory.here, memory.searching = Spot(1.5, -2.5, 0.4, 0.7), False
    standing = user.see(1.0)
    assert place_of(standing) == pytest.approx((1.5, -2.5)) and size_of(standing) == pytest.approx(0.7)
    assert not standing.ghost and standing.opacity == 1.0


def test_a_place_that_is_not_found_is_not_waited_for_long() -> None:
    user = User(Placement(keeper=Memory()))
    user.placement.load()
    assert user.see(4.0).ghost


def test_it_follows_its_anchor_a_little_later() -> None:
    memory = Memory(searching=False)
    user = User(Placement(keeper=memory))
    user.put_down(0.0, -2.0)
    memory.here = Spot(0.01, -2.0, 0.0)
    assert place_of(user.see(1.0))[0] == pytest.approx(0.0, abs=0.005), "trembling is not followed"
    memory.here = Spot(0.2, -2.1, 0.0)
    assert place_of(user.see(3.0)) == pytest.approx((0.2, -2.1), abs=0.01)


def test_every_hint_has_words() -> None:
    assert all(hint_text(hint) for hint in Hint if hint is not Hint.NONE) and not hint_text(Hint.NONE)
