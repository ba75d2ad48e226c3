"""Within what joints can do, and without jumps: through states that change at the worst moments."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.motion.performer import Performer
from render.motion.rehearsal import rehearse_talk
from render.motion.rig import find_rig
from render.motion.score import STATES, Beat, Mood, Score
from tests.render.motion.bodies import PEOPLE, bare

KEY_S = 0.05
FASTEST = {"upper_arm": 320.0, "lower_arm": 480.0, "hand": 320.0, "upper_leg": 60.0, "lower_leg": 60.0, "head": 60.0,
           "neck": 50.0, "hips": 25.0, "spine_1": 25.0, "spine_3": 25.0, "shoulder": 60.0, "eye": 520.0}  # fmt: skip
"""Degrees a second. Fingers may snap into a shape within a tenth of a second; eyes jump (Bahill et al. 1975)."""


def restless(seed: int) -> Score:
    """States that change every half a second or so, in the middle of gestures."""
    rng = np.random.default_rng(seed)
    score, time = Score(), 0.0
    while time < 40.0:
        score.note(Mood(time, STATES[int(rng.integers(len(STATES)))] if rng.random() < 0.6 else "speaking"))
        for heard in np.arange(time + 0.5, time + 2.5, 0.45):
            score.note(Beat(max(heard - 0.9, time), float(heard), float(rng.random())))
        time = max(time, score.entries[-1].time) + float(rng.uniform(0.3, 2.0))
    return score


def speeds(name: str, seed: int, score: Score, seconds: float) -> tuple[dict[str, int], np.ndarray]:
    """Roles, and (T, J) degrees a second between keys."""
    avatar = bare(name)
    performer = Performer(avatar, seed, score)
    turns = np.array([performer.at(t).rotations for t in np.arange(0, seconds, KEY_S)], np.float64)
    steps = np.abs((turns[1:] * turns[:-1]).sum(axis=2)).clip(0, 1)
    return dict(find_rig(avatar.skeleton).joints), 2 * np.degrees(np.arccos(steps)) / KEY_S


@pytest.mark.parametrize("name", PEOPLE)
def test_joints_never_jump(name: str) -> None:
    for score in (rehearse_talk(1), restless(1)):
        roles, fast = speeds(name, 1, score, 40.0)
        for part, most in FASTEST.items():
            for side in ("", "_l", "_r"):
                if part + side in roles:
                    assert fast[:, roles[part + side]].max() < most, (part + side, fast[:, roles[part + side]].argmax())


def test_elbows_knees_wrists_and_heads_stay_within_their_range() -> None:
    avatar = bare()
    names, rest = avatar.skeleton.names, avatar.skeleton.rest
    performer = Performer(avatar, 1, restless(2))
    elbows, knees, heads = [], [], []

    def between(places: dict[str, np.ndarray], a: str, b: str, c: str) -> float:
        u, v = places[b] - places[a], places[c] - places[b]
        return float(np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v))))

    for time in np.arange(0, 40, 0.1):
        posed = performer.key(0, time).joints.astype(np.float64) @ rest
        places = {name: posed[i, :3, 3] for i, name in enumerate(names)}
        for side in "lr":
            elbows.append(between(places, f"upperarm_{side}", f"lowerarm_{side}", f"hand_{side}"))
            knees.append(between(places, f"thigh_{side}", f"calf_{side}", f"foot_{side}"))
            knee = places[f"calf_{side}"] - (places[f"thigh_{side}"] + places[f"foot_{side}"]) / 2
            assert knee[2] > 0  # knees bend forward
        chest, head = (posed[names.index(name), :3, :3] for name in ("spine_03", "head"))
        heads.append(Rotation.from_matrix(chest.T @ head).magnitude())
    assert min(elbows) > 5 and max(elbows) < 145
    assert min(knees) > 2 and max(knees) < 45
    assert np.degrees(max(heads)) < 30


def test_gestures_end_as_syllables_are_heard() -> None:
    """Of the strokes' ends, most lie within a tenth of a second of a stressed syllable (Loehr 2004)."""
    avatar = bare()
    score = rehearse_talk(2)
    performer = Performer(avatar, 2, score)
    hand = [avatar.skeleton.names.index(f"hand_{side}") for side in "lr"]
    step = 0.02
    times = np.arange(22.0, 50.0, step)
    places = np.array([(performer.key(0, t).joints[hand] @ avatar.skeleton.rest[hand])[:, :3, 3] for t in times])
    heard = np.array([entry.heard for entry in score.entries if isinstance(entry, Beat)])
    off = []
    for side in range(2):
        speed = np.linalg.norm(np.diff(places[:, side], axis=0), axis=1) / step
        for k in range(12, len(speed) - 8):
            # A stroke is a quick move that ends: still now, quick within the last quarter of a second.
            if speed[k] < 0.05 <= speed[k - 1] and speed[k - 12 : k].max() > 0.5 and speed[k : k + 6].max() < 0.08:
                off.append(np.abs(heard - times[k]).min())
    assert len(off) >= 8
    assert np.mean(np.array(off) < 0.12) > 0.6


def test_listeners_nod_and_thinkers_look_away() -> None:
    avatar = bare()
    roles = find_rig(avatar.skeleton).joints

    def facing(state: str, role: str) -> np.ndarray:
        score = Score()
        score.note(Mood(0.0, state))
        performer = Performer(avatar, 3, score)
        keys = [performer.key(0, t).joints[roles[role], :3, :3] @ (0, 0, 1) for t in np.arange(1, 31, 0.1)]
        return np.degrees(np.arcsin(np.clip(np.array(keys), -1, 1)))

    pitch = facing("listening", "head")[:, 1]
    nods = int(((pitch[1:] < pitch.mean() - 2.5) & (pitch[:-1] >= pitch.mean() - 2.5)).sum())
    assert 3 <= nods <= 14
    away = np.linalg.norm(facing("thinking", "eye_l")[:, :2], axis=1)
    toward = np.linalg.norm(facing("listening", "eye_l")[:, :2], axis=1)
    assert np.median(away) > 10 > 4 > np.median(toward)
