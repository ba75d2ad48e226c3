"""The wearer and the avatar: eyes on a head that walks, pauses that get nods, and a film that shows both again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar
from render.motion.score import Hand, Pause, Viewer
from render.renderer import SORT_MOVE_M, SORT_TURN
from render.stages.extent import Extent, Placement
from render.whereabouts import Between, SortTrigger
from tests.render.motion.bodies import bare
from tests.render.motion.watched import PUPILS_M, degrees_between
from xr_app.animator import KEY_NS, SIGHT_NS, Animator
from xr_app.placement import in_front_of
from xr_app.poses import matrix
from xr_app.runtime.head_path import HeadPath

START = 7_000_000_000
SECOND = 1_000_000_000


def silent(time_ns: int, ahead_s: float = 0.0) -> np.ndarray:
    return np.zeros(52, np.float32)


def visited(avatar: Avatar, seconds: float) -> tuple[Animator, list[tuple[int, np.ndarray, np.ndarray]]]:
    """The standard walk of the simulated headset at 36 frames a second: times, heads in the avatar's frame, joints."""
    path = HeadPath()
    model = in_front_of(matrix(path.at(0.0)))
    animator, seen = Animator(avatar, silent, START, 2), []
    animator.enter("listening", START)
    for number in range(round(seconds * 36)):
        now = START + round(number / 36 * SECOND)
        head = np.linalg.inv(model) @ matrix(path.at((now - START) / 1e9))
        animator.watch(head, now)
        before, after, alpha = animator.around(now)
        seen.append((now, head, (1 - alpha) * before.joints + alpha * after.joints))
    return animator, seen


def test_the_eyes_stay_on_a_wearer_who_walks_round() -> None:
    avatar = bare()
    names, rest = avatar.skeleton.names, avatar.skeleton.rest
    _, seen = visited(avatar, 26.0)
    eye, off = names.index("eye_l"), []
    for _, head, joints in seen[72::6]:
        # What skinning blends between two keys may be a little short of a turn.
        posed = joints[eye].astype(np.float64) @ rest[eye]
        axis = joints[eye, :3, :3].astype(np.float64) @ (0.0, 0.0, 1.0)
        features = [head @ (x, y, 0.0, 1.0) for x, y in ((-PUPILS_M / 2, 0), (PUPILS_M / 2, 0), (0, -0.072))]
        off.append(min(degrees_between(axis, feature[:3] - posed[:3, 3]) for feature in features))
    on = np.array(off) < 4.0
    assert 0.6 < on.mean() < 0.9  # Argyle & Ingham 1972: 75 % while listening
    assert np.median(np.array(off)[on]) < 1.0
    assert np.percentile(np.array(off)[on], 90) < 2.0


def sorted_share(avatar: Avatar, seconds: float, *, met: bool) -> float:
    """Of the frames of the standard walk, 72 a second."""
    path, names = HeadPath(), avatar.skeleton.names
    model = in_front_of(matrix(path.at(0.0)))
    extent = Extent(avatar.mesh, avatar.gaussians, len(names), 3.33)
    trigger = SortTrigger(extent, turn=SORT_TURN, move=SORT_MOVE_M)
    animator, placed, sorts = Animator(avatar, silent, START, 2), dict[int, Placement](), 0
    animator.enter("listening", START)
    frames = round(seconds * 72)
    for number in range(frames):
        now = START + round(number / 72 * SECOND)
        head = np.linalg.inv(model) @ matrix(path.at((now - START) / 1e9))
        if met:
            animator.watch(head, now)
        *keys, alpha = animator.around(now)
        before, after = (placed.setdefault(key.id, placed.get(key.id) or extent.place(key)) for key in keys)
        sorts += trigger.due(Between(before, after, alpha), head[:3, 3])
    return sorts / frames


def test_who_looks_after_a_wearer_is_sorted_hardly_more_often() -> None:
    """Head and trunk follow in steps, most of which the wearer's own way round calls for a sort in anyway."""
    alone, met = (sorted_share(bare(), 26.0, met=met) for met in (False, True))
    print(f"frames sorted: {alone:.1%}, with eyes on the wearer {met:.1%}")
    assert 0.05 < alone < met < min(0.2, alone + 0.06)


