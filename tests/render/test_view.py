"""The pinhole camera of a view, against rays at known angles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from render.errors import ViewError
from render.view import View, look_at_pose, look_at_view, projection_matrix

FOV = (-0.9, 0.7, 0.6, -0.8)


def test_rays_at_the_edges_meet_the_edges_of_the_image() -> None:
    fx, fy, cx, cy = View(np.eye(4), FOV, 640, 480).intrinsics
    left, right, up, down = (math.tan(angle) for angle in FOV)
    assert cx + fx * left == pytest.approx(0)
    assert cx + fx * right == pytest.approx(640)
    assert cy + fy * down == pytest.approx(0)
    assert cy + fy * up == pytest.approx(480)


def test_the_clip_matrix_and_the_pinhole_agree() -> None:
    view = View(look_at_pose((1, 2, 3), (0, 1, 0)), FOV, 640, 480)
    point = np.array([0.2, 0.9, -0.1, 1.0])
    eye = view.world_to_eye @ point
    clip = projection_matrix(view, 0.1, 10) @ eye
    fx, fy, cx, cy = view.intrinsics
    pixel = (clip[:2] / clip[3] + 1) / 2 * (640, 480)
    assert pixel == pytest.approx((cx + fx * eye[0] / -eye[2], cy + fy * eye[1] / -eye[2]))
    for depth, z in ((0.1, -1), (10, 1)):
        there = projection_matrix(view, 0.1, 10) @ (0, 0, -depth, 1)
        assert there[2] / there[3] == pytest.approx(z)


def test_look_at_has_the_target_in_the_middle_and_up_above() -> None:
    view = look_at_view((1, 1.5, 2), (0, 1, 0), 60, 300, 200)
    turn = np.asarray(view.pose)[:3, :3]
    assert turn @ turn.T == pytest.approx(np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1)
    eye = view.world_to_eye @ (0, 1, 0, 1)
    assert eye[:2] == pytest.approx((0, 0)) and eye[2] < 0
    assert (view.world_to_eye @ (0, 1.1, 0, 1))[1] > 0
    assert view.intrinsics.fx == pytest.approx(view.intrinsics.fy)


@pytest.mark.parametrize(
    "fov", [(0.5, -0.5, 0.5, -0.5), (-0.5, 0.5, -0.5, 0.5), (-2, 0.5, 0.5, -0.5), (math.nan, 0.5, 0.5, -0.5)]
)
def test_angles_that_make_no_sense_are_refused(fov: tuple[float, float, float, float]) -> None:
    with pytest.raises(ViewError):
        View(np.eye(4), fov, 8, 8)


def test_sizes_and_poses_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ViewError):
        View(np.eye(4), FOV, 0, 8)
    with pytest.raises(ViewError):
        View(np.full((4, 4), np.inf), FOV, 8, 8)
    with pytest.raises(ViewError):
        look_at_pose((0, 2, 0), (0, 1, 0))
