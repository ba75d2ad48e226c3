"""The eye of a window: what orbiting, walking and zooming keep, by geometry."""

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from xr_app.desktop.camera import FARTHEST, LOWEST, NEAREST, STEEPEST, Camera
from xr_app.placement import in_front_of


def seen(camera: Camera, point: np.ndarray) -> np.ndarray:
    """Where a point of the world is, as the eye has it."""
    return np.linalg.inv(camera.pose)[:3] @ np.append(point, 1.0)


def test_stands_where_an_avatar_will_be_in_the_middle() -> None:
    camera = Camera()
    x, y, z = seen(camera, camera.middle)
    assert abs(x) < 1e-12 and abs(y) < 1e-12 and z < -1
    np.testing.assert_allclose(camera.middle[[0, 2]], in_front_of(camera.pose)[[0, 2], 3], atol=1e-12)


def test_axes_are_openxrs() -> None:
    camera = Camera()
    camera.look(0.7, -0.3)
    expected = Rotation.from_euler("YX", [0.7, camera.pitch]).as_matrix()
    np.testing.assert_allclose(camera.pose[:3, :3], expected, atol=1e-12)


@pytest.mark.parametrize("walked", [False, True])
def test_orbit_keeps_the_middle_where_it_is_seen(walked: bool) -> None:
    camera = Camera()
    if walked:
        camera.walk(0.4, 0.1, -0.2)
    before = seen(camera, camera.middle)
    camera.orbit(0.9, 0.2)
    np.testing.assert_allclose(seen(camera, camera.middle), before, atol=1e-12)
    assert camera.eye[0] > 0.5  # it looks to the left, from the right


def test_never_under_the_floor_nor_upside_down() -> None:
    camera = Camera()
    camera.orbit(0.0, 3.0)
    assert camera.pitch == STEEPEST and camera.eye[1] == LOWEST
    camera.orbit(0.0, -9.0)
    assert camera.pitch == -STEEPEST
    camera.walk(0.0, -50.0, 0.0)
    assert camera.eye[1] == LOWEST


def test_walks_level_with_the_floor() -> None:
    camera = Camera()
    camera.look(math.pi / 2, 0.5)  # to the left, up
    camera.walk(0.0, 0.0, 2.0)
    np.testing.assert_allclose(camera.eye, [-2.0, Camera().eye[1], 0.0], atol=1e-12)
    camera.walk(1.0, 0.0, 0.0)
    np.testing.assert_allclose(camera.eye[[0, 2]], [-2.0, -1.0], atol=1e-12)


def test_zoom_stops_before_the_face_and_at_the_wall() -> None:
    camera = Camera()
    distance = np.linalg.norm(camera.eye - camera.middle)
    camera.zoom(0.5)
    assert np.linalg.norm(camera.eye - camera.middle) == pytest.approx(distance / 2)
    camera.zoom(1e-3)
    assert np.linalg.norm(camera.eye - camera.middle) == pytest.approx(NEAREST)
    camera.zoom(1e6)
    assert np.linalg.norm(camera.eye - camera.middle) == pytest.approx(FARTHEST)


def test_middle_is_ahead_again_where_the_avatar_is_placed_again() -> None:
    camera = Camera()
    camera.walk(2.0, 0.0, 0.0)
    camera.look(-math.pi / 2, 0.3)
    camera.aim()
    np.testing.assert_allclose(camera.middle[[0, 2]], in_front_of(camera.pose)[[0, 2], 3], atol=1e-12)
