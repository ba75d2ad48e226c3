"""A recording: written, read again, and what is wrong with a folder that holds none."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from conversation.audio.recording import Recorder, Recording
from conversation.errors import AudioFileError
from conversation.link.audio_events import QuestionLabelled

SECOND = 1_000_000_000


def test_written_and_read_again(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "talk")
    for i in range(300):
        recorder.take_microphone(np.full(160, 0.25, np.float32), 5 * SECOND + i * SECOND // 100)
        recorder.take_speaker(np.full(240, -0.5, np.float32), 6 * SECOND + i * SECOND // 100, 0.02)
    recorder.face.write(1000, 480.0, np.full((4, 52), 0.7, np.float32))
    label = QuestionLabelled("q.wav", 7 * SECOND, 8 * SECOND)
    recorder.label(label)
    recording = Recording.load(recorder.save())
    samples, rate = soundfile.read(recording.microphone_wav)
    assert (rate, len(samples)) == (16_000, 48_000) and samples == pytest.approx(np.full(48_000, 0.25), abs=1e-4)
    samples, rate = soundfile.read(recording.speaker_wav)
    assert (rate, len(samples)) == (24_000, 72_000) and samples == pytest.approx(np.full(72_000, -0.5), abs=1e-4)
    assert (recording.microphone_start_ns, recording.speaker_start_ns) == (5 * SECOND, 6 * SECOND)
    assert recording.questions == (label,)
    assert recording.face.at(1000)[5] == pytest.approx(0.7)
    for seconds in (5.0, 6.0, 7.5, 20.0):
        expected = (seconds - 6.0 - 0.02) * 24_000
        assert recording.heard_at(round(seconds * SECOND)) == pytest.approx(expected, abs=1e-3)
        assert recording.time_of(expected) == pytest.approx(seconds * SECOND, abs=1e5)


def test_a_recording_of_nothing(tmp_path: Path) -> None:
    recording = Recording.load(Recorder(tmp_path).save())
    assert not recording.face.at(0).any()
    assert recording.heard_at(SECOND) < 0


def test_damaged_or_missing(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError):
        Recording.load(tmp_path / "none")
    Recorder(tmp_path).save()
    (tmp_path / "recording.json").write_text("{}")
    with pytest.raises(AudioFileError):
        Recording.load(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioFileError):
        Recorder(tmp_path / "file").save()
