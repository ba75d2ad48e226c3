"""Clauses: nothing lost, nothing cut that belongs together, the first one early."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.speech_text import ClauseCutter, CutSettings

WORDS = st.sampled_from(
    [
        "the", "answer", "is", "3.14", "Mr.", "Smith,", "e.g.", "U.S.", "https://a.org/b?c=1,2", "so:", "end.",
        "Really?!", "–", "-", "wait…", "(yes)", "**bold**", "“quoted.”", "1.", "\n", "\n\n", "- item", "你好，",
        "我是小淘。", "😀", "a_b", "```python\n", "\n```\n", "`a. b", "c`", "[a. b](", "| a. | b |\n", "No.",
        "5", "...", "p.m.", "March 5, 2024.", "用Python3.", "“好。”", "１，０００", "！？", "~~~\n",
    ]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=80).map(" ".join))


def cut(text: str, sizes: list[int] | None = None, settings: CutSettings | None = None) -> list[str]:
    cutter, clauses, at = ClauseCutter(settings), [], 0
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
        (
            "I live in the U.S. It is large. The U.S. Army is there.",
            ["I live in the U.S.", "It is large.", "The U.S. Army is there."],
        ),
        ("He left at 5 p.m. Then he slept well.", ["He left at 5 p.m.", "Then he slept well."]),
        (
            "See No. 5 and Fig. 3 now. The answer is no. We left it.",
            ["See No. 5 and Fig. 3 now.", "The answer is no.", "We left it."],
        ),
        ("He waited for it... and then left us. Bye.", ["He waited for it... and then left us.", "Bye."]),
        ("“Do stop it now!” he said. He left then.", ["“Do stop it now!” he said.", "He left then."]),
        ("J. R. R. Tolkien wrote that book. It is good.", ["J. R. R. Tolkien wrote that book.", "It is good."]),
        ("On March 5, 2024, we met. It was cold.", ["On March 5, 2024,", "we met. It was cold."]),
        ("Use `a. b. c. d` now please. It works well.", ["Use `a. b. c. d` now please.", "It works well."]),
        (
            "See [this page. It is. Good](https://a.org/x y) now. It is done.",
            ["See [this page. It is. Good](https://a.org/x y) now.", "It is done."],
        ),
        (
            "Here is code:\n```python\nprint(1. )\n\ny = 2\n```\nThat was it, my friend.",
            ["Here is code:", "```python\nprint(1. )\n\ny = 2\n```", "That was it, my friend."],
        ),
        (
            "| Name | Age of it |\n|---|---|\n| Bob Miller. He | 5 |\nThat is all.",
            ["| Name | Age of it |", "|---|---|\n| Bob Miller. He | 5 |", "That is all."],
        ),
        (
            "他说：“你好，朋友。”然后他就走了。真的吗？！我不知道……也许吧。",
            ["他说：“你好，朋友。”", "然后他就走了。", "真的吗？！我不知道……", "也许吧。"],
        ),
        (
            "我用Python3.11写的.很好用,对吧?价格是３．１４元，１，０００个。时间是10：30。",
            ["我用Python3.11写的.", "很好用,对吧?", "价格是３．１４元，１，０００个。", "时间是10：30。"],
        ),
        ("I like 你好 and go to 3.14 in 北京. Then we eat.", ["I like 你好 and go to 3.14 in 北京.", "Then we eat."]),
        ("请看https://a.org/b?c,d。它很好，朋友。", ["请看https://a.org/b?c,d。它很好，", "朋友。"]),
    ],
)  # fmt: skip
def test_where_it_cuts(text: str, clauses: list[str]) -> None:
    assert cut(text) == clauses


def test_the_first_clause_comes_before_the_text_is_complete() -> None:
    cutter = ClauseCutter()
    assert cutter.feed("Well, the short answer") == []
    assert cutter.feed(" is no, but") == ["Well, the short answer is no,"]


def test_the_settings_say_how_short_the_first_clause_is() -> None:
    text = "Yes, of course I can do that for you, my friend. All of it."
    assert cut(text, settings=CutSettings(first_words=1))[0] == "Yes,"
    assert cut(text, settings=CutSettings(first_words=9))[0] == "Yes, of course I can do that for you,"
    assert cut(text, settings=CutSettings(first_words=3, first_enough=4))[0] == "Yes, of course I can do"


@given(st.text("好的我们你他", min_size=120, max_size=300))
def test_text_without_any_space_or_stop_is_cut_too(text: str) -> None:
    assert max(map(len, cut(text))) <= 92
