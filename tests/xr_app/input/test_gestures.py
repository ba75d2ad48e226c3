"""Gestures of hands whose lengths are known, wherever they are held."""

import math

import numpy as np
import pytest

from tests.xr_app.input.hand_model import PALM_M, hand, turned
from xr_app.input import gestures
from xr_app.input.joints import Joints
from xr_app.poses import Pose, looking, matrix

FIST = {
    "index": (-0.02, -0.03, -0.05),
    "middle": (0.0, -0.03, -0.05),
    "ring": (0.01, -0.03, -0.05),
    "little": (0.03, -0.03, -0.05),
}
EYES = matrix(looking((0.0, 1.6, 0.0), (0.0, 1.3, -0.4)))


def pinched(gap_m: float, **more: object) -> Joints:
    """Thumb and index finger so far apart, before the hand."""
    return hand(index=(-0.05, -0.05, -0.11), thumb=(-0.05 - gap_m, -0.05, -0.11), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("gap_mm", "value"), [(10, 1.0), (19, 1.0), (45.125, 0.5), (71.25, 0.0), (100, 0.0)])
def test_pinch_goes_with_the_gap_between_the_fingers(gap_mm: float, value: float) -> None:
    assert gestures.fingers(pinched(gap_mm / 1000)).pinch == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize("size", [0.7, 1.2])
@pytest.mark.parametrize("seed", range(4))
def test_gestures_are_those_of_the_hand_wherever_it_is_and_however_large(size: float, seed: int) -> None:
    for points in ({}, FIST, {"index": (-0.05, -0.05, -0.11), "thumb": (-0.08, -0.05, -0.11)}):
        here = gestures.fingers(hand(**points))  # type: ignore[arg-type]
        there = gestures.fingers(hand(turned(seed), (0.3, 1.2, -0.5), size, **points))  # type: ignore[arg-type]
        assert there == pytest.approx(here, abs=1e-4)


def test_a_flat_hand_does_nothing_and_a_fist_is_no_pinch() -> None:
    assert gestures.fingers(hand()) == (0.0, 0.0, True)
    closed = gestures.fingers(hand(thumb=(-0.03, -0.03, -0.05), **FIST))  # type: ignore[arg-type]
    assert closed == (0.0, 1.0, False)


def test_one_stretched_finger_opens_a_fist() -> None:
    for finger in FIST:
        rest = {name: place for name, place in FIST.items() if name != finger}
        held = gestures.fingers(hand(**rest))  # type: ignore[arg-type]
        assert held.fist < 0.5 and not held.stretched


def test_joints_that_lie_in_one_point_are_no_gesture() -> None:
    assert gestures.fingers(Joints(np.zeros((26, 7), np.float32))) == (0.0, 0.0, False)


def palm_turned(degrees: float, distance: float = 0.5) -> float:
    """The palm in the middle of the view, its normal turned away from the eyes."""
    ahead = -EYES[:3, 2]
    place = EYES[:3, 3] + distance * ahead
    # Back of the hand: along the view; fingers: the view's up.
    facing = np.stack([-EYES[:3, 0], ahead, -EYES[:3, 1]], axis=1)
    a = math.radians(degrees)
    turn = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    turn = facing @ turn
    return gestures.palm_to_eyes(hand(turn, tuple(place - turn @ (0, 0, -0.05))), EYES)


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 150])
def test_how_squarely_the_palm_is_shown_is_a_cosine(degrees: float) -> None:
    assert palm_turned(degrees) == pytest.approx(math.cos(math.radians(degrees)), abs=1e-5)
    assert palm_turned(-degrees) == pytest.approx(math.cos(math.radians(degrees)), abs=1e-5)


def test_a_palm_out_of_reach_is_not_shown() -> None:
    assert palm_turned(0, 0.7) > 0.99 and palm_turned(0, 0.9) == -1.0


def test_a_palm_beside_the_view_is_not_shown() -> None:
    beside = EYES[:3, 3] + 0.5 * EYES[:3, 0]
    facing = np.stack([EYES[:3, 2], EYES[:3, 0], EYES[:3, 1]], axis=1)  # the back of the hand points away from the eyes
    assert np.linalg.det(facing) == pytest.approx(1.0)
    assert gestures.palm_to_eyes(hand(facing, tuple(beside)), EYES) == -1.0


