"""Server-sent events as the standard has them, split anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.engines.llm.server_sent import LARGEST_EVENT, EventParser
from conversation.errors import EngineError


def events(*pieces: bytes) -> list[str]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_examples_of_the_standard(end: str) -> None:
    stream = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
    assert events(stream.replace("\n", end).encode() + b"\n") == ["first event", "second event", " third event"]
    assert events(b"data: YHOO\ndata: +2\ndata: 10\n\n") == ["YHOO\n+2\n10"]
    assert events(b"data\n\ndata\ndata\n\ndata:") == ["", "\n"]


@given(st.integers(1, 9), st.sampled_from(["\n", "\r\n"]))
def test_any_split_gives_the_same(size: int, end: str) -> None:
    stream = f'\ufeffdata: {{"a": "你好 🙂"}}{end}{end}: ping{end}{end}data: b{end}data: c{end}{end}'.encode()
    assert events(*(stream[i : i + size] for i in range(0, len(stream), size))) == ['{"a": "你好 🙂"}', "b\nc"]


@pytest.mark.parametrize("line", [b"x", b"data: x\n"])
def test_what_never_ends_is_an_error(line: bytes) -> None:
    parser = EventParser()
    with pytest.raises(EngineError, match="endless"):
        for _ in range(LARGEST_EVENT // 1000):
            list(parser.feed(line * 4096))
