"""Moods as faces and as pace: soft, told apart, and without a jump."""

from typing import get_args

import numpy as np
import pytest

from assets.arkit import INDEX
from assets.lips import lip_opening
from conversation.face.colour import Colour, face_of, pace_of
from conversation.speech_text.mood import Mood, MoodName, mood_of

MOODS = [name for name in get_args(MoodName) if name != "neutral"]


def test_neutral_is_rest_and_pace() -> None:
    assert not face_of(Mood()).any()
    assert pace_of(Mood()) == 1.0


@pytest.mark.parametrize("name", MOODS)
def test_every_mood_has_a_soft_face_that_grows_with_its_strength(name: MoodName) -> None:
    full, half = face_of(Mood(name, 1.0)), face_of(Mood(name, 0.5))
    np.testing.assert_allclose(half, full / 2, atol=1e-6)
    assert 0.05 < full.max() <= 0.65
    assert lip_opening(full) == 0  # no mood opens the mouth
    assert 0.9 <= pace_of(Mood(name, 1.0)) <= 1.05


def test_moods_are_told_apart() -> None:
    faces = np.stack([face_of(Mood(name, 1.0)) for name in MOODS])
    apart = np.linalg.norm(faces[:, None] - faces[None], axis=2)[np.triu_indices(len(MOODS), 1)]
    assert apart.min() > 0.15


def test_the_text_gives_the_face() -> None:
    happy, sorry = face_of(mood_of("How wonderful, I am so happy!")), face_of(mood_of("I am very sorry."))
    assert happy[INDEX["mouthSmileLeft"]] > 0.2 > sorry[INDEX["mouthSmileLeft"]]
    assert sorry[INDEX["browInnerUp"]] > 0.2
    assert pace_of(mood_of("I am very sorry.")) < 1 < pace_of(mood_of("How wonderful, I am so happy!"))


def test_a_mood_comes_and_goes_without_jump_or_kink() -> None:
    colour = Colour()
    curve = np.concatenate(
        [colour.towards(Mood("happy", 1.0), 120, 100.0), colour.towards(Mood("sad", 1.0), 120, 100.0),
         colour.towards(Mood(), 200, 100.0)]
    )  # fmt: skip
    smile = curve[:, INDEX["mouthSmileLeft"]]
    assert smile[119] == pytest.approx(0.36, abs=0.02)
    assert curve.min() > -0.01 and curve.max() < 0.65
    assert np.abs(np.diff(curve, axis=0)).max() < 0.02
    assert np.abs(np.diff(curve, n=2, axis=0)).max() < 0.002
    assert np.abs(curve[-1]).max() < 0.01


def test_pieces_of_a_mood_are_the_whole() -> None:
    whole, parts = Colour(), Colour()
    expected = whole.towards(Mood("curious", 0.7), 90, 50.0)
    pieces = [parts.towards(Mood("curious", 0.7), n, 50.0) for n in (1, 0, 39, 50)]
    np.testing.assert_allclose(np.concatenate(pieces), expected, atol=1e-5)
