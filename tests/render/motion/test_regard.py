"""Eyes that meet the viewer's: judged by the posed skeleton, from wherever the viewer stands and walks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from render.measure.cloud import make_cloud
from render.motion.blinks import Blinks
from render.motion.performer import Performer
from render.motion.quaternion import Vector
from render.motion.regard import LATENCY_S, Regard
from render.motion.rehearsal import rehearse, rehearse_talk
from render.motion.score import Hand, Mood, State, Viewer
from render.motion.sight import EYE_MOST
from render.motion.turning import Turning
from tests.render.motion.bodies import bare
from tests.render.motion.watched import Watched, degrees_between, played_twice, pupils, scored, viewer

AVATAR = bare()
PLACES: tuple[Vector, ...] = (
    (0.0, 1.62, 1.6), (0.0, 1.6, 0.55), (0.7, 1.75, 1.4), (-0.8, 1.2, 1.5), (0.9, 1.6, 4.0), (-0.3, 1.05, 0.9),
    (1.0, 1.6, 1.2), (0.2, 2.0, 1.1), (-2.5, 1.6, 0.6), (0.6, 1.6, -1.4),
)  # fmt: skip
"""Near and far, tall and seated, aside and behind."""
STEP = 0.1


def fixations(watched: Watched, times: np.ndarray) -> list[float]:
    """Those of `times` at which one eye of the viewer has been meant to be looked at for four of them."""
    foci = []
    for time in times:
        watched.performer.at(float(time))
        foci.append(watched.performer._director.regard.focus)
    return [
        float(t)
        for k, t in enumerate(times)
        if k >= 4 and foci[k] in ("left", "right") and len({*foci[k - 4 : k + 1]}) == 1
    ]


def walker(speed: float, seconds: float, radius: float = 1.5) -> list[Viewer]:
    """Round the avatar and back within 40 degrees, told at 10 Hz."""
    return [
        viewer(float(t), (radius * np.sin(a), 1.6, radius * np.cos(a)))
        for t in np.arange(0, seconds, STEP)
        for a in (0.7 * np.sin(speed / radius / 0.7 * t),)
    ]


@pytest.mark.parametrize("place", PLACES)
def test_both_eyes_meet_the_viewer_s_from_anywhere(place: Vector) -> None:
    watched = Watched(AVATAR, 2, scored("listening", viewer(0.0, place)))
    times = fixations(watched, np.arange(9.0, 17.0, STEP))
    assert len(times) > 8
    # The one eye of the viewer that is meant is the same for both: nearer than half a metre they are 7 degrees apart.
    off = [min(max(watched.off(f"eye_{s}", t, one) for s in "lr") for one in pupils(place)) for t in times]
    assert max(off) < 2.0 and np.median(off) < 0.7


def test_they_stay_on_a_viewer_who_strolls() -> None:
    watched = Watched(AVATAR, 1, scored("listening", *walker(0.25, 20.0)))
    off = []
    for t in fixations(watched, np.arange(2.0, 20.0, STEP)):
        angle = 0.7 * np.sin(0.25 / 1.5 / 0.7 * t)
        eyes = pupils((1.5 * np.sin(angle), 1.6, 1.5 * np.cos(angle)))
        off.append(min(watched.off("eye_l", t, one) for one in eyes))
    assert len(off) > 40
    assert np.percentile(off, 95) < 2.0


def test_head_and_trunk_follow_a_stroller_in_steps_and_rest_between_them() -> None:
    """The eyes alone do the following meanwhile, and the steps come to where the viewer is."""
    times, ways, aside = np.arange(2.0, 26.0, 0.05), [], []
    director = Performer(AVATAR, 1, scored("listening", *walker(0.25, 26.0)))._director
    regard = director.regard
    for t in times:
        director.advance(float(t))
        ways.append((regard.head.at(float(t))[1], regard.trunk.at(float(t))[0]))
        aside.append(abs(ways[-1][0] - 40.1 * np.sin(0.25 / 1.5 / 0.7 * t)))
    still = np.abs(np.diff(ways, axis=0)) < 1e-6
    assert (still.mean(axis=0) > (0.55, 0.7)).all()
    steps = np.count_nonzero(np.diff(still.astype(int), axis=0) < 0, axis=0)
    assert 4 <= steps[0] <= 16 and 2 <= steps[1] <= 10
    assert np.ptp(ways, axis=0)[0] > 50 and max(aside) < 24.0


@pytest.mark.parametrize(
    ("state", "low", "high"), [("listening", 0.65, 0.85), ("speaking", 0.35, 0.55), ("thinking", 0.08, 0.35)]
)
def test_shares_of_time_are_those_of_people(state: State, low: float, high: float) -> None:
    """Argyle & Ingham 1972: 75 % of the time while they listen, 41 % while they speak."""
    on = []
    for seed in range(4):
        blinks, turning, score = Blinks(seed), Turning(), rehearse(state, 100.0, seed)
        watched = Performer(make_cloud(10), seed, score)._director
        regard = watched.regard
        for t in np.arange(0.0, 100.0, STEP):
            watched.advance(float(t))
            on.append(degrees_between(np.array(regard.point(float(t))) - regard._middle, np.array((0, -0.02, 1.6))) < 4)
        assert blinks.due and not turning.heading.target.any()
    assert low < np.mean(on) < high


def test_a_viewer_who_is_suddenly_elsewhere_is_jumped_after() -> None:
    """After the latency of a saccade, as fast as the main sequence has it (Bahill et al. 1975), and then corrected."""
    regard = Regard(3, Blinks(3), Turning(), (0.0, 1.6, 0.0))
    regard.enter(0.0, "listening")
    run(regard, 0.5)
    before = regard.point(0.5)
    regard.saw(viewer(0.5, (0.5, 1.6, 1.5)))
    times = np.arange(0.5, 1.3, 0.002)
    ways = []
    for t in times:
        run(regard, float(t))
        ways.append(degrees_between(np.array(regard.point(float(t))) - (0, 1.6, 0), np.array(before) - (0, 1.6, 0)))
    speed = np.diff(ways) / 0.002
    begin = float(times[1:][speed > 80][0])
    assert begin - 0.5 == pytest.approx(LATENCY_S, abs=0.02)
    assert 350 < speed.max() < 600
    landed = times[1:][speed > 80]
    first = landed[: int(np.argmax(np.diff(landed) > 0.05)) + 1]
    assert 0.03 < np.ptp(first) < 0.09
    assert ways[-1] == pytest.approx(np.degrees(np.arctan2(0.5, 1.5)), abs=3.0)


def test_the_head_goes_along_and_the_body_after_it() -> None:
    """A viewer at the side: eyes first, then the head, then the feet; the eyes stay in their range all the time."""
    place = (1.5, 1.6, -0.2)
    watched = Watched(AVATAR, 4, scored("listening", viewer(0.0, (0.0, 1.6, 1.6)), viewer(2.0, place)))
    ways = {"eye_l": [], "head": [], "pelvis": []}  # type: dict[str, list[float]]
    times = np.arange(2.0, 9.0, 0.05)
    for t in times:
        for name, way in ways.items():
            x, _, z = watched.ahead(name, float(t))
            way.append(float(np.degrees(np.arctan2(x, z))))
    began = [float(times[np.argmax(np.array(way) > way[0] + 8.0)]) for way in ways.values()]
    assert began[0] < began[1] < began[2]
    assert ways["pelvis"][-1] == pytest.approx(97.6, abs=22)
    assert ways["head"][-1] == pytest.approx(97.6, abs=18)


def test_no_joint_leaves_its_range_and_none_jumps_however_the_viewer_moves() -> None:
    rng = np.random.default_rng(5)
    entries = [
        viewer(float(t), (r * np.sin(a), rng.uniform(0.8, 2.2), r * np.cos(a)))
        for t in np.arange(0.5, 40.0, 2.3)
        for r, a in ((rng.uniform(0.3, 3.0), rng.uniform(-np.pi, np.pi)),)
    ]
    watched = Watched(AVATAR, 6, scored("listening", *entries, Mood(15.0, "speaking"), Mood(25.0, "thinking")))
    times = np.arange(0.0, 42.0, 0.07)
    most = {"eye": 0.0, "neck": 0.0}
    fastest = {"head": 0.0, "pelvis": 0.0, "spine_03": 0.0, "foot_l": 0.0}
    for before, t in pairwise(times):
        turned = {name: watched.joint(name, float(t))[:3, :3] for name in ("head", "spine_03")}
        most["neck"] = max(most["neck"], angle_of(turned["head"], turned["spine_03"]))
        for side in "lr":
            eye = degrees_between(watched.ahead(f"eye_{side}", float(t)), watched.ahead("head", float(t)))
            most["eye"] = max(most["eye"], eye)
        for name in fastest:
            way = angle_of(watched.joint(name, float(t))[:3, :3], watched.joint(name, float(before))[:3, :3])
            fastest[name] = max(fastest[name], way / 0.07)
    assert most["eye"] < EYE_MOST + 0.1
    assert most["neck"] < 75.0  # of 80 (Youdas et al. 1992)
    assert fastest["head"] < 260 and fastest["pelvis"] < 100 and fastest["spine_03"] < 130 and fastest["foot_l"] < 300


def test_speeds_never_jump() -> None:
    entries = [
        *walker(0.3, 4.0),
        viewer(4.0, (0.4, 1.2, 0.8)),
        viewer(4.1, (1.5, 1.6, 0.3)),
        Hand(5.5, (0.9, 1.1, 0.6), 1.0),
    ]
    director = Performer(AVATAR, 3, scored("listening", *entries, Mood(6.0, "thinking")))._director
    step = 2e-4
    values = []
    for t in np.arange(3.0, 7.0, step):
        director.advance(float(t))
        regard, turning = director.regard, director.turning
        way = np.array(regard.point(float(t))) - regard._middle
        values.append((
            *(50 * way / np.linalg.norm(way)), *regard.head.at(float(t)), *regard.trunk.at(float(t)),
            *turning.heading.at(float(t)),
        ))  # fmt: skip
    speeds = np.diff(np.array(values), axis=0) / step
    # In a saccade's first fifth of a millisecond the eye gains no more than 10 degrees a second.
    assert np.abs(np.diff(speeds[:, :3], axis=0)).max() < 10.0
    assert np.abs(np.diff(speeds[:, 3:], axis=0)).max() < 1.0


def test_someone_who_goes_round_behind_is_met_on_the_other_side() -> None:
    """Eyes and head never turn farther than they can, and none of it jumps from one side to the other."""
    angles = np.radians(np.linspace(0.0, 330.0, 40))
    entries = [viewer(1.0 + 0.1 * k, (1.5 * np.sin(a), 1.6, 1.5 * np.cos(a))) for k, a in enumerate(angles)]
    watched = Watched(AVATAR, 3, scored("listening", *entries))
    times = np.arange(0.5, 14.0, 0.05)
    ways = np.array([watched.ahead("head", float(t)) for t in times])
    assert max(degrees_between(a, b) for a, b in pairwise(ways)) < 14.0
    eyes = pupils((1.5 * np.sin(angles[-1]), 1.6, 1.5 * np.cos(angles[-1])))
    met = [min(watched.off("eye_r", float(t), one) for one in eyes) for t in np.arange(10.0, 14.0, 0.1)]
    assert min(met) < 1.0 and np.median(met) < 4.0  # the mouth is 3 degrees below


def test_a_hand_that_moves_gets_a_glance_and_the_face_has_the_eyes_back_within_a_second() -> None:
    hand, face = np.array((0.35, 1.1, 1.2)), (0.0, 1.6, 1.6)
    glances = 0
    for seed in range(6):
        watched = Watched(AVATAR, seed, scored("listening", viewer(0.0, face), Hand(3.0, tuple(hand), 0.9)))
        at_hand = [t for t in np.arange(2.5, 6.0, 0.05) if watched.off("eye_l", float(t), hand) < 3.0]
        glances += bool(at_hand)
        if at_hand:
            assert 3.1 < at_hand[0] < 3.6 and at_hand[-1] - at_hand[0] < 0.9
            back = [min(watched.off("eye_l", float(t), one) for one in pupils(face)) for t in np.arange(4.0, 4.5, 0.05)]
            assert min(back) < 6.0
        slow = Watched(AVATAR, seed, scored("listening", viewer(0.0, face), Hand(3.0, tuple(hand), 0.1)))
        assert min(slow.off("eye_l", float(t), hand) for t in np.arange(3.0, 4.0, 0.1)) > 5.0
    assert 1 <= glances <= 5


def test_without_eyes_the_head_looks() -> None:
    cloud = make_cloud(10)
    for place in ((0.6, 1.5, 1.2), (-0.8, 1.9, 1.3)):
        watched = Watched(cloud, 2, scored("listening", viewer(0.0, place)))
        off = [watched.off("head", float(t), np.array(place) - (0, 0.08, 0)) for t in np.arange(4.0, 24.0, 0.2)]
        assert np.median(off) < 6.0
        assert max(off) > 8.0  # now and then it looks elsewhere, too


def test_a_talk_with_a_viewer_is_the_same_when_it_is_played_again() -> None:
    known = [*rehearse_talk(5).entries, *walker(0.4, 50.0), Hand(14.2, (0.3, 1.1, 1.2), 0.8)]
    played_twice(AVATAR, sorted(known, key=lambda e: e.time), 30.0)


def run(regard: Regard, time: float) -> None:
    while regard.due <= time:
        regard.happen(regard.due)


def angle_of(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))))
