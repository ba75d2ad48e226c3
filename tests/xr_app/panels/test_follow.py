"""Lazy following, on walks that are played to it frame by frame."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xr_app.panels.heads import head_at, turned
from xr_app.panels.aims import NEAREST, Aim, Person, aim_at, captions_aim, gaze_of, turn_between
from xr_app.panels.follow import STIFFNESS, Follower, facing

FRAME = 11_111_111
WIDTH = 30.0


def play(follower: Follower, aims: list[Aim], heads: list[np.ndarray], person: Person | None = None) -> np.ndarray:
    """(n, 4, 4) poses."""
    frames = enumerate(zip(aims, heads, strict=True))
    return np.array([follower.update(aim, head, person, n * FRAME).copy() for n, (aim, head) in frames])


def test_it_stays_while_the_head_looks_about() -> None:
    angles = 10 * np.sin(np.linspace(0, 20, 300))
    heads = [turned(angle) for angle in angles]
    poses = play(Follower(15, WIDTH), [gaze_of(head) for head in heads], heads)
    assert np.ptp(poses, axis=0).max() == 0


def test_it_comes_after_when_the_head_turns_away_and_does_not_overshoot() -> None:
    heads = [turned(0)] * 5 + [turned(60)] * 300
    poses = play(Follower(15, WIDTH), [gaze_of(head) for head in heads], heads)
    left = np.array([turn_between(aim_at(p[:3, 3], turned(60)), gaze_of(turned(60))) for p in poses])
    assert left[4] == pytest.approx(math.radians(60))
    assert (np.diff(left[5:]) <= 1e-9).all() and left[-1] < math.radians(0.3)
    # The exact answer of the spring's equation: (1 + w t) exp(-w t) of the way is left.
    t = np.arange(1, 60) * FRAME / 1e9
    assert left[5:64] == pytest.approx(math.radians(60) * (1 + STIFFNESS * t) * np.exp(-STIFFNESS * t), rel=0.02)


def test_an_aim_that_comes_back_is_not_overshot() -> None:
    heads = [turned(0)] * 2 + [turned(80)] * 15 + [turned(40)] * 200
    poses = play(Follower(15, WIDTH), [gaze_of(head) for head in heads], heads)
    yaw = np.array([aim_at(p[:3, 3], head).yaw for p, head in zip(poses, heads, strict=True)])
    assert yaw[16] < math.radians(40) and yaw.max() <= math.radians(40) + 1e-6


def test_it_swings_round_the_reader_and_never_through_them() -> None:
    heads = [turned(0)] * 2 + [turned(175)] * 200
    poses = play(Follower(15, WIDTH), [gaze_of(head) for head in heads], heads)
    assert np.linalg.norm(poses[:, :3, 3] - heads[0][:3, 3], axis=1).min() >= 0.99


def test_whoever_walks_away_is_followed_and_whoever_comes_near_is_given_room() -> None:
    follower = Follower(15, WIDTH)
    z = np.concatenate([np.zeros(5), np.linspace(0, 3, 200), np.linspace(3, 0, 200), np.zeros(200)])
    heads = [head_at((0.0, 1.6, float(each))) for each in z]
    poses = play(follower, [gaze_of(head)._replace(distance=1.2) for head in heads], heads)
    gaps = z - poses[:, 2, 3]
    assert gaps[4] == pytest.approx(1.2) and gaps.max() < 1.2 * 1.7 and gaps.min() >= NEAREST - 0.02
    assert not follower.gliding and 0.85 < gaps[-1] < 1.65
    assert follower.distance == pytest.approx(gaps[-1], abs=0.3)


def test_it_is_upright_and_faces_its_reader() -> None:
    for point in ((0.5, 1.1, -1.0), (-2.0, 2.2, 0.4)):
        pose = facing(np.array(point), turned(30))
        assert pose[:3, :3] @ pose[:3, :3].T == pytest.approx(np.eye(3)) and np.linalg.det(pose[:3, :3]) > 0
        assert pose[1, 0] == pytest.approx(0) and pose[1, 1] > 0
        assert (turned(0)[:3, 3] - pose[:3, 3]) @ pose[:3, 2] == pytest.approx(np.linalg.norm(turned(0)[:3, 3] - point))


def test_what_was_away_is_back_at_its_aim_at_once() -> None:
    follower = Follower(15, WIDTH)
    play(follower, [gaze_of(turned(0))] * 3, [turned(0)] * 3)
    follower.leave()
    pose = follower.update(gaze_of(turned(90)), turned(90), None, 10 * FRAME)
    assert aim_at(pose[:3, 3], turned(90)).yaw == pytest.approx(math.radians(90))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), st.floats(-180, 180)), min_size=2, max_size=4))
def test_captions_never_enter_the_avatar_on_any_walk(stops: list[tuple[float, float, float]]) -> None:
    person = Person((0.0, 0.0, 0.0))
    walk = np.concatenate([np.linspace(a, b, 60) for a, b in pairwise(stops)])
    follower = Follower(12, WIDTH)
    for n, (x, z, yaw) in enumerate(walk.tolist()):
        away = math.hypot(x, z)
        if away < 0.75:  # whoever is nearer is in the avatar's arms; it fades then
            x, z = (x / away * 0.75, z / away * 0.75) if away > 0.01 else (0.75, 0.0)
        head = turned(yaw, place=(x, 1.6, z))
        pose = follower.update(captions_aim(head, person, (WIDTH, 9.0)), head, person, n * FRAME)
        half = follower.distance * math.tan(math.radians(WIDTH) / 2)
        along = np.linspace(-half, half, 31)[:, None] * pose[:3, 0] + pose[:3, 3]
        assert np.hypot(along[:, 0], along[:, 2]).min() > person.radius - 1e-6
