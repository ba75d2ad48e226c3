import numpy as np

from xr_app.placement import DISTANCE, in_front_of
from xr_app.poses import matrix
from xr_app.runtime.head_path import EYE_HEIGHT, HeadPath

STEP_S = 1 / 90
PATH = HeadPath()
POSES = np.stack([matrix(PATH.at(t)) for t in np.arange(0.0, 2 * PATH.period_s, STEP_S)])


def test_is_at_rest_until_it_starts() -> None:
    assert PATH.at(-5.0) == PATH.at(0.0)
    assert np.allclose(POSES[0, :3, 3], [0.0, EYE_HEIGHT, 0.0])
    speed = np.linalg.norm(np.diff(POSES[:5, :3, 3], axis=0), axis=1) / STEP_S
    assert speed.max() < 0.02


def test_avatar_placed_from_the_start_stands_at_the_centre() -> None:
    assert np.allclose(in_front_of(POSES[0])[[0, 2], 3], PATH.centre, atol=1e-9)


def test_walks_around_both_sides_at_talking_distance() -> None:
    away = POSES[:, :3, 3] - [0.0, 0.0, -DISTANCE]
    radius, bearing = np.hypot(away[:, 0], away[:, 2]), np.arctan2(away[:, 0], away[:, 2])
    assert 1.4 < radius.min() < radius.max() < 1.8
    assert bearing.min() < -0.5 and bearing.max() > 0.5
    assert np.abs(POSES[:, 1, 3] - EYE_HEIGHT).max() < 0.03


def test_moves_as_people_do() -> None:
    velocity = np.diff(POSES[:, :3, 3], axis=0) / STEP_S
    assert np.linalg.norm(velocity, axis=1).max() < 0.6
    assert np.linalg.norm(np.diff(velocity, axis=0), axis=1).max() / STEP_S < 3.0  # m/s², no jolts
    turned = np.einsum("nij,nij->n", POSES[1:, :3, :3], POSES[:-1, :3, :3])  # 1 + 2 cos of the angle
    assert np.arccos(np.clip((turned - 1) / 2, -1, 1)).max() / STEP_S < 0.6


def test_keeps_face_or_chest_in_the_middle_of_the_view() -> None:
    eye, ahead = POSES[:, :3, 3], -POSES[:, :3, 2]
    reach = np.hypot(eye[:, 0], eye[:, 2] + DISTANCE) / np.hypot(ahead[:, 0], ahead[:, 2])
    seen = eye + reach[:, None] * ahead
    assert np.hypot(seen[:, 0], seen[:, 2] + DISTANCE).max() < 0.05
    assert seen[:, 1].min() > 1.35 and seen[:, 1].max() < 1.6


def test_starts_anywhere() -> None:
    path = HeadPath(centre=(2.0, 1.0), start=(3.0, 1.0))
    start = matrix(path.at(0.0))
    assert np.allclose(start[[0, 2], 3], path.start)
    assert np.allclose(in_front_of(start, 1.0)[[0, 2], 3], path.centre)
