"""Transcripts in the script of the user's region."""

import pytest

from conversation.engines.asr.chinese_script import as_written_in


@pytest.mark.parametrize(
    ("region", "heard", "written"),
    [
        ("CN", "標桿房企必然調整市場戰略 after all", "标杆房企必然调整市场战略 after all"),
        ("cn", "甚至出现交易几乎停滯的情况", "甚至出现交易几乎停滞的情况"),
        ("TW", "标杆企业调整市场", "標杆企業調整市場"),
        ("", "市場战略", "市場战略"),
        ("CN", "乾隆皇帝乾杯", "乾隆皇帝干杯"),
    ],
)
def test_characters_change_and_words_stay(region: str, heard: str, written: str) -> None:
    assert as_written_in(region)(heard) == written
