"""A turn as a picture: a bar for each stage, the end of speech as zero. Needs the extra `bench` (matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from assets.measure.plots import blank_figure
from conversation.errors import ConversationError
from conversation.measure.talk import whole_turns
from conversation.timings import TurnTimings

LABELS: Final = {
    "endpoint": "end of speech is sure",
    "asr": "transcript",
    "llm_first_token": "first token",
    "llm_first_clause": "first clause",
    "tts": "voice",
    "a2bs": "face",
    "playback": "heard",
}
"""What each stage of TurnTimings.spans ends with."""
_COLOURS: Final = ("#8a8a8a", "#2458a6", "#c8702a", "#e0a068", "#3a8f5c", "#7a4fa3", "#444444")


def median_turn(turns: Sequence[TurnTimings]) -> TurnTimings:
    """Of the turns that were not cut off, the one whose answer came after the median time; ConversationError where none
    was answered aloud."""
    answered = [(turn.speech_end_to_audio_ms or 0.0, turn) for turn in whole_turns(turns)]
    if not answered:
        raise ConversationError("No question was answered aloud; run `visavis doctor`.")
    median = float(np.median([ms for ms, _ in answered]))
    return min(answered, key=lambda found: abs(found[0] - median))[1]


def plot_turn(turn: TurnTimings, file: Path) -> None:
    """Draw a turn into `file`, PNG or SVG by its ending."""
    spans = turn.spans
    zero = spans["endpoint"][0] if "endpoint" in spans else min(start for start, _ in spans.values())
    figure = blank_figure(9.6, 0.9 + 0.42 * len(spans))
    axes = figure.subplots()
    for row, (name, span) in enumerate(spans.items()):
        start, end = ((at - zero) / 1e6 for at in span)
        colour = _COLOURS[list(LABELS).index(name)]
        axes.barh(row, end - start, left=start, height=0.7, color=colour)
        axes.plot(end, row, "|", color=colour, markersize=14)
        took = f"{end - start:.0f} ms"
        axes.annotate(took, (end, row), (5, 0), textcoords="offset points", va="center", fontsize=9)
    axes.use_sticky_edges = False
    axes.axvline(0, color="#b03030", linewidth=1.2)
    axes.set_yticks(range(len(spans)), [f"{LABELS[name]} ({name})" for name in spans])
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("ms after the end of speech")
    latency = turn.speech_end_to_audio_ms
    heard = "" if latency is None else f": heard after {latency:.0f} ms"
    axes.set_title(f"“{turn.heard}”{heard}", fontsize=10, loc="left")
    figure.savefig(file, dpi=120)
