"""Listening while speaking, a minute of it: the avatar never interrupts itself, the user always does."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets.progress import SilentProgress
from conversation.audio.reference import FRAME
from conversation.errors import ConversationError
from conversation.measure.duplex import DATA, SHORT, bench_duplex, erle, kept, missed, recordings
from tests.recordings import READER, SORROW

SPEECH = Path(os.environ.get(DATA, Path(__file__).resolve().parents[4] / "shared" / "data")) / "speech"


def test_a_minute_of_it() -> None:
    if not SPEECH.exists():
        pytest.skip(f"{SPEECH} is not here; {DATA} says where the files of others lie")
    figures = bench_duplex(SHORT, SPEECH, SilentProgress())
    assert figures["self_interruptions"] == figures["music_cuts"] == 0
    assert figures["caught"] == figures["interruptions"] == SHORT.interruptions
    assert figures["erle_db"] > 15 and figures["aec3_erle_db"] > 25
    assert figures["kept_db"] > -1 and figures["kept_db"] > figures["aec3_kept_db"]
    assert 300 < figures["barge_in_ms"]["p50"] < 700
    assert figures["decision_to_silence_ms"]["max"] <= 200 and figures["decision_to_rest_ms"]["max"] <= 300
    assert not missed(figures)


@pytest.mark.parametrize(
    "wrong",
    [
        {"self_interruptions": 1},
        {"music_cuts": 1},
        {"caught_share": 0.94},
        {"decision_to_silence_ms": {"p95": 201.0}},
        {"decision_to_rest_ms": {"p95": 301.0}},
    ],
)
def test_what_falls_short_is_told(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "self_interruptions": 0,
        "music_cuts": 0,
        "caught_share": 0.95,
        "decision_to_silence_ms": {"p95": 200.0},
        "decision_to_rest_ms": {"p95": 300.0},
    }
    assert not missed(good) and missed(good | wrong)


def frames(samples: np.ndarray) -> list[np.ndarray]:
    return list(samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME))


def test_what_is_kept_of_the_user_is_measured_through_another_voice() -> None:
    near = READER.samples()[:96_000]
    other = SORROW.samples()[:96_000]
    late = np.concatenate([np.zeros(64, np.float32), near])[:96_000]
    assert kept(frames(near), frames(0.5 * late + 0.05 * other)) == pytest.approx(-6.0, abs=0.5)


def test_erle_is_what_the_echo_lost() -> None:
    echo = SORROW.samples()[:128_000]
    assert erle(frames(echo), frames(0.1 * echo)) == pytest.approx(20.0, abs=0.01)


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversationError, match="no recorded speech"):
        recordings(tmp_path)
