"""Keyboard and mouse, as plain data."""

import math

import numpy as np
import pytest

from render.view import look_at_view
from xr_app.input.inputs import HOLD_S, Inputs, Source
from xr_app.input.keys import KEYS, LEANING, Desk, DeskInput, pointer_pose

STEP = 1 / 60


def played(*frames: Desk) -> list[Inputs]:
    user = DeskInput()
    return [user.read(desk, STEP * i) for i, desk in enumerate(frames)]


def held(*keys: str) -> Desk:
    return Desk(frozenset(keys))


@pytest.mark.parametrize(("key", "what"), [("M", "menu"), ("TAB", "menu"), ("U", "mute"), ("R", "call")])
def test_keys_say_once_that_they_went_down(key: str, what: str) -> None:
    said = played(held(), held(key), held(key), held(), held(key), held())
    assert [getattr(each, what) for each in said] == [False, True, False, False, True, False]


def test_a_tap_between_two_frames_counts() -> None:
    said = played(Desk(), Desk(tapped=frozenset({"U"})), Desk(), Desk(tapped=frozenset({"MOUSE_LEFT"})), Desk())
    assert [each.mute for each in said] == [False, True, False, False, False]
    assert [each.right.pressed for each in said] == [False, False, False, True, False]
    assert [each.right.released for each in said] == [False, False, False, False, True]


def test_two_keys_for_one_thing_are_one() -> None:
    said = played(held("M"), held("M", "TAB"), held("TAB"), held())
    assert [each.menu for each in said] == [True, False, False, False]


def test_space_talks_while_held_and_so_does_the_mouse_once_it_is_held() -> None:
    assert [each.wants_to_talk() for each in played(held(), held("SPACE"), held())] == [False, True, False]
    said = played(*[held("MOUSE_LEFT")] * 40)
    assert [each.wants_to_talk() for each in said] == [STEP * i >= HOLD_S for i in range(40)]
    assert not any(each.wants_to_talk(busy="right") for each in said)


def test_the_mouse_is_a_right_hand_that_points() -> None:
    pose = np.eye(4)
    hand = played(Desk(frozenset({"G", "MINUS", "RIGHT_BRACKET"}), pointer=pose))[0].right
    assert hand.source is Source.MOUSE and hand.aim is pose and hand.grab and hand.stick == (1.0, -1.0)
    assert played(held())[0].left.source is Source.ABSENT


def test_keys_that_mean_nothing_mean_nothing() -> None:
    assert played(held("W", "ESCAPE", "F11"))[0] == played(held())[0]
    assert not KEYS.keys() & LEANING.keys()


def test_the_pointer_goes_through_the_pixel() -> None:
    view = look_at_view((1.0, 1.6, 0.5), (0.0, 1.2, -1.0), 50.0, 640, 360)
    point = np.array([0.3, 1.0, -1.2])
    eye = view.world_to_eye @ np.append(point, 1.0)
    camera = view.intrinsics
    x, y = camera.cx - camera.fx * eye[0] / eye[2], view.height - (camera.cy - camera.fy * eye[1] / eye[2])
    pose = pointer_pose(view, x, y)
    away = point - pose[:3, 3]
    assert np.allclose(-pose[:3, 2], away / math.hypot(*away)) and np.allclose(pose[:3, 3], view.pose[:3, 3])
