"""Keys and mouse, as GLFW tells of them."""

import glfw
import numpy as np
import pytest

from xr_app.desktop.camera import Camera
from xr_app.desktop.controls import PACE, RUN, Controls


@pytest.fixture
def controls() -> Controls:
    return Controls(Camera())


def held(controls: Controls) -> frozenset[str]:
    return controls.desk(controls.take(), np.eye(4)).held


def test_keys_are_told_by_name_while_they_are_held(controls: Controls) -> None:
    controls.key(glfw.KEY_SPACE, glfw.PRESS)
    controls.key(glfw.KEY_SPACE, glfw.REPEAT)
    controls.key(glfw.KEY_W, glfw.PRESS)  # that is the camera's
    assert held(controls) == held(controls) == {"SPACE"}
    controls.key(glfw.KEY_SPACE, glfw.RELEASE)
    assert held(controls) == frozenset()


def test_a_key_that_is_up_again_was_tapped(controls: Controls) -> None:
    for event in (glfw.PRESS, glfw.REPEAT, glfw.RELEASE):
        controls.key(glfw.KEY_U, event)
    desk = controls.desk(controls.take(), np.eye(4))
    assert desk.tapped == {"U"} and desk.held == frozenset()
    controls.key(glfw.KEY_U, glfw.REPEAT)
    assert controls.desk(controls.take(), np.eye(4)).tapped == frozenset()


def test_a_click_selects_and_a_drag_does_not(controls: Controls) -> None:
    controls.move(100, 100, 600)
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.PRESS)
    controls.move(102, 101, 600)
    assert held(controls) == {"MOUSE_LEFT"} and np.array_equal(controls.camera.eye, Camera().eye)
    controls.move(140, 100, 600)
    assert held(controls) == frozenset() and not np.array_equal(controls.camera.eye, Camera().eye)
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.RELEASE)
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.PRESS)
    assert held(controls) == {"MOUSE_LEFT"}


def test_what_somebody_drags_does_not_orbit(controls: Controls) -> None:
    controls.captured = True
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.PRESS)
    controls.move(140, 100, 600)
    assert held(controls) == {"MOUSE_LEFT"} and np.array_equal(controls.camera.eye, Camera().eye)


def test_a_drag_stays_what_it_began_as(controls: Controls) -> None:
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.PRESS)
    controls.move(140, 100, 600)
    controls.captured = True  # it has come over the menu
    eye = controls.camera.eye.copy()
    controls.move(180, 100, 600)
    assert held(controls) == frozenset() and not np.array_equal(controls.camera.eye, eye)
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.RELEASE)
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.PRESS)
    controls.captured = False  # it has left the menu
    eye = controls.camera.eye.copy()
    controls.move(100, 100, 600)
    assert held(controls) == {"MOUSE_LEFT"} and np.array_equal(controls.camera.eye, eye)


def test_walks_while_keys_are_held(controls: Controls) -> None:
    start = controls.camera.eye.copy()
    controls.key(glfw.KEY_W, glfw.PRESS)
    controls.key(glfw.KEY_D, glfw.PRESS)
    controls.step(0.1)
    way = controls.camera.eye - start
    assert np.linalg.norm(way) == pytest.approx(0.1 * PACE)  # aslant no faster
    assert way[0] > 0 and way[2] < 0
    controls.key(glfw.KEY_W, glfw.RELEASE)
    controls.key(glfw.KEY_LEFT_SHIFT, glfw.PRESS)
    before = controls.camera.eye.copy()
    controls.step(0.05)
    np.testing.assert_allclose(controls.camera.eye - before, [0.05 * PACE * RUN, 0, 0], atol=1e-12)
    controls.key(glfw.KEY_A, glfw.PRESS)  # against each other
    before = controls.camera.eye.copy()
    controls.step(0.05)
    np.testing.assert_allclose(controls.camera.eye, before)


def test_a_frame_that_took_long_is_no_leap(controls: Controls) -> None:
    controls.key(glfw.KEY_W, glfw.PRESS)
    controls.step(30.0)
    assert np.linalg.norm(controls.camera.eye - Camera().eye) < 0.2


def test_left_drag_orbits_and_right_drag_looks(controls: Controls) -> None:
    camera = controls.camera
    controls.move(100, 100, 600)
    assert camera.yaw == 0  # nothing is pressed
    controls.button(glfw.MOUSE_BUTTON_RIGHT, glfw.PRESS)
    controls.move(160, 100, 600)
    assert camera.yaw < 0 and np.array_equal(camera.eye, Camera().eye)  # looks to the right
    controls.button(glfw.MOUSE_BUTTON_RIGHT, glfw.RELEASE)
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.PRESS)
    controls.move(100, 40, 600)
    assert camera.eye[1] < Camera().eye[1]  # what is drawn up is seen from lower down
    controls.button(glfw.MOUSE_BUTTON_LEFT, glfw.RELEASE)
    pose = camera.pose
    controls.move(0, 0, 600)
    np.testing.assert_array_equal(camera.pose, pose)


def test_wheel_goes_nearer(controls: Controls) -> None:
    before = np.linalg.norm(controls.camera.eye - controls.camera.middle)
    controls.scroll(2)
    assert np.linalg.norm(controls.camera.eye - controls.camera.middle) == pytest.approx(0.81 * before)
