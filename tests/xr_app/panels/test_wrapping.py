"""Line ends in English and Chinese, by examples and by rules that hold for any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xr_app.panels.wrapping import Line, units, wrap

LETTERS = st.text(alphabet="abcDEF'’- 我你好中文，。？！「」（）“”…—12.5%$\n", max_size=60)


def em(text: str) -> float:
    """A Han character is 2 wide, a letter 1."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


@pytest.mark.parametrize(
    ("text", "most", "lines"),
    [
        ("the cat sat on the mat", 11, ["the cat sat", "on the mat"]),
        ("internationalisation stays", 22, ["internationalisation", "stays"]),
        ("我们今天去看电影吧", 10, ["我们今天去", "看电影吧"]),
        # What closes goes to the line before, and takes a character along where it has no room there.
        ("我们今天去，看电影", 10, ["我们今天", "去，看电影"]),
        ("他说「好」了吗", 8, ["他说", "「好」了", "吗"]),
        ("价格是$12.50元", 8, ["价格是", "$12.50元"]),
        ("我用Python写程序", 8, ["我用", "Python写", "程序"]),
        ("说——比如", 5, ["说——", "比如"]),
        ('he said "yes" twice', 13, ['he said "yes"', "twice"]),
        ("one\ntwo three", 20, ["one", "two three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 10, []),
        ("   ", 2, []),
    ],
)
def test_examples(text: str, most: float, lines: list[str]) -> None:
    assert [line.text for line in wrap(text, most, em)] == lines


@given(LETTERS)
def test_nothing_is_lost_and_words_stay_whole(text: str) -> None:
    pieces = units(text.replace("\n", " "))
    assert "".join(pieces) == text.replace("\n", " ")
    for word in re.finditer(r"[A-Za-z]+", text):
        assert any(word[0] in piece for piece in pieces)
    for piece in pieces[1:]:
        assert piece[0] not in "，。？！」）”…—%" or piece.strip() == ""


@given(LETTERS, st.integers(2, 40))
def test_lines_are_narrow_and_say_where_they_stood(text: str, most: int) -> None:
    lines = wrap(text, most, em)
    assert all(em(line.text) <= most for line in lines)
    assert all(text[line.begin : line.begin + len(line.text)] == line.text for line in lines)
    assert "".join(line.text for line in lines).replace(" ", "") == re.sub(r"\s", "", text)
    assert [line.begin for line in lines] == sorted({line.begin for line in lines})


def test_a_line_is_as_full_as_can_be() -> None:
    assert wrap("aa bb cc dd", 5, em) == [Line("aa bb", 0), Line("cc dd", 6)]
