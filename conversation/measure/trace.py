"""Turns of a talk as a trace that ui.perfetto.dev and chrome://tracing open.

The format is Chrome's "Trace Event Format" as JSON. Stages are tracks, and so is the turn as a whole; a flow leads
through the stages of each turn. Times are microseconds since the first end of speech.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from conversation.timings import TurnTimings

TRACKS: Final = (
    "turn", "endpoint", "asr", "llm_first_token", "llm_first_clause", "tts", "a2bs", "playback",
)  # fmt: skip
"""From top to bottom; all but the first are those of TurnTimings.spans."""
_PROCESS: Final = 1
_SHORTEST_US: Final = 1.0
"""A flow cannot be bound to a slice of no length."""


def write_trace(turns: Sequence[TurnTimings], file: Path) -> None:
    """Write the turns into `file`."""
    file.write_text(json.dumps(trace(turns), ensure_ascii=False) + "\n", encoding="utf-8")


def trace(turns: Sequence[TurnTimings]) -> dict[str, Any]:
    """The trace as an object: {"traceEvents": [...], "displayTimeUnit": "ms"}."""
    origin = min((at for turn in turns for span in turn.spans.values() for at in span), default=0)
    events = [*_names(), *(event for turn in turns for event in _turn(turn, origin))]
    return {"traceEvents": events, "displayTimeUnit": "ms"}


def _names() -> Iterator[dict[str, Any]]:
    about: dict[str, Any] = {"ph": "M", "pid": _PROCESS}
    yield about | {"tid": 0, "name": "process_name", "args": {"name": "Visavis"}}
    for number, name in enumerate(TRACKS, start=1):
        yield about | {"tid": number, "name": "thread_name", "args": {"name": name}}
        yield about | {"tid": number, "name": "thread_sort_index", "args": {"sort_index": number}}


def _turn(turn: TurnTimings, origin: int) -> Iterator[dict[str, Any]]:
    slices = list(_slices(turn, origin))
    yield from slices
    for place, part in enumerate(slices):
        phase = "s" if place == 0 else "f" if place == len(slices) - 1 else "t"
        flow = {name: part[name] for name in ("pid", "tid", "ts", "cat")}
        # "bp": the flow ends in the slice around this moment, not in the one that follows it.
        ends = {"bp": "e"} if phase == "f" else {}
        yield flow | {"ph": phase, "name": "turn", "id": turn.turn} | ends


def _slices(turn: TurnTimings, origin: int) -> Iterator[dict[str, Any]]:
    spans = turn.spans
    if not spans:
        return
    first = min(at for span in spans.values() for at in span)
    last = max(at for span in spans.values() for at in span)
    said = {"heard": turn.heard, "said": turn.said, "interrupted": turn.interrupted}
    yield _slice("turn", f"turn {turn.turn}", (first, last), origin, said)
    for name, span in spans.items():
        yield _slice(name, name, span, origin, {"turn": turn.turn, "ms": round((span[1] - span[0]) / 1e6, 3)})


def _slice(track: str, name: str, span: tuple[int, int], origin: int, args: dict[str, Any]) -> dict[str, Any]:
    """A complete event."""
    start, end = span
    return {
        "ph": "X",
        "pid": _PROCESS,
        "tid": TRACKS.index(track) + 1,
        "ts": (start - origin) / 1e3,
        "dur": max((end - start) / 1e3, _SHORTEST_US),
        "name": name,
        "cat": "talk",
        "args": args,
    }
