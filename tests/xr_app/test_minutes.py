"""The minutes of talks that are told event by event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversation.link.events import Transcript, TurnDone
from conversation.timings import TurnTimings
from xr_app.errors import OptionError
from xr_app.minutes import Minutes, require_transcript_name, write_transcript

S = 1_000_000_000
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()


def minutes() -> Minutes:
    """Of a talk that began at noon, 100 s after the machine."""
    return Minutes(NOON, 100 * S)


def test_welcome_question_and_answer_have_the_times_at_which_they_were_said(tmp_path: Path) -> None:
    talk = minutes()
    talk.take(TurnDone(TurnTimings(1, said="Hello!", first_audible_out=101 * S)), 102 * S)
    talk.take(Transcript(2, "How are you?"), 106 * S)
    spoken = TurnTimings(2, heard="How are you?", said="Fine.", speech_end=105 * S, first_audible_out=107 * S)
    talk.take(TurnDone(spoken), 109 * S)
    write_transcript(tmp_path / "talk.json", talk.exchanges())
    lines = json.loads((tmp_path / "talk.json").read_text("utf-8"))
    assert [(line["speaker"], line["text"], line["start_s"] - NOON, line["end_s"] - NOON) for line in lines] == [
        ("avatar", "Hello!", 1.0, 2.0), ("user", "How are you?", 5.0, 7.0), ("avatar", "Fine.", 7.0, 9.0),
    ]  # fmt: skip


def test_an_answer_that_went_on_is_one() -> None:
    talk = minutes()
    talk.take(Transcript(1, "Who?"), 101 * S)
    talk.take(TurnDone(TurnTimings(1, heard="Who?", said="It lies on", interrupted=True)), 103 * S)
    talk.take(TurnDone(TurnTimings(2, heard="Who?", said="the Seine.")), 105 * S)
    (exchange,) = talk.exchanges()
    assert exchange.heard == "It lies on the Seine." and exchange.ended_s == NOON + 5


def test_a_question_that_went_on_stands_there_once_and_one_without_an_answer_too() -> None:
    talk = minutes()
    talk.take(Transcript(1, "What is"), 101 * S)
    talk.take(Transcript(2, "What is love?"), 102 * S)
    assert [(e.question, e.heard) for e in talk.exchanges()] == [("What is love?", "")]
    talk.take(TurnDone(TurnTimings(2, heard="What is love?", said="Baby.", first_token=103 * S)), 104 * S)
    assert [(e.question, e.heard) for e in talk.exchanges()] == [("What is love?", "Baby.")]


def test_a_talk_that_is_broken_off_is_written_down_all_the_same(tmp_path: Path) -> None:
    talk, file = minutes(), tmp_path / "talk.txt"
    with pytest.raises(KeyboardInterrupt), talk.written(file):
        talk.take(Transcript(1, "Who?"), 101 * S)
        raise KeyboardInterrupt
    assert "Who?" in file.read_text("utf-8")
    with minutes().written(file), minutes().written(None):
        pass
    assert "Who?" in file.read_text("utf-8"), "of a talk without a word nothing is written"


def test_a_file_that_cannot_be_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"none of \.txt, \.md, \.json, \.srt"):
        require_transcript_name(tmp_path / "talk.doc")
    with pytest.raises(OptionError, match="cannot be written"):
        write_transcript(tmp_path / "nowhere" / "talk.md", [])
