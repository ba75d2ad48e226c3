"""Where panels would be: never in the avatar, never on its face, never too near."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xr_app.panels.heads import EYES, head_at, turned
from xr_app.panels.aims import (
    NEAREST,
    Aim,
    Attention,
    Person,
    aim_at,
    captions_aim,
    clear_of,
    gaze_aim,
    gaze_of,
    menu_aim,
    point_of,
    status_aim,
    turn_between,
)
from xr_app.panels.follow import facing

CAPTIONS, MENU = (30.0, 9.0), (23.0, 15.0)


def outline(aim: Aim, head: np.ndarray, degrees: tuple[float, float]) -> np.ndarray:
    """(n, 3) points on a panel there, by its own plane."""
    pose = facing(point_of(aim, head), head)
    half = [aim.distance * math.tan(math.radians(angle) / 2) for angle in degrees]
    u, v = np.meshgrid(np.linspace(-half[0], half[0], 21), np.linspace(-half[1], half[1], 9))
    return pose[:3, 3] + u.reshape(-1, 1) * pose[:3, 0] + v.reshape(-1, 1) * pose[:3, 1]


def to_axis(points: np.ndarray, person: Person) -> float:
    """Nearest distance of points to the person's upright axis."""
    return float(np.hypot(points[:, 0] - person.feet[0], points[:, 2] - person.feet[2]).min())


@given(st.floats(-3.1, 3.1), st.floats(-0.7, 0.7), st.floats(0.3, 5))
def test_points_and_aims_belong_together(yaw: float, pitch: float, distance: float) -> None:
    head = turned(30)
    again = aim_at(point_of(Aim(yaw, pitch, distance), head), head)
    assert again == pytest.approx((yaw, pitch, distance), abs=1e-9)


def test_the_gaze_is_where_the_head_points() -> None:
    assert gaze_of(turned(70, 20)) == pytest.approx((math.radians(70), math.radians(20), 1.0))
    assert aim_at(np.array([-1.0, 1.6, 0.0]), head_at()).yaw == pytest.approx(math.pi / 2)  # left is positive
    assert turn_between(gaze_of(turned(10)), gaze_of(turned(-25))) == pytest.approx(math.radians(35))
    down = np.diag([1.0, 1.0, 1.0, 1.0])
    down[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]  # straight down: the top of the head points along -z
    assert gaze_of(down).yaw == pytest.approx(0.0)


@given(
    st.floats(0.7, 4), st.floats(-180, 180), st.floats(0.9, 2.0), st.floats(1.2, 2.0), st.floats(-30, 30)
)  # fmt: skip
def test_captions_are_under_the_face_and_outside_the_body(
    away: float, bearing: float, eyes: float, height: float, glance: float
) -> None:
    head = turned(bearing + glance, place=(0.0, eyes, 0.0))
    x, z = -math.sin(math.radians(bearing)) * away, -math.cos(math.radians(bearing)) * away
    person = Person((x, 0.0, z), height)
    aim = captions_aim(head, person, CAPTIONS)
    assert aim.distance >= NEAREST - 1e-9
    panel = outline(aim, head, CAPTIONS)
    assert to_axis(panel, person) >= person.radius - 1e-6
    face = aim_at(person.face, head)
    beside = abs(math.remainder(aim.yaw - face.yaw, math.tau)) > math.radians(15)
    lowest = math.radians(-45)
    top = aim.pitch + math.radians(CAPTIONS[1] / 2)
    chin = math.atan2(person.chin - eyes, away)
    assert beside or top < chin or aim.pitch == pytest.approx(lowest)


def test_a_person_is_as_large_as_its_model_makes_it() -> None:
    model = 1.5 * turned(40)
    model[:3, 3] = 1.0, 0.2, -2.0
    person = Person.of(model, 1.6, 0.3)
    assert person.feet == (1.0, 0.2, -2.0) and person.height == pytest.approx(2.4)
    assert person.radius == pytest.approx(0.45) and person.face[1] > person.chin > 2.0


def test_captions_stand_before_the_avatar_at_talking_distance() -> None:
    person = Person((0.0, 0.0, -1.6))
    aim = captions_aim(head_at(), person, CAPTIONS)
    assert aim.yaw == pytest.approx(0.0) and 0.9 < aim.distance < 1.25
    assert -25 < math.degrees(aim.pitch) < -8