HANDSHAKE = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""Of a right hand: fingers ahead, thumb up, so that the back of the hand (y) is to the right and x downwards."""


def test_the_grip_is_as_the_specification_draws_it() -> None:
    """Both thumbs up: +x to the right (into the right palm, out of the left one), -z up, y back to the wrist."""
    mirrored = np.diag([-1.0, 1.0, 1.0]) @ HANDSHAKE @ np.diag([-1.0, 1.0, 1.0])
    wanted = np.stack([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]], axis=1)
    for side, turn in (("right", HANDSHAKE), ("left", mirrored)):
        grip = gestures.grip_pose(hand(turn, (0.1, 1.0, -0.3)), side)  # type: ignore[arg-type]
        assert np.allclose(grip[:3, :3], wanted, atol=1e-6), side
        assert np.allclose(grip[:3, 3], (0.1, 1.0, -0.35), atol=1e-6)


@pytest.mark.parametrize("yaw", [0.0, 1.0, -2.5])
def test_shoulders_are_beside_and_below_a_head_that_may_nod(yaw: float) -> None:
    turn = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    for pitch in (-89.5, -40.0, 0.0, 40.0, 89.5):
        half = math.radians(pitch) / 2
        head = np.eye(4)
        head[:3, :3] = turn @ matrix(Pose((math.sin(half), 0, 0, math.cos(half))))[:3, :3]
        head[:3, 3] = 1.0, 1.6, 2.0
        for side, across in (("right", 0.17), ("left", -0.17)):
            wanted = (1.0, 1.6, 2.0) + turn @ (across, -0.2, 0.08)
            assert gestures.shoulder(head, side) == pytest.approx(wanted, abs=1e-6)  # type: ignore[arg-type]


def test_a_hand_before_the_shoulder_points_ahead_and_keeps_still_in_a_pinch() -> None:
    head = np.eye(4)
    head[1, 3] = 1.6
    place = (0.17 + 0.025, 1.4, -0.4)  # the knuckle, 25 mm to the left of the hand's middle, before the right shoulder
    origin, way = gestures.ray(hand(place=place), head, "right")
    assert origin == pytest.approx((0.17, 1.4, -0.49), abs=1e-6)
    assert way[2] < -0.99 and abs(way[1]) < 1e-6
    same = gestures.ray(pinched(0.0, place=place), head, "right")
    assert same[0] == pytest.approx(origin) and same[1] == pytest.approx(way)


def test_the_ray_follows_the_hand_to_its_side() -> None:
    head = np.eye(4)
    head[1, 3] = 1.6
    ways = [gestures.ray(hand(place=(x, 1.3, -0.4)), head, "right")[1] for x in (-0.2, 0.2, 0.6)]
    assert ways[0][0] < ways[1][0] < ways[2][0]
    assert all(math.hypot(*way) == pytest.approx(1.0) for way in ways)


@pytest.mark.parametrize("way", [(0, 0, -1), (0.6, 0, 0.8), (0.48, -0.6, 0.64), (0, -1, 0), (0, 1, 0)])
def test_a_pointing_pose_is_a_level_rotation_along_its_ray(way: tuple[float, float, float]) -> None:
    pose = gestures.pointing((1.0, 2.0, 3.0), way)
    turn = pose[:3, :3]
    assert np.allclose(turn @ turn.T, np.eye(3)) and np.linalg.det(turn) == pytest.approx(1.0)
    assert np.allclose(-pose[:3, 2], way) and pose[1, 0] == 0.0 and np.allclose(pose[:3, 3], (1, 2, 3))


def test_palms_length_is_what_lengths_are_measured_in() -> None:
    assert math.dist(hand().points[1], hand().points[12]) == pytest.approx(PALM_M, abs=1e-6)


def test_matrices_of_joints_are_those_of_their_quaternions() -> None:
    poses = np.random.default_rng(3).normal(size=(26, 7)).astype(np.float32)
    joints = Joints(poses)
    for each, (x, y, z, w, *place) in zip(joints.matrices, poses.tolist(), strict=True):
        assert np.allclose(each, matrix(Pose((x, y, z, w), tuple(place))), atol=1e-12)
    assert np.allclose(joints.palm, joints.matrices[0])
