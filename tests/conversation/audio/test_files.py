"""Microphone and loudspeaker from files: read, paced, stamped."""

import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conversation.audio.files import FileMicrophone, FileSpeaker, read_question
from conversation.errors import AudioFileError

BLOCK_NS = 10_000_000


def voice(seconds: float, rate: int) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 200 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


@pytest.mark.parametrize(
    ("rate", "channels", "name"), [(16_000, 1, "a.wav"), (44_100, 2, "b.wav"), (48_000, 1, "c.flac")]
)
def test_any_sound_file_becomes_16_khz_mono(tmp_path: Path, rate: int, channels: int, name: str) -> None:
    quiet = np.zeros(rate // 2, np.float32)
    samples = np.concatenate([quiet, voice(1.0, rate), quiet])
    path = write(tmp_path / name, np.stack([samples] * channels, axis=1), rate)
    question = read_question(path)
    assert len(question.samples) == pytest.approx(32_000, abs=20)
    assert question.samples.dtype == np.float32
    assert question.first_voiced == pytest.approx(8000, abs=160)
    assert question.last_voiced == pytest.approx(24_000, abs=160)
    assert np.abs(question.samples).max() == pytest.approx(0.3, abs=0.02)


def test_bad_files_are_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("RIFF, but not really")
    cut = tmp_path / "cut.wav"
    cut.write_bytes(write(tmp_path / "whole.wav", voice(1, 16_000), 16_000).read_bytes()[:30])
    silent = write(tmp_path / "silent.wav", np.zeros(16_000, np.float32), 16_000)
    empty = write(tmp_path / "empty.wav", np.zeros(0, np.float32), 16_000)
    nan = write(tmp_path / "nan.wav", np.full(16_000, np.nan, np.float32), 16_000, "FLOAT")
    for path in (text, cut, silent, empty, nan, tmp_path / "none.wav", tmp_path):
        with pytest.raises(AudioFileError) as failure:
            read_question(path)
        assert str(path) in str(failure.value) and "\n" not in str(failure.value)


class Heard:
    """What a microphone delivered."""

    def __init__(self) -> None:
        self.blocks: list[np.ndarray] = []
        self.starts: list[int] = []
        self.arrivals: list[int] = []
        self.enough = threading.Event()
        self.want = 10

    def __call__(self, block: np.ndarray, start_ns: int) -> None:
        self.arrivals.append(time.monotonic_ns())
        self.blocks.append(block)
        self.starts.append(start_ns)
        if len(self.blocks) >= self.want:
            self.enough.set()


def test_microphone_is_silent_until_it_plays_and_every_stamp_is_exact(tmp_path: Path) -> None:
    question = read_question(write(tmp_path / "q.wav", voice(0.3, 16_000), 16_000))
    microphone, heard = FileMicrophone(), Heard()
    microphone.start(heard)
    assert heard.enough.wait(20)
    before = time.monotonic_ns()
    start_ns = microphone.play(question)
    assert microphone.playing
    deadline = time.monotonic() + 20
    while microphone.playing and time.monotonic() < deadline:
        time.sleep(0.02)
    microphone.close()
    count = len(heard.blocks)
    time.sleep(0.05)
    assert len(heard.blocks) == count, "nothing comes after close"
    assert start_ns >= before - BLOCK_NS
    assert not microphone.playing
    assert all(b - a == BLOCK_NS for a, b in pairwise(heard.starts))
    assert all(arrival >= start + BLOCK_NS for start, arrival in zip(heard.starts, heard.arrivals, strict=True))
    stream = np.concatenate(heard.blocks)
    at = (start_ns - heard.starts[0]) * 16_000 // 1_000_000_000
    assert not stream[:at].any()
    assert np.array_equal(stream[at : at + len(question.samples)], question.samples)
    assert not stream[at + len(question.samples) :].any()


def test_questions_played_at_once_follow_each_other(tmp_path: Path) -> None:
    question = read_question(write(tmp_path / "q.wav", voice(0.1, 16_000), 16_000))
    microphone, heard = FileMicrophone(), Heard()
    heard.want = 40
    microphone.start(heard)
    first, second = microphone.play(question), microphone.play(question)
    assert second - first == 100_000_000
    assert heard.enough.wait(20)
    microphone.close()
    stream = np.concatenate(heard.blocks)
    at = (first - heard.starts[0]) * 16_000 // 1_000_000_000
    assert np.array_equal(stream[at : at + 3200], np.tile(question.samples, 2))


def test_speaker_takes_blocks_in_real_time() -> None:
    speaker = FileSpeaker()
    taken: list[tuple[int, int]] = []
    enough = threading.Event()

    def fill(count: int, time_ns: int, latency_s: float, channels: int) -> np.ndarray:
        assert (count, latency_s, channels) == (240, 0.0, 1)
        taken.append((time_ns, time.monotonic_ns()))
        if len(taken) == 50:
            enough.set()
        return np.zeros(count, np.float32)

    speaker.start(fill)
    assert enough.wait(20)
    speaker.close()
    assert all(b[0] - a[0] == BLOCK_NS for a, b in pairwise(taken))
    assert all(real >= due for due, real in taken), "nothing is taken before its time"
