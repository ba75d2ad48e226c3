"""Thoughts are left out, however the network splits them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.engines.llm.thoughts import ThoughtFilter


def said(*pieces: str) -> str:
    thoughts = ThoughtFilter()
    return "".join(map(thoughts.feed, pieces)) + thoughts.end()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Hello!", "Hello!"),
        ("<think>Who?</think>\n\nI am.", "I am."),
        ("<think>never ends", ""),
        ("a < b <thin", "a < b <thin"),
        ("One<think>two</think> three <think></think>four", "One three four"),
        ("", ""),
    ],
)
def test_splits_change_nothing(text: str, answer: str) -> None:
    assert said(text) == answer
    assert said(*text) == answer


@given(st.text("<think/>a "), st.integers(1, 5))
def test_any_split_gives_the_same(text: str, size: int) -> None:
    assert said(*(text[i : i + size] for i in range(0, len(text), size))) == said(text)


def test_what_is_no_mark_is_not_held_back() -> None:
    thoughts = ThoughtFilter()
    assert [thoughts.feed(piece) for piece in ("So ", "5 <", " 6")] == ["So ", "5 ", "< 6"]
