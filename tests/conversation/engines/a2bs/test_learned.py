"""The mouth that the network gives real speech: timing, closed lips, rest. Gaps are in units of jawOpen (3.4 cm)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from assets import paths
from assets.arkit import ARKIT_SHAPES
from assets.errors import ModelMissingError
from assets.lips import lip_opening
from conversation.engines.a2bs.learned import A2bs
from conversation.errors import EngineError

MODEL = paths.models_dir() / "visavis-a2bs"
SPEECH = Path(__file__).parents[3] / "data" / "a2bs"
MOUTH = [i for i, name in enumerate(ARKIT_SHAPES) if name.startswith(("jaw", "mouth", "tongue"))]
ONE_MM = 0.03


@dataclass(frozen=True)
class Spoken:
    """A sentence, its phones (name, start, end) in seconds, and the lips it was labelled with at 100 Hz."""

    voice: str
    samples: np.ndarray
    rate: int
    phones: list[tuple[str, float, float]]
    opening: np.ndarray

    def frames_of(self, *names: str) -> Iterator[slice]:
        for name, start, end in self.phones:
            if name in names:
                yield slice(round(100 * start), round(100 * end) + 1)


def load(voice: str) -> Spoken:
    samples, rate = soundfile.read(SPEECH / f"{voice}.ogg", dtype="float32")
    sheet = json.loads((SPEECH / f"{voice}.json").read_text())
    return Spoken(voice, samples, rate, [tuple(p) for p in sheet["phones"]], np.array(sheet["opening"]))


@pytest.fixture(scope="module")
def a2bs() -> A2bs:
    return A2bs(MODEL)


@pytest.fixture(scope="module", params=["hibari", "rms"])
def spoken(request: pytest.FixtureRequest) -> Spoken:
    """The avatar's own voice, and a man's that the network was never trained on."""
    return load(request.param)


def lag_ms(late: np.ndarray, early: np.ndarray) -> float:
    """Where the cross-correlation of two curves at 100 Hz peaks, searched over half a second."""
    late, early = late - late.mean(), early - early.mean()
    scores = [np.dot(late[50 + k : len(late) - 50 + k], early[50:-50]) for k in range(-50, 51)]
    return 10.0 * (int(np.argmax(scores)) - 50)


def loudness(spoken: Spoken, frames: int) -> np.ndarray:
    half = spoken.rate // 50
    centres = (np.arange(frames) * spoken.rate / 100).astype(int)
    padded = np.pad(spoken.samples, half)
    return np.array([np.sqrt(np.mean(padded[c : c + 2 * half] ** 2)) for c in centres])


def test_frames_are_arkit_at_100_hz_and_only_the_mouth_moves(a2bs: A2bs, spoken: Spoken) -> None:
    face = a2bs(spoken.samples, spoken.rate)
    assert a2bs.frame_rate == 100
    assert face.shape == (-(-len(spoken.samples) * 100 // spoken.rate), 52)
    assert face.dtype == np.float32
    assert face.min() >= 0
    assert face.max() <= 1
    assert not np.delete(face, MOUTH, axis=1).any()
    assert face.std(axis=0)[ARKIT_SHAPES.index("jawOpen")] > 0.05


def test_lips_follow_the_phones_without_lag(a2bs: A2bs, spoken: Spoken) -> None:
    gap = lip_opening(a2bs(spoken.samples, spoken.rate))
    assert np.corrcoef(gap, spoken.opening)[0, 1] > 0.7
    assert abs(lag_ms(gap, spoken.opening)) <= 20


def test_lips_open_with_the_sound_and_at_its_time(a2bs: A2bs, spoken: Spoken) -> None:
    gap = lip_opening(a2bs(spoken.samples, spoken.rate))
    sound = loudness(spoken, len(gap))
    assert np.corrcoef(gap, np.log10(sound + 1e-3))[0, 1] > 0.35
    assert abs(lag_ms(gap, sound)) <= 30


def test_sound_that_comes_later_moves_the_mouth_as_much_later(a2bs: A2bs) -> None:
    spoken = load("hibari")
    late = np.concatenate([np.zeros(137 * spoken.rate // 100, np.float32), spoken.samples])
    face = a2bs(late, spoken.rate)
    np.testing.assert_allclose(face[147:-10], a2bs(spoken.samples, spoken.rate)[10:-10], atol=0.02)


def test_lips_touch_on_p_b_and_m_and_part_on_open_vowels(a2bs: A2bs, spoken: Spoken) -> None:
    gap = lip_opening(a2bs(spoken.samples, spoken.rate))
    closures = np.array([gap[frames].min() for frames in spoken.frames_of("p", "b", "m")])
    vowels = np.array([gap[frames].max() for frames in spoken.frames_of("aa", "ae", "ay")])
    assert len(closures) >= 12
    assert np.mean(closures < ONE_MM) >= (0.9 if spoken.voice == "hibari" else 0.7)
    assert np.median(vowels) > 0.2


def test_lower_lip_is_tucked_on_f_and_v(a2bs: A2bs) -> None:
    spoken = load("hibari")
    roll = a2bs(spoken.samples, spoken.rate)[:, ARKIT_SHAPES.index("mouthRollLower")]
    assert np.median([roll[frames].max() for frames in spoken.frames_of("f", "v")]) > 3 * np.median(roll)


@pytest.mark.parametrize("level", [0.0, 1e-4, 1e-3])
def test_without_speech_the_face_rests(a2bs: A2bs, level: float) -> None:
    hiss = np.random.default_rng(1).normal(0, level, 48_000).astype(np.float32)
    face = a2bs(hiss, 24_000)
    assert face[30:].max() < 0.05
    assert lip_opening(face).max() < 2 * ONE_MM  # hiss that sets in at full level begins like an f


def test_pauses_are_rest(a2bs: A2bs) -> None:
    spoken = load("hibari")
    face = a2bs(spoken.samples, spoken.rate)
    pauses = [(start, end) for name, start, end in spoken.phones if name == "pau" and end - start > 0.3]
    assert pauses
    for start, end in pauses:
        middle = round(50 * (start + end))
        assert face[middle].max() < 0.1


def test_speech_cut_in_the_middle_of_a_word_ends_at_rest_smoothly(a2bs: A2bs) -> None:
    spoken = load("hibari")
    start, end = next((s, e) for name, s, e in spoken.phones if name in ("ae", "aa"))
    cut = int(0.5 * (start + end) * spoken.rate)
    for part in (spoken.samples[:cut], spoken.samples[cut:]):
        face = a2bs(part, spoken.rate)
        assert not face[0].any()
        assert not face[-1].any()
        assert np.abs(np.diff(face, axis=0)).max() < 0.2


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 48_000])
def test_any_sample_rate_gives_the_same_mouth(a2bs: A2bs, rate: int) -> None:
    spoken = load("hibari")
    reference = lip_opening(a2bs(spoken.samples, spoken.rate))
    other = lip_opening(a2bs(soxr.resample(spoken.samples, spoken.rate, rate).astype(np.float32), rate))
    assert abs(len(other) - len(reference)) <= 1
    n = min(len(other), len(reference))
    assert np.corrcoef(other[:n], reference[:n])[0, 1] > (0.8 if rate < spoken.rate else 0.995)
    assert abs(lag_ms(other[:n], reference[:n])) <= 10


def test_a_quieter_microphone_moves_the_mouth_nearly_as_much(a2bs: A2bs) -> None:
    spoken = load("hibari")
    loud = lip_opening(a2bs(spoken.samples, spoken.rate))
    quiet = lip_opening(a2bs(0.3 * spoken.samples, spoken.rate))
    assert np.corrcoef(loud, quiet)[0, 1] > 0.95
    assert quiet.mean() > 0.7 * loud.mean()


def test_calls_do_not_remember_each_other(a2bs: A2bs) -> None:
    spoken = load("hibari")
    first = a2bs(spoken.samples, spoken.rate)
    a2bs(spoken.samples[:30_000], spoken.rate)
    np.testing.assert_array_equal(a2bs(spoken.samples, spoken.rate), first)


@pytest.mark.parametrize("samples", [0, 1, 200])
def test_almost_nothing_is_no_trouble(a2bs: A2bs, samples: int) -> None:
    face = a2bs(np.zeros(samples, np.float32), 24_000)
    assert face.shape == (-(-samples * 100 // 24_000), 52)
    assert np.isfinite(face).all()


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="visavis models get"):
        A2bs(tmp_path)


@pytest.mark.parametrize("text", ["{", '{"frame_rate": 100, "bands": 40, "look_back": 24, "look_ahead": 10}'])
def test_a_damaged_sheet_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a2bs.json").write_text(text)
    with pytest.raises(EngineError, match="visavis models get"):
        A2bs(tmp_path)


def test_a_sheet_of_another_version_is_refused(tmp_path: Path) -> None:
    sheet = json.loads((MODEL / "a2bs.json").read_text())
    (tmp_path / "a2bs.json").write_text(json.dumps({**sheet, "channels": [["jawOpened"]]}))
    with pytest.raises(EngineError, match="another version"):
        A2bs(tmp_path)
