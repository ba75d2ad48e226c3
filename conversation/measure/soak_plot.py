"""A long talk as a picture; needs the extra `bench` (matplotlib)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assets.measure.plots import blank_figure


def plot_soak(found: Mapping[str, Any], file: Path) -> None:
    """Draw what `bench_soak` returned into `file`, PNG or SVG by its ending: memory, queues and turns over time."""
    rows = found["moments"]
    minutes = [row["minute"] for row in rows]
    figure = blank_figure(9.6, 6.4)
    memory, queues, turns = figure.subplots(3, 1, sharex=True, height_ratios=(3, 1.4, 1))
    for axes, key in ((memory, "memory_mb"), (queues, "queues")):
        for name in dict.fromkeys(name for row in rows for name in row[key]):
            axes.plot(minutes, [row[key].get(name) for row in rows], ".-", label=name)
        axes.legend(frameon=False, fontsize=7, ncols=4)
    turns.plot(minutes, [row["turns"] for row in rows], ".-", color="#2458a6")
    for failure in found["failures"]:
        turns.axvline(failure["at_s"] / 60, color="#c0392b", linewidth=0.8)
    memory.set_ylabel("MB, own memory")
    memory.set_ylim(bottom=0)
    queues.set_ylabel("waiting")
    turns.set_ylabel("turns")
    turns.set_xlabel("minutes of talk; a red line is a failure")
    for axes in (memory, queues, turns):
        axes.grid(alpha=0.25)
    figure.savefig(file, dpi=120)
