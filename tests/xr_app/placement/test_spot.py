import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from xr_app.placement import DISTANCE, in_front_of

angle = st.floats(-np.pi, np.pi)
metres = st.floats(-5.0, 5.0)


def head_at(yaw: float, pitch: float, roll: float, position: tuple[float, float, float]) -> np.ndarray:
    head = np.eye(4)
    head[:3, :3] = Rotation.from_euler("YXZ", [yaw, pitch, roll]).as_matrix()
    head[:3, 3] = position
    return head


@given(angle, st.floats(-1.2, 1.2), st.floats(-0.5, 0.5), metres, st.floats(0.8, 2.0), metres)
def test_stands_ahead_on_the_floor_and_faces_the_user(
    yaw: float, pitch: float, roll: float, x: float, y: float, z: float
) -> None:
    model = in_front_of(head_at(yaw, pitch, roll, (x, y, z)))
    turn, feet = model[:3, :3], model[:3, 3]
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.isclose(np.linalg.det(turn), 1.0)
    assert np.array_equal(turn[:, 1], [0, 1, 0])
    assert feet[1] == 0.0
    ahead = np.array([-np.sin(yaw), 0.0, -np.cos(yaw)])
    assert np.allclose(feet, np.array([x, 0.0, z]) + DISTANCE * ahead, atol=1e-9)
    assert np.allclose(turn[:, 2], -ahead, atol=1e-9)


@given(angle, st.sampled_from([-1.0, 1.0]))
def test_someone_looking_straight_up_or_down_still_faces_somewhere(yaw: float, sign: float) -> None:
    model = in_front_of(head_at(yaw, sign * np.pi / 2, 0.0, (0.0, 1.6, 0.0)))
    assert np.allclose(model[:3, 3], [-DISTANCE * np.sin(yaw), 0.0, -DISTANCE * np.cos(yaw)], atol=1e-9)
