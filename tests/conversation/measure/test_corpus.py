"""Recordings find what was said in them, however their corpus lists it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conversation.errors import AudioFileError
from conversation.measure.corpus import Utterance, read_corpus


def sound(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(160, np.float32), 16_000)
    return path


def test_a_text_beside_a_sound(tmp_path: Path) -> None:
    path = sound(tmp_path / "a" / "one.wav")
    (tmp_path / "a" / "one.txt").write_text("Hello\nthere.\n")
    assert read_corpus(tmp_path) == [Utterance(path, "Hello there.")]


@pytest.mark.parametrize("listed", ["text", "transcripts.txt"])
def test_a_list_of_names_and_words(tmp_path: Path, listed: str) -> None:
    paths = [sound(tmp_path / "b" / "one.flac"), sound(tmp_path / "b" / "two.wav")]
    (tmp_path / listed).write_text("some/where/one GOOD MORNING\ntwo 早上好\nthree nobody recorded this\n")
    assert read_corpus(tmp_path) == [Utterance(paths[0], "GOOD MORNING"), Utterance(paths[1], "早上好")]
    assert [utterance.language for utterance in read_corpus(tmp_path)] == ["en", "zh"]


def test_lhotses_supervisions_in_the_order_of_time(tmp_path: Path) -> None:
    path = sound(tmp_path / "meeting.wav")
    said = [{"recording_id": "meeting.wav", "start": start, "text": text} for start, text in ((3.4, "B C"), (1.5, "A"))]
    (tmp_path / "cuts.json").write_text(json.dumps([{"tracks": [{"cut": {"supervisions": said}}]}]))
    assert read_corpus(tmp_path) == [Utterance(path, "A B C")]


def test_speechbrains_words(tmp_path: Path) -> None:
    path = sound(tmp_path / "spk1_snt1.wav")
    (tmp_path / "dev.json").write_text(json.dumps({"spk1_snt1": {"wav": "{root}/x.wav", "words": "A SMALL DOG"}}))
    assert read_corpus(tmp_path) == [Utterance(path, "A SMALL DOG")]


def test_damaged_lists_are_passed_over(tmp_path: Path) -> None:
    sound(tmp_path / "one.wav")
    (tmp_path / "broken.json").write_text('{"one": [')
    (tmp_path / "deep.json").write_text("[" * 50_000)
    (tmp_path / "text").write_bytes(b"one \xff\xfe\n")
    with pytest.raises(AudioFileError, match="beside each"):
        read_corpus(tmp_path)
