import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from render.view import look_at_pose
from xr_app.poses import Pose, looking, matrix, quaternion

small = st.floats(-3.0, 3.0)
point = st.tuples(small, small, small)


@given(st.tuples(small, small, small, small).filter(lambda q: np.linalg.norm(q) > 0.1), point)
def test_matrix_agrees_with_scipy(quaternion: tuple[float, ...], position: tuple[float, ...]) -> None:
    pose = matrix(Pose(quaternion, position))  # type: ignore[arg-type]
    assert np.allclose(pose[:3, :3], Rotation.from_quat(quaternion).as_matrix(), atol=1e-12)
    assert np.array_equal(pose[:3, 3], position)
    assert np.array_equal(pose[3], [0, 0, 0, 1])


@given(point, point)
def test_looking_agrees_with_the_renderers_camera(eye: tuple[float, ...], target: tuple[float, ...]) -> None:
    if np.hypot(eye[0] - target[0], eye[2] - target[2]) < 1e-3:
        return
    expected = look_at_pose(eye, target)  # type: ignore[arg-type]
    assert np.allclose(matrix(looking(eye, target)), expected, atol=1e-9)


def test_roll_turns_about_the_line_of_sight() -> None:
    level, rolled = (matrix(looking((0, 1.6, 0), (1, 1.2, -2), roll)) for roll in (0.0, 0.3))
    assert np.allclose(rolled[:3, 2], level[:3, 2])
    assert np.isclose(level[:3, 0] @ rolled[:3, 0], np.cos(0.3))
    assert rolled[1, 0] > 0  # a positive roll is counter-clockwise for the wearer: the right side rises


def test_looking_straight_down_has_no_horizon() -> None:
    with pytest.raises(ValueError, match="straight above or below"):
        looking((0, 1.6, 0), (0, 0, 0))


@given(st.tuples(small, small, small, small).filter(lambda q: np.linalg.norm(q) > 0.1))
def test_quaternion_agrees_with_scipy(turn: tuple[float, ...]) -> None:
    rotation = Rotation.from_quat(turn)
    ours, theirs = np.array(quaternion(rotation.as_matrix())), rotation.as_quat()
    assert min(np.abs(ours - theirs).max(), np.abs(ours + theirs).max()) < 1e-9
    assert np.linalg.norm(ours) == pytest.approx(1.0)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_quaternion_of_half_a_turn(axis: str) -> None:
    rotation = Rotation.from_euler(axis, 180, degrees=True)
    np.testing.assert_allclose(np.abs(quaternion(rotation.as_matrix())), np.abs(rotation.as_quat()), atol=1e-12)
