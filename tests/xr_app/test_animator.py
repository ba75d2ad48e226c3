"""Keys in time: the body follows the conversation and the voice, and a film plays the same performance again."""

from __future__ import annotations

import numpy as np
import pytest

from assets.arkit import INDEX
from render.measure.cloud import make_cloud
from render.motion.score import Beat, Mood
from xr_app.animator import AHEAD_S, KEY_NS, Animator, blend

AVATAR = make_cloud(10)
START = 5_000_000_000
SECOND = 1_000_000_000


def voice(time_ns: int, ahead_s: float = 0.0) -> np.ndarray:
    """Silent for a second, then a stressed syllable every 0.8 s."""
    face = np.zeros(52, np.float32)
    since = (time_ns - START) / 1e9 + ahead_s - 1.0
    if since > 0:
        face[INDEX["jawOpen"]] = 0.5 * np.exp(-((((since - 0.4) % 0.8 - 0.4) / 0.1) ** 2))
    return face


def live(seconds: float) -> tuple[Animator, list[np.ndarray]]:
    animator, shown = Animator(AVATAR, voice, START, 3), []
    for number in range(round(seconds * 36)):
        now = START + round(number / 36 * SECOND)
        if number == 30:
            animator.enter("speaking", now)
        before, after, alpha = animator.around(now + SECOND // 20)
        shown.append((1 - alpha) * before.joints + alpha * after.joints)
    return animator, shown


def test_the_voice_is_heard_ahead_and_gestures_follow_it() -> None:
    animator, shown = live(8.0)
    beats = [entry for entry in animator.score.entries if isinstance(entry, Beat)]
    assert [beat.heard for beat in beats] == pytest.approx(1.0 + 0.8 * np.arange(len(beats)), abs=0.06)
    assert len(beats) >= 9
    assert all(0.5 < beat.heard - beat.time <= AHEAD_S for beat in beats)
    hand = AVATAR.skeleton.names.index("hand_r")
    heights = [(joints[hand] @ AVATAR.skeleton.rest[hand])[1, 3] for joints in shown]
    assert max(heights) - min(heights) > 0.2


def test_a_film_shows_the_same_motion() -> None:
    animator, shown = live(8.0)
    film = Animator(AVATAR, lambda ns: voice(ns), START, 3, animator.score)
    for number in range(0, len(shown), 7):
        before, after, alpha = film.around(START + round(number / 36 * SECOND) + SECOND // 20)
        assert np.array_equal((1 - alpha) * before.joints + alpha * after.joints, shown[number])
    moods = [entry for entry in animator.score.entries if isinstance(entry, Mood)]
    assert [mood.state for mood in moods] == ["speaking"]


def test_the_face_is_the_voices_and_keys_stand_on_their_grid() -> None:
    animator = Animator(AVATAR, voice, START)
    before, after, alpha = animator.around(START + 37 * KEY_NS + KEY_NS // 4)
    assert (before.id, after.id, alpha) == (37, 38, pytest.approx(0.25))
    jaw = INDEX["jawOpen"]
    assert before.expression[jaw] == pytest.approx(voice(START + 37 * KEY_NS)[jaw])
    assert blend(before, after, 0.25)[jaw] == pytest.approx(
        0.75 * before.expression[jaw] + 0.25 * after.expression[jaw]
    )


def test_what_was_asked_for_before_costs_its_frame_nothing_and_looks_the_same() -> None:
    asked: list[int] = []

    def face_at(time_ns: int, ahead_s: float = 0.0) -> np.ndarray:
        asked.append(time_ns)
        return voice(time_ns, ahead_s)

    ahead, plain = Animator(AVATAR, face_at, START), Animator(AVATAR, voice, START)
    for number in range(60):
        now = START + round(number / 36 * SECOND)
        if number:
            asked.clear()
        shown, wanted = ahead.around(now), plain.around(now)
        assert number == 0 or not asked
        assert shown[2] == wanted[2]
        for mine, theirs in zip(shown[:2], wanted[:2], strict=True):
            assert mine.id == theirs.id and np.array_equal(mine.joints, theirs.joints)
        # A display that runs ahead and then shows the next frame late after all.
        ahead.around(START + round((number + 1) / 36 * SECOND) + KEY_NS * (number % 5 == 0))
        asked.clear()
