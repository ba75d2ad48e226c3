"""Kokoro's speech, heard back by Whisper: Chinese, English, and one inside the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from assets import catalogue
from conversation.engines.asr.chinese_script import as_written_in
from conversation.engines.asr.whisper import WhisperBase
from conversation.engines.tts.kokoro import LONGEST, Kokoro, _parts
from conversation.engines.tts.loudness import loudness
from conversation.engines.tts.voice import LOUDNESS, VoiceSettings
from conversation.errors import EngineError
from tests.recordings import words


@pytest.fixture(scope="module")
def voice() -> Kokoro:
    if not catalogue.is_ready("kokoro"):
        pytest.skip("Kokoro is not here: `visavis models get kokoro` brings it.")
    return Kokoro(catalogue.model_dir("kokoro"))


def heard(samples: np.ndarray, language: str) -> str:
    ear = WhisperBase(catalogue.model_dir("whisper-base"), languages=(language,))
    return as_written_in("CN")(ear.transcribe(soxr.resample(samples, 24_000, 16_000)).text)


def test_chinese_is_heard_back_character_for_character(voice: Kokoro) -> None:
    speech = voice.synthesise("你好，很高兴认识你。")
    assert "".join(filter(str.isalnum, heard(speech.samples, "zh"))) == "你好很高兴认识你"
    assert loudness(speech.samples, 24_000) == pytest.approx(LOUDNESS, abs=0.7)


def test_english_is_heard_back_word_for_word(voice: Kokoro) -> None:
    assert words(heard(voice.synthesise("The weather is nice today.").samples, "en")) == words(
        "The weather is nice today."
    )


def test_an_unknown_voice_is_refused_by_name(voice: Kokoro) -> None:
    with pytest.raises(EngineError, match="zf_xiaobei"):
        voice.settings = VoiceSettings(voice="nobody")


def test_each_sentence_is_read_in_its_own_language(voice: Kokoro) -> None:
    pieces = list(voice.pieces("你好！This is English. 我喜欢music。"))
    assert [piece[0] for piece in pieces] == ["z", "e", "z"]
    assert "mjˈuzɪk" in pieces[2]


@pytest.mark.parametrize("text", ["", "  ", "...", "？！", "🙂"])
def test_nothing_to_say_is_silence(voice: Kokoro, text: str) -> None:
    assert len(voice.synthesise(text).samples) == 0


def test_no_part_of_a_long_sentence_is_lost() -> None:
    phonemes = ", ".join(["ni↓xau↓ ʂɨ↘ʨje↘"] * 40) + " " + "x" * 30 + " " + "pa " * 200 + "."
    parts = list(_parts(phonemes))
    assert max(map(len, parts)) <= LONGEST
    assert "".join("".join(parts).split()) == "".join(phonemes.split())


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"embed\.mnn"):
        Kokoro(tmp_path)
