"""Whisper on recorded human speech, on silence, and on what makes it loop."""

from __future__ import annotations

import json

import jiwer
import numpy as np
import pytest

from assets import catalogue
from conversation.audio.files import read_question
from conversation.engines.asr import whisper
from conversation.engines.asr.whisper import WhisperBase
from conversation.engines.asr.whisper_features import filterbank
from conversation.engines.asr.whisper_tokens import Tokens, looping_tail
from conversation.measure.corpus import Utterance, read_corpus
from conversation.measure.word_errors import compare
from tests.recordings import DATA, READER, SORROW, Recording, words

LOOPING = 40_000
"""Samples: the first sentence of SORROW and nothing after it."""


@pytest.fixture(scope="module")
def ear() -> WhisperBase:
    return WhisperBase(catalogue.model_dir("whisper-base"))


@pytest.mark.parametrize("recording", [SORROW, READER], ids=["sorrow", "reader"])
def test_a_recorded_human_is_understood_word_for_word(ear: WhisperBase, recording: Recording) -> None:
    transcript = ear.transcribe(recording.samples())
    assert jiwer.wer(recording.text, words(transcript.text)) == 0
    assert transcript.language == "en"
    assert not transcript.repetition_stopped


def test_more_than_thirty_seconds_are_heard_to_the_end(ear: WhisperBase) -> None:
    long = np.concatenate([READER.samples(), SORROW.samples(), READER.samples()])
    said = " ".join([READER.text, SORROW.text, READER.text])
    assert len(long) > 30 * 16_000
    assert jiwer.wer(said, words(ear.transcribe(long).text)) < 0.05


def test_a_short_word_out_of_context_does_not_loop(ear: WhisperBase) -> None:
    samples = SORROW.samples()
    for start in range(0, len(samples) - 16_000, 24_000):
        transcript = ear.transcribe(samples[start : start + 16_000])
        assert transcript.tokens <= 16
        assert not transcript.repetition_stopped


def test_a_loop_is_cured_by_the_full_window(ear: WhisperBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without silence after it this part makes the decoder loop, as the next test shows."""
    monkeypatch.setattr(whisper, "SHORTEST_WINDOW", 0)
    monkeypatch.setattr(whisper, "SILENCE_AFTER", 0)
    transcript = ear.transcribe(SORROW.samples()[:LOOPING])
    assert words(transcript.text) == "it was the first great sorrow of his life"
    assert not transcript.repetition_stopped


def test_a_loop_in_a_partial_is_cut_at_once(ear: WhisperBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper, "SHORTEST_WINDOW", 0)
    monkeypatch.setattr(whisper, "SILENCE_AFTER", 0)
    assert ear.transcribe(SORROW.samples()[:LOOPING], partial=True).repetition_stopped


def test_a_loop_in_the_full_window_is_cut_off(ear: WhisperBase, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHORTEST_WINDOW", "SILENCE_AFTER"):
        monkeypatch.setattr(whisper, name, 0)
    monkeypatch.setattr(whisper, "FULL_WINDOW", LOOPING)
    transcript = ear.transcribe(SORROW.samples()[:LOOPING])
    assert transcript.repetition_stopped
    assert words(transcript.text).startswith("it was the first great sorrow of his life")
    assert transcript.tokens <= 24


@pytest.mark.parametrize("seconds", [0, 0.1, 3])
def test_silence_says_nothing(ear: WhisperBase, seconds: float) -> None:
    assert ear.transcribe(np.zeros(int(seconds * 16_000), np.float32)).text == ""


def test_noise_says_nothing(ear: WhisperBase) -> None:
    noise = 0.01 * np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    assert ear.transcribe(noise).text == ""


@pytest.fixture(scope="module")
def both() -> WhisperBase:
    return WhisperBase(catalogue.model_dir("whisper-base"), languages=("zh-CN", "en"))


def test_the_language_is_recognised_among_several(both: WhisperBase) -> None:
    transcript = both.transcribe(SORROW.samples())
    assert (transcript.language, transcript.spoken) == ("en", "en")


def test_chinese_is_written_as_the_region_writes_it(both: WhisperBase) -> None:
    """Without the region this recording comes half in traditional characters."""
    (utterance,) = [one for one in chinese() if one.path.stem == "BAC009S0764W0125"]
    transcript = both.transcribe(read_question(utterance.path).samples)
    assert (transcript.language, transcript.spoken) == ("zh", "zh")
    assert compare(utterance.text, transcript.text, "zh").rate < 0.15


def test_chinese_is_told_where_only_english_is_written(ear: WhisperBase) -> None:
    samples = read_question(chinese()[0].path).samples
    transcript = ear.transcribe(samples)
    assert (transcript.language, transcript.spoken) == ("en", "zh")


def chinese() -> list[Utterance]:
    if not (DATA / "zh_aishell").is_dir():
        pytest.skip(f"{DATA / 'zh_aishell'} is not here; VISAVIS_TEST_DATA says where the files of others lie")
    return read_corpus(DATA / "zh_aishell")


def test_cancelled_it_returns_what_it_has(ear: WhisperBase) -> None:
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 4

    transcript = ear.transcribe(SORROW.samples(), cancelled=cancelled)
    assert transcript.tokens == 4
    assert SORROW.text.startswith(words(transcript.text))


@pytest.mark.parametrize(
    ("row", "again"),
    [
        ([1, 2, 3, 4], 0),
        ([7, 7, 7, 7, 7], 0),  # "no no no no no"
        ([5, 7, 7, 7, 7, 7, 7], 5),
        ([1, 2, 1, 2, 1, 2], 0),
        ([9, 1, 2, 1, 2, 1, 2, 1, 2], 6),
        ([1, 2, 3, 1, 2, 3, 1, 2, 3], 6),
        ([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6], 6),
        ([], 0),
    ],
)
def test_a_loop_is_told_from_emphasis(row: list[int], again: int) -> None:
    assert looping_tail(row) == again


def test_every_byte_can_be_spelt() -> None:
    """The alphabet of GPT-2's byte tokens: 256 single-letter tokens decode to the 256 bytes."""
    path = catalogue.model_dir("whisper-base") / "tokens.json"
    tokens = Tokens(path)
    table = json.loads(path.read_text(encoding="utf-8"))["tokens"]
    for word in ("café", "你好", "naïve 😀"):
        assert tokens.text(spell(word, table)) == word


def spell(text: str, table: list[str]) -> list[int]:
    """`text` in tokens of one byte each: the vocabulary begins with the printable bytes in order, then the rest."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    order = [*printable, *(byte for byte in range(256) if byte not in printable)]
    assert all(len(token) == 1 for token in table[:256])
    return [order.index(byte) for byte in text.encode()]


def test_the_filterbank_is_slaneys() -> None:
    """Against properties that librosa documents: unit area of each filter, and centres equally spaced below 1 kHz."""
    bank = filterbank()
    assert bank.shape == (80, 201)
    hz = np.linspace(0, 8000, 201)
    broad = bank[40:]  # narrow filters have too few bins for their sum to be the area
    assert np.trapezoid(broad, hz, axis=1) == pytest.approx(np.ones(40), rel=0.1)
    assert bank[0, 1] == pytest.approx(0.0248626, abs=1e-4)
