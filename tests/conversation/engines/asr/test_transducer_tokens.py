"""Tokens of a transducer as text and text as tokens."""

from pathlib import Path

import pytest

from conversation.engines.asr.transducer_tokens import TransducerTokens, readable
from conversation.errors import EngineError

TABLE = ["<blk>", "<unk>", "▁THE", "▁CA", "T", "S", "▁", "中", "国", "<0xE4>", "<0xBD>", "<0xA0>", "#0", "▁C", "A"]


@pytest.fixture
def tokens(tmp_path: Path) -> TransducerTokens:
    return TransducerTokens(write(tmp_path, TABLE))


def write(folder: Path, table: list[str]) -> Path:
    path = folder / "tokens.txt"
    path.write_text("".join(f"{token} {number}\n" for number, token in enumerate(table)), encoding="utf-8")
    return path


def test_pieces_join_to_words(tokens: TransducerTokens) -> None:
    assert tokens.text([2, 3, 4, 5, 0, 7, 8]) == "THE CATS中国"
    assert tokens.text([9, 10, 11, 12]) == "你"
    assert tokens.text([9, 10]) == "\ufffd"
    assert tokens.text([1, 0, 12]) == ""


def test_a_phrase_is_spelt_in_the_fewest_tokens(tokens: TransducerTokens) -> None:
    assert tokens.spell("the cats") == [2, 3, 4, 5]
    assert tokens.spell("中国 cat") == [7, 8, 3, 4]
    with pytest.raises(EngineError, match="DOG"):
        tokens.spell("the dog")


def test_a_table_says_what_it_can_write(tokens: TransducerTokens, tmp_path: Path) -> None:
    assert tokens.scripts == {"en", "zh"}
    assert TransducerTokens(write(tmp_path, ["<blk>", "中", "国"])).scripts == {"zh"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "without gaps"),
        (b"<blk> 0\nA 2\n", "without gaps"),
        (b"<blk> 0\nA\n", "no token and number"),
        (b"<blk> 0\nA 99999999999\n", "no token and number"),
        (b"<blk> 0\n\xff 1\n", "cannot be read"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "tokens.txt").write_bytes(content)
    with pytest.raises(EngineError, match=what):
        TransducerTokens(tmp_path / "tokens.txt")


@pytest.mark.parametrize(
    ("capitals", "sentence"),
    [
        ("IT WAS THE FIRST", "It was the first"),
        ("I THINK I'M HERE", "I think I'm here"),
        ("我用 PYTHON 写", "我用 python 写"),
        ("Already fine", "Already fine"),
        ("广州市", "广州市"),
        ("", ""),
    ],
)
def test_capitals_become_a_sentence(capitals: str, sentence: str) -> None:
    assert readable(capitals) == sentence
