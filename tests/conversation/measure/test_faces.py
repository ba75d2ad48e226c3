"""The measures of a face: what they say of the network here, and of faces that are wrong in a known way."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from assets.arkit import INDEX
from assets.catalogue import model_dir
from assets.progress import SilentProgress
from conversation.engines.a2bs.learned import A2bs
from conversation.errors import AudioFileError, ConversationError
from conversation.measure import faces as face_bench
from conversation.phonetics.flite import RATE, Utterance, flite
from conversation.phonetics.measure import Clip, measure
from conversation.phonetics.mouth import CHANNELS, targets
from conversation.phonetics.phones import Segment

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed (apt install flite)")
SPEECH = Path(__file__).parents[2] / "data" / "a2bs"
PHONES = (("pau", 0.3), ("b", 0.08), ("aa", 0.2), ("m", 0.09), ("iy", 0.15), ("p", 0.1), ("ae", 0.2), ("pau", 0.4))


def said() -> Utterance:
    segments, at = [], 0.0
    for phone, seconds in PHONES * 3:
        segments.append(Segment(phone, at, at + seconds))
        at += seconds
    noise = np.random.default_rng(0).standard_normal(round(at * RATE)).astype(np.float32)
    times = np.arange(len(noise)) / RATE
    loud = np.zeros(len(noise), np.float32)
    for segment in segments:
        if segment.phone in ("aa", "iy", "ae"):
            loud[(times >= segment.start) & (times < segment.end)] = 0.1
    return Utterance("noise", noise * loud, tuple(segments), exact=True)


def clip(predicted: np.ndarray, wanted: np.ndarray) -> Clip:
    utterance = said()
    return Clip("noise", utterance.samples, utterance.segments, wanted, predicted)


@pytest.fixture(scope="module")
def wanted() -> np.ndarray:
    utterance = said()
    return targets(utterance.segments, utterance.samples, RATE, -(-len(utterance.samples) * 100 // RATE))


def test_the_wanted_mouth_is_perfect(wanted: np.ndarray) -> None:
    figures = measure([clip(wanted, wanted)])
    assert figures["lip_opening"] == {"r": 1.0, "r2": 1.0}
    assert figures["bilabials"]["count"] == 9
    assert figures["bilabials"]["under_1_mm"] == 1.0
    assert figures["jerk_against_target"] == 1.0
    assert figures["lag_behind_target_ms"] == pytest.approx(0, abs=0.5)
    assert figures["rest_largest_channel_p95"] < 0.02


def test_a_late_mouth_a_mouth_that_jitters_and_one_that_never_shuts_are_told(wanted: np.ndarray) -> None:
    late = measure([clip(np.roll(wanted, 5, axis=0), wanted)])
    assert late["lag_behind_target_ms"] == pytest.approx(50, abs=3)
    jitter = wanted + 0.02 * np.random.default_rng(1).standard_normal(wanted.shape).astype(np.float32)
    assert measure([clip(jitter, wanted)])["jerk_against_target"] > 1.5
    open_ = wanted.copy()
    open_[:, CHANNELS.index("mouthClose")] = 0
    assert measure([clip(open_, wanted)])["bilabials"]["under_1_mm"] < 0.3


@needs_flite
def test_flite_tells_the_times_of_its_phones() -> None:
    spoken = flite("Bob may open my map.", "rms")
    assert [s.phone for s in spoken.segments].count("m") == 3
    assert spoken.segments[-1].end == pytest.approx(len(spoken.samples) / RATE, abs=0.05)
    assert all(a.end == b.start for a, b in zip(spoken.segments, spoken.segments[1:], strict=False))
    with pytest.raises(ConversationError, match="flite"):
        flite("Bob.", "nobody")


@needs_flite
def test_the_network_here_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(SPEECH / "hibari.ogg", tmp_path / "someone.ogg")
    monkeypatch.setattr(face_bench, "SENTENCES", face_bench.SENTENCES[:3])
    monkeypatch.setattr(face_bench, "VOICES", ("rms",))
    figures = face_bench.bench_a2bs(model_dir("visavis-a2bs"), tmp_path, SilentProgress())
    stranger = figures["voices"]["rms"]
    assert stranger["lip_opening"]["r"] > 0.75
    assert stranger["bilabials"]["count"] >= 20
    assert stranger["bilabials"]["under_1_mm"] > 0.7
    assert figures["recorded"]["clips"] == 1
    assert figures["recorded"]["opening_against_loudness_r"] > 0.3
    assert figures["rtf"] > 0


def test_a_mouth_that_moves_in_pauses_is_told() -> None:
    class Restless(A2bs):
        def __init__(self) -> None:
            pass

        def __call__(self, samples: np.ndarray, sample_rate: int) -> np.ndarray:
            face = np.zeros((len(samples) * 100 // sample_rate, 52), np.float32)
            face[:, INDEX["jawOpen"]] = 0.2 + 0.1 * np.sin(np.arange(len(face)) / 5)
            return face

    utterance = said()
    told = face_bench.recorded(Restless(), [utterance.samples])
    assert told["opening_in_pauses_mm"] > 5
    assert told["pause_s"] > 0.3
    assert told["opening_against_loudness_r"] < 0.3


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="no recordings"):
        face_bench.bench_a2bs(model_dir("visavis-a2bs"), tmp_path, SilentProgress())
