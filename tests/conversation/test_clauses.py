"""Clauses: nothing lost, nothing cut that belongs together, the first one early."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.clauses import ClauseCutter, heard_part, spoken

WORDS = st.sampled_from(
    [
        "the", "answer", "is", "3.14", "Mr.", "Smith,", "e.g.", "U.S.", "https://a.org/b?c=1,2", "so:", "end.",
        "Really?!", "–", "-", "wait…", "(yes)", "**bold**", "“quoted.”", "1.", "\n", "\n\n", "- item", "你好，",
        "我是小淘。", "😀", "a_b",
    ]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=80).map(" ".join))


def cut(text: str, sizes: list[int] | None = None) -> list[str]:
    cutter, clauses, at = ClauseCutter(), [], 0
    for size in sizes or []:
        clauses += cutter.feed(text[at : at + size])
        at += size
    return clauses + cutter.feed(text[at:]) + cutter.finish()


@given(TEXT)
def test_no_text_is_lost_and_none_is_added(text: str) -> None:
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


@given(TEXT, st.lists(st.integers(1, 12), max_size=60))
def test_tokens_do_not_matter(text: str, sizes: list[int]) -> None:
    assert cut(text, sizes) == cut(text)


@given(TEXT)
def test_words_stay_whole(text: str) -> None:
    if not any(c >= "\u3000" for c in text):  # full-width stops end a clause without white space
        assert " ".join(cut(text)).split() == text.split()


@given(st.lists(st.sampled_from(["word", "and", "the", "more,", "talk"]), min_size=60, max_size=120))
def test_no_clause_is_endless(words: list[str]) -> None:
    clauses = cut(" ".join(words))
    assert len(clauses[0].split()) <= 12
    assert max(len(clause.split()) for clause in clauses) <= 45


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Of course I can, and I will do it now.", ["Of course I can,", "and I will do it now."]),
        ("Yes. Of course I can.", ["Yes. Of course I can."]),
        (
            "The capital of France is the city of Paris on the Seine. It is large.",
            ["The capital of France is the city of Paris", "on the Seine.", "It is large."],
        ),
        ("Mr. Smith met Dr. Jo at 3.14 p.m. sharp. He left.", ["Mr. Smith met Dr. Jo at 3.14 p.m. sharp.", "He left."]),
        ("See www.example.org. It is good.", ["See www.example.org. It is good."]),
        (
            "It costs 1,000.50 dollars. That is much. Too much, my friend.",
            ["It costs 1,000.50 dollars.", "That is much.", "Too much, my friend."],
        ),
        (
            "Here they are:\n1. Apples are red.\n2. Pears are green.",
            ["Here they are:", "1. Apples are red.", "2. Pears are green."],
        ),
        ("He said “I am here.” Then he left us.", ["He said “I am here.”", "Then he left us."]),
        ("你好，我是小淘。很高兴认识你！", ["你好，我是小淘。", "很高兴认识你！"]),
    ],
)  # fmt: skip
def test_where_it_cuts(text: str, clauses: list[str]) -> None:
    assert cut(text) == clauses


def test_the_first_clause_comes_before_the_text_is_complete() -> None:
    cutter = ClauseCutter()
    assert cutter.feed("Well, the short answer") == []
    assert cutter.feed(" is no, but") == ["Well, the short answer is no,"]


@pytest.mark.parametrize(
    ("text", "aloud"),
    [
        ("**Hello** there! 😀👍🏽", "Hello there!"),
        ("# Title\n- one\n* two\n> three", "Title one two three"),
        ("See [the page](https://a.org/b) and `code_here`.", "See the page and code here."),
        ("3.14 is 5-3, isn't it?", "3.14 is 5-3, isn't it?"),
        ("😀 ** …", ""),
        ("你好！", "你好！"),
    ],
)
def test_what_is_said_aloud(text: str, aloud: str) -> None:
    assert spoken(text) == aloud


@given(TEXT, st.floats(-0.5, 1.5))
def test_what_was_heard_is_a_beginning(text: str, fraction: float) -> None:
    part = heard_part(text, fraction)
    assert text.startswith(part)
    assert part == text if fraction >= 1 else len(part) <= max(0, round(len(text) * fraction)) + 1


def test_a_word_that_was_cut_was_not_heard() -> None:
    assert heard_part("one two three four", 0.5) == "one two"
    assert heard_part("incomprehensible", 0.9) == ""
