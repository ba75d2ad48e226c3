"""What is said: the right words, and each of them bound to what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.speech_text import ClauseCutter, speak

WRITTEN = st.one_of(
    st.text(max_size=120),
    st.text("ab 0123456789.,:/-–%$€°#*_`|[]()<>~\n年月个第点，。我😀½IVX", max_size=80),
)


@pytest.mark.parametrize(
    ("text", "aloud"),
    [
        ("**Hello** there! 😀👍🏽 :)", "Hello there!"),
        ("# Title\n- one\n* two\n> three", "Title. one, two, three"),
        ("See [the page](https://a.org/b) and `code_here`.", "See the page and code here."),
        ("See https://www.example.org/a/b?c=1. It is good.", "See example dot org. It is good."),
        ("Mail bob@example.com or open main.py.", "Mail bob at example dot com or open main dot py."),
        ("`pip install x.py --user`", "pip install x dot py dash dash user"),
        ("```python\nprint(1)\n```", "Here is some Python code."),
        ("```\nprint(1)", "Here is some code."),
        ("| Name | Age |\n|---|---|\n| Bob | 5 |", "Name, Age, Bob, five"),
        ("snake_case _it_ ~~x~~ <b>k</b> [^1]", "snake case it x k"),
        ("---", ""),
        ("😀 ** …", ""),
        ("你好！", "你好！"),
        ("He - as always - came.", "He - as always - came."),
        ("Mr. S met Dr. Jo vs. Prof. X, e.g. here.", "Mister S met Doctor Jo versus Professor X, for example here."),
        ("5 × 4 = 20, 2*3, 7 - 2 & R&D", "five times four equals twenty, two times three, seven minus two and R and D"),
        ("World War II, Henry VIII, Part IV. I mix.", "World War two, Henry the eighth, Part four. I mix."),
        ("C++ and C# at AT&T", "C plus plus and C sharp at AT and T"),
        ("apples, pears, etc.", "apples, pears, et cetera."),
        ("请看https://a.org/b。很好", "请看a dot org。很好"),
        ("我用 Python 3 养猫 & 狗", "我用 Python 三 养猫 和 狗"),
    ],
)  # fmt: skip
def test_what_is_said_aloud(text: str, aloud: str) -> None:
    assert speak(text).text == aloud


def test_emoji_can_be_named() -> None:
    assert speak("Fine 😀.", emoji="named").text == "Fine grinning face."


def test_a_block_of_code_is_announced_in_the_language_of_the_answer() -> None:
    assert speak("```python\nx = 1\n```", default="zh").text == "请看这段Python代码。"


def test_a_number_alone_is_read_in_the_language_of_the_answer() -> None:
    assert speak("3.14").text == "three point one four"
    assert speak("3.14", default="zh").text == "三点一四"
    assert speak("好的。").language == "zh"


@given(WRITTEN)
def test_everything_said_comes_from_somewhere_in_order(text: str) -> None:
    spoken = speak(text)
    assert len(spoken.origin) == len(spoken.text)
    assert list(spoken.origin) == sorted(spoken.origin)
    assert all(0 <= place < len(text) for place in spoken.origin)
    assert spoken.text == " ".join(spoken.text.split())
    assert not spoken.text or any(c.isalnum() for c in spoken.text)


@given(st.text("abcdefgh ,;好我们，。", max_size=100))
def test_plain_words_are_all_said(text: str) -> None:
    letters = [c for c in text if c.isalpha()]
    assert [c for c in speak(text).text if c.isalpha()] == letters


@given(WRITTEN, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_what_was_heard_is_a_beginning_and_grows(text: str, one: float, other: float) -> None:
    spoken = speak(text)
    less, more = spoken.heard(min(one, other)), spoken.heard(max(one, other))
    assert text.startswith(less) and more.startswith(less)
    assert spoken.heard(1.0) == text


def test_a_word_that_was_cut_was_not_heard() -> None:
    assert speak("one two three four").heard(0.5) == "one two"
    assert speak("incomprehensible").heard(0.9) == ""
    assert speak("我们去看电影吧").heard(0.5) == "我们去"


def test_a_number_is_heard_when_all_its_words_are() -> None:
    spoken = speak("Pi is 3.14, they say.")
    assert spoken.text == "Pi is three point one four, they say."
    assert {spoken.heard(i / 100) for i in range(101)} == {
        "", "Pi", "Pi is", "Pi is 3.14,", "Pi is 3.14, they", "Pi is 3.14, they say.",
    }  # fmt: skip


def test_captions_keep_the_written_words() -> None:
    words = speak("**Pi** is 3.14 and [a link](http://x.y) 你好，世界。 😀").words()
    assert [word.text for word in words] == [
        "Pi", "is", "3.14", "and", "a", "link", "你", "好，", "世", "界。", "😀",
    ]  # fmt: skip
    long = {word.text: word.end - word.begin for word in words}
    assert long["3.14"] > 3 * long["and"]


@given(WRITTEN)
def test_captions_follow_each_other(text: str) -> None:
    words = speak(text).words()
    edges = [edge for word in words for edge in (word.begin, word.end)]
    assert edges == sorted(edges) and all(0 <= edge <= 1 + 1e-9 for edge in edges)


@given(WRITTEN, st.integers(1, 7))
def test_every_clause_of_a_stream_can_be_said(text: str, size: int) -> None:
    cutter = ClauseCutter()
    clauses = [clause for i in range(0, len(text), size) for clause in cutter.feed(text[i : i + size])]
    for clause in clauses + cutter.finish():
        assert clause.startswith(speak(clause).heard(0.5))