@pytest.mark.parametrize("away", [0.2, 0.5, 0.8])
def test_where_there_is_no_room_before_the_avatar_captions_go_beside_it(away: float) -> None:
    person = Person((0.0, 0.0, -away))
    aim = captions_aim(head_at(), person, CAPTIONS)
    assert aim.distance >= NEAREST and abs(aim.yaw) > math.radians(30)
    assert to_axis(outline(aim, head_at(), CAPTIONS), person) >= person.radius


@pytest.mark.parametrize("away", [1.0, 1.6, 3.0])
def test_the_menu_leaves_the_avatar_in_sight(away: float) -> None:
    person = Person((0.0, 0.0, -away))
    aim = menu_aim(head_at(), person, MENU)
    edge = -aim.yaw - math.radians(MENU[0] / 2)
    assert edge >= math.asin(person.radius / away) - 0.1 and -aim.yaw < math.radians(46)
    assert to_axis(outline(aim, head_at(), MENU), person) >= person.radius


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize(("size", "half_view"), [(1.0, 36), (1.25, 36), (1.5, 45), (1.5, 36)])
def test_the_menu_is_in_view_as_far_as_the_face_stays_free(size: float, half_view: float, right: bool) -> None:
    person, degrees = Person((0.0, 0.0, -1.6)), (size * MENU[0], size * MENU[1])
    aim = menu_aim(head_at(), person, degrees, right=right, half_view=math.radians(half_view))
    middle, half = math.degrees(-aim.yaw if right else aim.yaw), degrees[0] / 2
    assert middle - half >= 5.9
    assert middle + half <= half_view or middle - half == pytest.approx(6.0), "large text has its end outside"
    assert middle + half / 2 < half_view, "and all of its entries can be pressed"
    assert to_axis(outline(aim, head_at(), degrees), person) >= person.radius


@pytest.mark.parametrize("away", [1.2, 1.6, 3.0])
@pytest.mark.parametrize("eyes", [1.1, 1.6])
def test_the_status_line_is_over_the_head(away: float, eyes: float) -> None:
    person, head = Person((0.0, 0.0, -away)), head_at((0.0, eyes, 0.0))
    aim = status_aim(head, person, MENU)
    assert aim.yaw == pytest.approx(0.0) and to_axis(outline(aim, head, MENU), person) >= person.radius
    assert aim.pitch - math.radians(MENU[1] / 2) > math.atan2(person.height - eyes, away)


def test_without_an_avatar_panels_are_where_one_looks() -> None:
    head = turned(120, 10)
    for find in (captions_aim, menu_aim, status_aim, gaze_aim):
        aim = find(head, None, MENU)
        assert aim.yaw == pytest.approx(math.radians(120)) and aim.distance >= NEAREST
    assert gaze_aim(head, None, MENU, right=-24).yaw == pytest.approx(math.radians(144))


@given(st.floats(-180, 180), st.floats(-40, 20), st.floats(0.6, 1.5), st.floats(-2, 2), st.floats(-2, 2))
def test_no_panel_is_inside_the_avatar(yaw: float, pitch: float, distance: float, x: float, z: float) -> None:
    person, head = Person((x, 0.0, z)), head_at()
    if math.hypot(x, z) < person.radius + 0.2:
        return  # the wearer stands in the avatar
    aim = clear_of(Aim(math.radians(yaw), math.radians(pitch), distance), head, person, CAPTIONS[0])
    assert aim.distance >= NEAREST - 1e-9
    panel = outline(aim, head, CAPTIONS)
    assert to_axis(panel, person) >= person.radius - 1e-6
    sight = np.linspace(0, 1, 50)[:, None, None] * (panel - head[:3, 3]) + head[:3, 3]
    assert to_axis(sight.reshape(-1, 3), person) >= person.radius - 0.02  # nor hidden behind them


def test_attention_does_not_flutter() -> None:
    attention, person = Attention(), Person((0.0, 0.0, -2.0), 1.6 / 0.93)
    turns = [30, 20, 30, 39, 41, 39, 26, 24]
    assert [attention.update(turned(t), person) for t in turns] == [False, True, True, True, False, False, False, True]
    assert not attention.update(head_at(EYES), None)
