"""The body in a conversation: one performance however it is looked at, feet that stay, arms that stay out."""

from __future__ import annotations

import numpy as np
import pytest

from assets.arkit import INDEX
from render.measure.cloud import make_cloud
from render.motion.performer import Performer
from render.motion.rehearsal import TALK_S, motion_set, rehearse, rehearse_talk
from render.motion.score import Beat, Mood
from tests.motion_set import skinned
from tests.render.motion.bodies import bare
from tests.render.motion.watched import played_twice

AVATAR = bare()
NAMES = AVATAR.skeleton.names


def test_a_frown_takes_the_smile_of_rest() -> None:
    performer, sad = Performer(AVATAR, 1), np.zeros(52, np.float32)
    sad[[INDEX["mouthFrownLeft"], INDEX["mouthFrownRight"]]] = 0.3
    smile = [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]
    assert performer.key(0, 1.0).expression[smile].min() > 0.1
    assert performer.key(1, 1.05, sad / 2).expression[smile].min() > 0.05
    assert not performer.key(2, 1.1, sad).expression[smile].any()


def test_the_same_moment_is_the_same_pose_in_whatever_order_it_is_asked_for() -> None:
    score = rehearse_talk(3)
    forward, scattered = Performer(AVATAR, 3, score), Performer(AVATAR, 3, score)
    times = np.arange(0, TALK_S, 0.7)
    expected = [forward.at(t).rotations for t in times]
    for index in np.random.default_rng(0).permutation(len(times)):
        assert np.array_equal(scattered.at(times[index]).rotations, expected[index])


def test_a_talk_played_again_from_its_score_is_the_same() -> None:
    played_twice(AVATAR, rehearse_talk(5).entries, TALK_S)


def test_another_seed_is_another_performance() -> None:
    a, b = (Performer(AVATAR, seed, rehearse("speaking", 20, 1)).at(12.3).rotations for seed in (1, 2))
    assert not np.allclose(a, b, atol=1e-3)


def test_what_was_seen_stays_whatever_is_noted() -> None:
    performer = Performer(AVATAR, 1)
    before = [performer.at(t).rotations for t in np.arange(0, 5, 0.05)]
    performer.note(Mood(2.0, "speaking"))
    performer.note(Beat(1.0, 4.0, 1.0))
    assert all(entry.time >= 4.95 for entry in performer.score.entries)
    assert np.array_equal([performer.at(t).rotations for t in np.arange(0, 5, 0.05)], before)


@pytest.mark.parametrize("state", ["idle", "speaking"])
def test_planted_feet_do_not_slide(state: str) -> None:
    performer = Performer(AVATAR, 2, rehearse(state, 60.0, 2))
    feet = [NAMES.index(f"{joint}_{side}") for joint in ("foot", "ball") for side in "lr"]
    rest = AVATAR.skeleton.rest[feet]
    places = np.array(
        [(performer.key(0, t).joints[feet].astype(float) @ rest)[:, :3, 3] for t in np.arange(0, 60, 0.1)]
    )
    assert np.ptp(places, axis=0).max() < 1e-3
    assert places[0, :, 1] == pytest.approx(rest[:, 1, 3], abs=1e-3)  # soles as high as they were bound
    hips = [performer.at(t).root for t in np.arange(0, 60, 0.1)]
    assert np.ptp(hips, axis=0)[0] > 0.02  # while the weight shifts


def test_a_rig_without_hips_fingers_or_feet_is_posed_as_far_as_it_goes() -> None:
    cloud = make_cloud(10)
    state = Performer(cloud, 0).at(3.0)
    assert state.rotations.shape == (len(cloud.skeleton.names), 4)
    assert np.linalg.norm(state.rotations, axis=1) == pytest.approx(1, abs=1e-6)
    key = Performer(cloud, 0).key(0, 0.0)
    hand = cloud.skeleton.names.index("hand_l")
    assert (key.joints @ cloud.skeleton.rest)[hand, 1, 3] < cloud.skeleton.rest[hand, 1, 3] - 0.3


def test_the_motion_set_raises_hands_and_keeps_soles_down() -> None:
    keys = motion_set(AVATAR, 12)
    assert [key.id for key in keys] == list(range(12))
    hands = [NAMES.index(f"hand_{side}") for side in "lr"]
    heights = np.array([(key.joints[hands] @ AVATAR.skeleton.rest[hands])[:, 1, 3] for key in keys])
    assert heights.min() < 0.9 and heights.max() > 1.0
    for key in keys[::4]:
        assert abs(skinned(AVATAR, key)[:, 1].min()) < 0.02
