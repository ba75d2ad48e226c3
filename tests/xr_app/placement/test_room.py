"""Walls and tables seen from above."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xr_app.placement.room import CLEARANCE, EMPTY, Kind, Plane, Room, floor_of

WALL = Plane(np.array([(-3.0, 0.0, -2.0), (3.0, 0.0, -2.0), (3.0, 2.4, -2.0), (-3.0, 2.4, -2.0)]), Kind.WALL)


def level(x: float, y: float, z: float, half: float, kind: Kind = Kind.OTHER) -> Plane:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    return Plane(np.array([(x + a, y, z + b) for a, b in corners]), kind)


def test_what_is_in_the_way() -> None:
    def standing(*planes: Plane) -> bool:
        return bool(Room.of(planes, 0.0).free(np.zeros((1, 2)))[0])

    assert standing(WALL)
    assert not standing(level(0.0, 0.7, 0.0, 0.5, Kind.TABLE))
    assert not standing(level(0.7, 0.4, 0.0, 0.5))
    assert standing(level(0.9, 0.4, 0.0, 0.5))
    assert standing(level(0.0, 0.02, 0.0, 0.5)), "a rug"
    assert standing(level(0.0, 2.3, 0.0, 0.5)), "a lamp"
    assert standing(level(0.0, 0.5, 0.0, 3.0, Kind.FLOOR)), "what is said to be the floor"
    assert EMPTY.empty and not Room.of([WALL], 0.0).empty


def test_an_outline_may_have_a_bay() -> None:
    bay = np.array([(-1, 0.7, -1), (1, 0.7, -1), (1, 0.7, 1), (0.6, 0.7, 1), (0.6, 0.7, -0.6), (-1, 0.7, -0.6)], float)
    room = Room.of([Plane(bay)], 0.0)
    places = np.array([(-0.2, 0.2), (0.8, 0.0), (-0.8, -0.8)])
    assert room.free(places).tolist() == [True, False, False]


def test_nobody_is_moved_through_a_wall() -> None:
    room = Room.of([WALL], 0.0)
    place = room.free_near((0.0, -2.05), 1.0, (0.0, 0.0), 0.7)
    assert place is not None and place[1] == pytest.approx(-2.0 + CLEARANCE, abs=0.07)
    place = room.free_near((0.5, -2.5), 1.0, (0.0, 0.0), 0.7)
    assert place is not None and place[1] > -2.0
    assert room.free_near((0.0, -9.0), 1.0, (0.0, 0.0), 0.7) is None


def test_smaller_ones_find_a_place_in_smaller_gaps() -> None:
    corner = Room.of([level(-0.5, 0.7, 0.0, 0.3), level(0.5, 0.7, 0.0, 0.3)], 0.0)
    assert corner.free_near((0.0, 0.0), 0.3, None, 0.7) == (0.0, 0.0)
    assert corner.free_near((0.0, 0.0), 1.0, None, 0.7) != (0.0, 0.0)


@settings(deadline=None)
@given(st.floats(-2, 2), st.floats(-1.9, 2), st.floats(-2, 2), st.floats(-1.9, 2), st.floats(0.1, 1.5))
def test_a_free_place_is_free_and_no_nearer_to_the_user(x: float, z: float, ux: float, uz: float, size: float) -> None:
    room = Room.of([WALL, level(0.5, 0.7, 0.3, 0.6), level(-1.2, 0.4, -0.5, 0.4)], 0.0)
    place = room.free_near((x, z), size, (ux, uz), 0.7)
    if place is None:
        return
    assert room.free(np.array([place]), size)[0] and place[1] > -2.0
    assert math.dist(place, (ux, uz)) >= min(0.7, math.dist((x, z), (ux, uz))) - 1e-9


def test_the_floor_is_what_is_said_to_be_one_or_lies_lowest() -> None:
    assert floor_of([], 1.6) is None
    table, ground, cellar = level(0, 0.7, 0, 0.4), level(0, 0.03, 0, 2), level(0, -3, 0, 2, Kind.FLOOR)
    assert floor_of([table], 1.6) is None
    assert floor_of([table, ground, cellar], 1.6) == pytest.approx(0.03)
    assert floor_of([table, ground, level(0, 0.01, 0, 1, Kind.FLOOR)], 1.6) == pytest.approx(0.01)
    assert floor_of([level(0, 2.5, 0, 3)], 1.6) is None, "a ceiling"
