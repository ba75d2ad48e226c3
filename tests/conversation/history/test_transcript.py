"""A conversation written down, in each form."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from conversation.history.memory import Exchange
from conversation.history.transcript import CAPTION, Names, as_json, as_markdown, as_srt, as_text, lines_of

BEGAN = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp()
NAMES = Names("Anna", "Mira")
SAID = [
    Exchange(BEGAN, "Hello?", "Hi *there*.", BEGAN + 1, BEGAN + 2.5, BEGAN + 4),
    Exchange(BEGAN, "Wait!", "", BEGAN + 5, BEGAN + 6, BEGAN + 6),
    Exchange(BEGAN + 86400, "你好", "你好，很高兴 --> 见到你。", BEGAN + 86401, BEGAN + 86402, BEGAN + 86404),
]
LINES = lines_of(SAID)
TIME = re.compile(r"(\d{2,}):(\d\d):(\d\d),(\d{3})")


def seconds(text: str) -> float:
    match = TIME.fullmatch(text)
    assert match
    hours, minutes, whole, ms = map(int, match.groups())
    return hours * 3600 + minutes * 60 + whole + ms / 1000


def captions(srt: str) -> list[tuple[float, float, str]]:
    found = list[tuple[float, float, str]]()
    for number, block in enumerate(srt.strip().split("\n\n"), 1):
        index, times, *text = block.split("\n")
        assert index == str(number) and len(text) == 1
        start, end = times.split(" --> ")
        found.append((seconds(start), seconds(end), text[0]))
    return found


def test_text() -> None:
    assert as_text(LINES, NAMES, UTC) == (
        "2025-03-04 05:06\n[05:06:08] Anna: Hello?\n[05:06:09] Mira: Hi *there*.\n[05:06:12] Anna: Wait!\n\n"
        "2025-03-05 05:06\n[05:06:08] Anna: 你好\n[05:06:09] Mira: 你好，很高兴 --> 见到你。\n"
    )
    assert as_text([], NAMES) == ""


def test_markdown_takes_nothing_for_markup() -> None:
    written = as_markdown(LINES, NAMES, UTC)
    assert written.startswith("## 2025-03-04 05:06\n\n**Anna:** Hello?\n\n**Mira:** Hi \\*there\\*.\n")
    assert written.count("## ") == 2


def test_json_holds_everything() -> None:
    entries = json.loads(as_json(LINES, NAMES, UTC))
    assert [(e["speaker"], e["name"], e["text"]) for e in entries[:2]] == [
        ("user", "Anna", "Hello?"),
        ("avatar", "Mira", "Hi *there*."),
    ]
    assert entries[1]["start_s"] == BEGAN + 2.5
    assert datetime.fromisoformat(entries[1]["start"]).timestamp() == BEGAN + 2.5


def test_captions_stand_where_they_were_said() -> None:
    assert captions(as_srt(LINES, NAMES)) == [
        (0.0, 1.5, "Anna: Hello?"),
        (1.5, 3.0, "Mira: Hi *there*."),
        (4.0, 5.0, "Anna: Wait!"),
        (7.0, 8.0, "Anna: 你好"),
        (8.0, 10.0, "Mira: 你好，很高兴 → 见到你。"),
    ]


def test_a_long_answer_becomes_several_captions() -> None:
    long = Exchange(0.0, "Go on.", "word " * 100, 0.0, 1.0, 31.0)
    found = captions(as_srt(lines_of([long]), NAMES))[1:]
    assert all(len(text) <= CAPTION for _, _, text in found) and len(found) > 5
    assert found[0][0] == 1.0 and found[-1][1] == 31.0


@given(st.lists(st.tuples(*[st.floats(0, 1e5)] * 4, st.text(max_size=200), st.text(max_size=200)), max_size=8))
def test_any_clock_gives_captions_in_order(rows: list[tuple[float, float, float, float, str, str]]) -> None:
    said = [
        Exchange(began, " ".join(asked_text.split()), " ".join(heard.split()), asked, answered, ended)
        for began, asked, answered, ended, asked_text, heard in rows
    ]
    times = TIME.findall(as_srt(lines_of(said), NAMES))
    in_order = [seconds(f"{h}:{m}:{s},{ms}") for h, m, s, ms in times]
    assert in_order == sorted(in_order)
