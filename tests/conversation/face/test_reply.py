"""A reply's face made clause by clause against the same made whole, with the real network."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.catalogue import model_dir
from assets.lips import lip_opening
from conversation.engines.a2bs.learned import A2bs
from conversation.face.reply import FaceReply
from conversation.speech_text.mood import Mood

RATE = 24_000
STEP = 240
SPEECH = Path(__file__).parents[2] / "data" / "a2bs"
BROWS = [i for i, name in enumerate(ARKIT_SHAPES) if name.startswith(("brow", "eyeWide"))]


@pytest.fixture(scope="module")
def a2bs() -> A2bs:
    return A2bs(model_dir("visavis-a2bs"))


@pytest.fixture(scope="module", params=["hibari", "rms"])
def spoken(request: pytest.FixtureRequest) -> np.ndarray:
    samples, rate = soundfile.read(SPEECH / f"{request.param}.ogg", dtype="float32")
    resampled: np.ndarray = soxr.resample(samples, rate, RATE)
    return resampled


def pieced(reply: FaceReply, clauses: list[np.ndarray], moods: list[Mood] | None = None) -> np.ndarray:
    """What a face track holds in the end: later frames take the place of earlier ones."""
    face, begins = np.zeros((0, 52), np.float32), 0
    for i, clause in enumerate(clauses):
        piece = reply.push(clause, *([moods[i]] if moods else []))
        at, rest = divmod(begins + piece.first, STEP)
        assert rest == 0
        assert at <= len(face)  # no hole
        face = np.concatenate([face[:at], piece.frames])
        begins += len(clause)
    return face


@pytest.mark.parametrize("cuts", [(1.5, 3.1), (0.3, 0.35, 0.4, 5.0), (0.0101, 2.23456)])
def test_pieces_make_the_curve_of_the_whole(a2bs: A2bs, spoken: np.ndarray, cuts: tuple[float, ...]) -> None:
    clauses = np.split(spoken, [round(cut * RATE) for cut in cuts])
    whole = FaceReply(a2bs, RATE).push(spoken)
    assert whole.first == 0
    assert whole.frames.shape == (-(-len(spoken) // STEP), 52)
    face = pieced(FaceReply(a2bs, RATE), clauses)
    assert whole.frames.std() > 0.02
    np.testing.assert_allclose(face, whole.frames, atol=2e-5)


def test_a_comma_does_not_shut_the_mouth(a2bs: A2bs, spoken: np.ndarray) -> None:
    """Cut in the middle of the widest vowels: the lips stay as far apart as they are without the cut."""
    whole = lip_opening(FaceReply(a2bs, RATE).push(spoken).frames)
    widest = int(np.argmax(whole[100:-100])) + 100
    reply = FaceReply(a2bs, RATE)
    first = reply.push(spoken[: widest * STEP])
    assert lip_opening(first.frames)[-1] == 0  # nothing may follow, so it ends at rest
    second = reply.push(spoken[widest * STEP :])
    assert second.first < 0
    assert lip_opening(second.frames)[-second.first // STEP] == pytest.approx(whole[widest], abs=1e-4)


def test_the_mouth_is_at_rest_at_both_ends_and_its_motion_has_no_jumps(a2bs: A2bs, spoken: np.ndarray) -> None:
    face = pieced(FaceReply(a2bs, RATE), np.split(spoken, [40_000, 90_000]))
    assert not face[0].any()
    assert not face[-1].any()
    assert np.abs(np.diff(face, axis=0)).max() < 0.25


def test_brows_move_with_the_voice_and_nothing_else_does_beside_the_mouth(a2bs: A2bs, spoken: np.ndarray) -> None:
    face = FaceReply(a2bs, RATE).push(spoken).frames
    assert face[:, BROWS].max() > 0.05
    eyes = [i for i, name in enumerate(ARKIT_SHAPES) if name.startswith(("eyeBlink", "eyeLook", "nose", "cheek"))]
    assert not face[:, eyes].any()


def test_a_mood_comes_smoothly_and_changes_with_the_clause(a2bs: A2bs, spoken: np.ndarray) -> None:
    smile, clauses = INDEX["mouthSmileLeft"], np.split(spoken, [60_000, 120_000])
    plain = pieced(FaceReply(a2bs, RATE), clauses)
    moods = [Mood(), Mood("happy", 1.0), Mood("sorry", 1.0)]
    coloured = pieced(FaceReply(a2bs, RATE), clauses, moods)
    added = coloured[:, smile] - plain[:, smile]
    assert np.abs(added[:240]).max() < 1e-6
    assert added[480] > 0.25
    assert abs(added[-1]) < 0.05
    assert np.abs(np.diff(added)).max() < 0.02
    jaw = INDEX["jawOpen"]
    np.testing.assert_allclose(coloured[:, jaw], plain[:, jaw], atol=1e-6)
    # Lips that touch still touch.
    assert np.quantile(lip_opening(coloured), 0.1) < 0.03


def test_silence_and_emptiness_are_no_trouble(a2bs: A2bs) -> None:
    reply = FaceReply(a2bs, RATE)
    assert reply.push(np.zeros(0, np.float32)).frames.shape == (0, 52)
    quiet = reply.push(np.zeros(RATE, np.float32)).frames
    assert quiet.shape == (100, 52)
    assert quiet.max() < 0.06
    again = reply.push(np.zeros(0, np.float32))
    assert np.isfinite(again.frames).all()


def test_memory_does_not_grow_with_the_reply(a2bs: A2bs) -> None:
    reply, clause = FaceReply(a2bs, RATE), np.zeros(2 * RATE, np.float32)
    sizes = []
    for _ in range(6):
        reply.push(clause)
        sizes.append(len(reply._sound) + len(reply._moods))
    assert sizes[-1] == sizes[-2] < 6 * RATE