def test_the_wearer_is_noted_only_now_and_then_and_a_film_looks_at_them_alike() -> None:
    avatar = bare()
    animator, seen = visited(avatar, 8.0)
    sightings = [entry.time for entry in animator.score.entries if isinstance(entry, Viewer)]
    assert len(sightings) <= 8.0 * SECOND / SIGHT_NS + 1
    film = Animator(avatar, silent, START, 2, animator.score)
    for now, _, joints in seen[::17]:
        before, after, alpha = film.around(now)
        assert np.array_equal((1 - alpha) * before.joints + alpha * after.joints, joints)


def test_a_wearer_who_stands_still_is_noted_once_and_again_when_they_turn() -> None:
    animator, head = Animator(bare(), silent, START), np.eye(4)
    head[:3, 3] = (0.0, 1.6, 1.5)
    for number in range(30):
        head[0, 3] = 0.002 * (number % 2)
        animator.watch(head, START + number * KEY_NS)
    assert len(animator.score.entries) == 1
    head[:3, :3] = Rotation.from_euler("y", 20, degrees=True).as_matrix()
    animator.watch(head, START + 30 * KEY_NS)
    last = animator.score.entries[-1]
    assert isinstance(last, Viewer) and len(animator.score.entries) == 2
    assert last.turn == pytest.approx((np.cos(np.radians(10)), 0, np.sin(np.radians(10)), 0))


def test_a_silence_of_a_fifth_of_a_second_is_a_pause_and_a_shorter_one_is_not() -> None:
    animator = Animator(bare(), silent, START)
    animator.enter("listening", START)
    animator.paused(START + SECOND)
    animator.around(START + SECOND + KEY_NS)
    animator.resumed()
    animator.around(START + 2 * SECOND)
    assert not [entry for entry in animator.score.entries if isinstance(entry, Pause)]
    animator.paused(START + 2 * SECOND)
    for number in range(12):
        animator.around(START + 2 * SECOND + number * KEY_NS)
    (pause,) = [entry for entry in animator.score.entries if isinstance(entry, Pause)]
    assert pause.time == pytest.approx(2.2, abs=0.06) and pause.long == pytest.approx(0.2, abs=0.051)


def seen_hands(animator: Animator, at: Callable[[float], tuple[np.ndarray | None, np.ndarray]], seconds: float) -> list:
    """Hand entries while a right hand, and the head, are where `at` says."""
    for number in range(round(seconds * 72)):
        palm, head = at(number / 72)
        poses = [None if palm is None else _at(palm), _at(head)]
        animator.see_hands([None, poses[0]], poses[1], START + round(number / 72 * SECOND))
    return [entry for entry in animator.score.entries if isinstance(entry, Hand)]


def _at(place: np.ndarray) -> np.ndarray:
    pose = np.eye(4)
    pose[:3, 3] = place
    return pose


HEAD, PALM = np.array([0.0, 1.6, 1.4]), np.array([0.2, 1.2, 1.1])


def test_a_hand_that_waves_is_seen_and_one_that_is_carried_along_is_not() -> None:
    avatar = bare()

    def waving(time: float) -> tuple[np.ndarray | None, np.ndarray]:
        return PALM + np.array([0.15 * np.sin(2 * np.pi * time), 0, 0]), HEAD

    def walking(time: float) -> tuple[np.ndarray | None, np.ndarray]:
        way = np.array([1.2 * time, 0, 0])
        return PALM + way, HEAD + way

    def coming_into_view(time: float) -> tuple[np.ndarray | None, np.ndarray]:
        return (None, HEAD) if 1.0 < time < 2.0 else (PALM + np.array([float(time >= 2.0), 0, 0]), HEAD)

    seen = seen_hands(Animator(avatar, silent, START, 2), waving, 2.0)
    assert len(seen) >= 6 and all(np.linalg.norm(np.array(hand.place) - PALM) < 0.16 for hand in seen)
    assert min(hand.speed for hand in seen) >= 0.4 and max(hand.speed for hand in seen) < 0.15 * 2 * np.pi + 0.01
    assert seen_hands(Animator(avatar, silent, START, 2), walking, 2.0) == []
    assert seen_hands(Animator(avatar, silent, START, 2), coming_into_view, 3.0) == []
