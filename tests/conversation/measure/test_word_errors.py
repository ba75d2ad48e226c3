"""Edit distances against jiwer, and what is forgiven before texts are compared."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.measure.word_errors import Errors, compare, edits, units
from conversation.speech_text import Language

WORDS = st.lists(st.sampled_from(["the", "cat", "sat", "on", "a"]), min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_the_distance_is_jiwers(reference: list[str], heard: list[str]) -> None:
    found = edits(reference, heard)
    theirs = jiwer.process_words(" ".join(reference), " ".join(heard))
    assert found.wrong + found.missing + found.added == theirs.substitutions + theirs.deletions + theirs.insertions
    assert found.missing - found.added == len(reference) - len(heard)
    assert found.rate == pytest.approx(theirs.wer)


def test_nothing_heard_is_all_missing() -> None:
    assert edits(["one", "two"], []) == Errors(missing=2, units=2)
    assert edits([], ["one"]) == Errors(added=1)


@pytest.mark.parametrize(
    ("reference", "heard", "language"),
    [
        ("MISTER SMITH PAID THREE DOLLARS AND FIFTY CENTS", "Mr. Smith paid $3.50.", "en"),
        ("it's a well known fact", "It’s a well-known fact!", "en"),
        ("一二线城市也处于调整中", "一二线城市，也处于调整中。", "zh"),
        ("他买了十二个苹果", "他买了12个苹果", "zh"),
        ("我喜欢 python 编程", "我喜欢Python编程", "zh"),
    ],
)
def test_another_spelling_of_the_same_sound_is_no_error(reference: str, heard: str, language: Language) -> None:
    assert compare(reference, heard, language).rate == 0


def test_what_sounds_otherwise_is_an_error() -> None:
    assert compare("the cat sat", "the dog sat down", "en") == Errors(wrong=1, added=1, units=3)
    assert compare("市场战略", "市場战略", "zh") == Errors(wrong=1, units=4)


def test_chinese_is_counted_in_characters_and_foreign_words() -> None:
    assert units("我用 Python 写", "zh") == ["我", "用", "python", "写"]


def test_errors_add_up() -> None:
    assert Errors(1, 0, 2, 10) + Errors(0, 3, 1, 5) == Errors(1, 3, 3, 15)
