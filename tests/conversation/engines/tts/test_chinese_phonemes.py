"""Chinese text as phonemes, against what misaki 0.9.4 makes of every syllable (chinese_phonemes.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from assets.convert.kokoro import DATA
from conversation.engines.tts.chinese_phonemes import ChinesePhonemes

REFERENCE = json.loads(Path(__file__).with_name("chinese_phonemes.json").read_bytes())


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> ChinesePhonemes:
    return ChinesePhonemes(lambda text: f"<{text.strip()}>", tmp_path_factory.mktemp("jieba"))


def test_every_syllable_is_that_of_misaki(read: ChinesePhonemes) -> None:
    syllables: Mapping[str, str] = REFERENCE["syllables"]
    assert len(syllables) > 1400
    assert {pinyin: read.syllable(pinyin) for pinyin in syllables} == syllables


@pytest.mark.parametrize("sentence", REFERENCE["sentences"])
def test_sentences_are_those_of_misaki(read: ChinesePhonemes, sentence: str) -> None:
    assert read(sentence) == REFERENCE["sentences"][sentence]


def test_every_letter_has_a_number_in_the_model(read: ChinesePhonemes) -> None:
    known = json.loads((DATA / "phonemes.json").read_bytes())
    said = "".join(REFERENCE["syllables"].values()) + read("他说：“好！”（笑）《书》…")
    assert set(said) <= set(known)


def test_what_is_not_chinese_is_read_by_the_other_reader(read: ChinesePhonemes) -> None:
    assert read("我喜欢Python写的music。") == "wo↓ ɕi↓xwa→n <Python> ɕje↓ tɤ <music.>"


def test_stops_have_their_space(read: ChinesePhonemes) -> None:
    assert read("好，好！好？") == "xau↓, xau↓! xau↓?"


@pytest.mark.parametrize("none", ["", "x", "hao", "3", "qqq5"])
def test_what_is_no_syllable_has_no_tone_alone(read: ChinesePhonemes, none: str) -> None:
    assert not set("→↗↓↘") & set(read.syllable(none))
