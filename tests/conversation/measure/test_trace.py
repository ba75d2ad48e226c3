"""The trace is what "Trace Event Format" says, and holds every turn's stages at their times.

The rules below are those of the format's own text: required members of each phase, times in microseconds, flow events
that are bound to a slice of their thread.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from conversation.measure.trace import TRACKS, trace, write_trace
from conversation.timings import TurnTimings

MS = 1_000_000
ANSWERED = TurnTimings(
    1, heard="Why “blue”?", said="Because.", question_end=5_000 * MS, speech_end=5_010 * MS, endpoint=5_500 * MS,
    asr_final=5_530 * MS, first_token=5_600 * MS, first_clause=5_700 * MS, first_audio_made=5_750 * MS,
    first_face=5_755 * MS, first_sample_out=5_800 * MS, first_audible_out=5_830 * MS,
)  # fmt: skip
CUT_OFF = TurnTimings(2, speech_end=9_000 * MS, endpoint=9_300 * MS, asr_final=9_350 * MS, first_token=9_450 * MS)
"""The user went on before the answer was heard."""
SILENT = TurnTimings(3)
NEEDED: dict[str, dict[str, type | tuple[type, ...]]] = {
    "X": {"name": str, "cat": str, "pid": int, "tid": int, "ts": (int, float), "dur": (int, float), "args": dict},
    "M": {"name": str, "pid": int, "tid": int, "args": dict},
    "s": {"name": str, "cat": str, "pid": int, "tid": int, "ts": (int, float), "id": int},
    "t": {"name": str, "cat": str, "pid": int, "tid": int, "ts": (int, float), "id": int},
    "f": {"name": str, "cat": str, "pid": int, "tid": int, "ts": (int, float), "id": int, "bp": str},
}


def check(found: dict[str, Any]) -> None:
    """AssertionError where `found` is no trace of that format."""
    assert found["displayTimeUnit"] in {"ms", "ns"}
    slices: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for event in found["traceEvents"]:
        for name, kind in NEEDED[event["ph"]].items():
            assert isinstance(event[name], kind) and not isinstance(event[name], bool), (event, name)
        if event["ph"] == "X":
            assert event["ts"] >= 0 and event["dur"] > 0
            slices[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    flows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in found["traceEvents"]:
        if event["ph"] in "stf":
            within = slices[event["pid"], event["tid"]]
            assert any(start <= event["ts"] <= end for start, end in within), "a flow is bound to a slice"
            flows[event["id"]].append(event)
    for events in flows.values():
        phases = "".join(event["ph"] for event in events)
        assert phases[0] == "s" and phases[-1] == "f" and set(phases[1:-1]) <= {"t"}
        assert len({(event["name"], event["cat"]) for event in events}) == 1
        assert events[-1]["bp"] == "e"


def slices_of(found: dict[str, Any], turn: int) -> dict[str, tuple[float, float]]:
    return {
        event["name"]: (event["ts"], event["dur"])
        for event in found["traceEvents"]
        if event["ph"] == "X" and event["args"].get("turn") == turn
    }


def test_the_format(tmp_path: Path) -> None:
    write_trace([ANSWERED, CUT_OFF, SILENT], tmp_path / "talk.json")
    found = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    check(found)
    names = {event["tid"]: event["args"]["name"] for event in found["traceEvents"] if event["name"] == "thread_name"}
    assert tuple(names[number] for number in sorted(names)) == TRACKS
    whole = next(event for event in found["traceEvents"] if event["name"] == "turn 1")
    assert (whole["ts"], whole["dur"], whole["args"]["heard"]) == (0.0, 830e3, "Why “blue”?")


def test_stages_at_their_times() -> None:
    stages = slices_of(trace([ANSWERED, CUT_OFF]), 1)
    assert stages["endpoint"] == (0.0, 500e3) and stages["playback"] == (755e3, 75e3)
    assert list(stages) == list(ANSWERED.spans)
    assert slices_of(trace([ANSWERED, CUT_OFF]), 2)["asr"] == (4_300e3, 50e3)


@pytest.mark.parametrize("turns", [[], [SILENT]])
def test_without_a_turn_there_are_tracks_alone(turns: list[TurnTimings]) -> None:
    found = trace(turns)
    check(found)
    assert {event["ph"] for event in found["traceEvents"]} == {"M"}
