"""The curves of a bench as a picture; needs the extra `bench` (matplotlib), which nothing else does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assets.measure.plots import blank_figure
from render.measure.sort_quality import WANTED_DB, Case

_BEST_DB = 75.0
"""Where the curves of pictures end; beyond, nobody sees a difference."""


def plot_scaling(figures: Mapping[str, Any], file: Path) -> None:
    """Draw what `bench_scaling` returned into `file`, PNG or SVG by its ending."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    figure = blank_figure(9.6, 3.6)
    count, distance = figure.subplots(1, 2, sharey=True)
    for axes, key, points in (
        (count, "gaussians", figures["by_count"]),
        (distance, "distance_m", figures["by_distance"]),
    ):
        x = [point[key] for point in points]
        axes.plot(x, [point["frame_ms"]["p50"] for point in points], "o-", color="#2458a6", label="frame, median")
        axes.plot(
            x, [point["processor_ms"]["p50"] for point in points], "o:", color="#c8702a", label="of all processors"
        )
        axes.plot(x, [point["floor_ms"] for point in points], "s--", color="#8a8a8a", label="floor")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(x, minor=False)
        axes.set_xticks([], minor=True)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.25)
    count.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n / 1e3:g} k" if n < 1e6 else f"{n / 1e6:g} M"))
    distance.xaxis.set_major_formatter(FuncFormatter(lambda m, _: f"{m:g}"))
    eyes = "" if figures["eyes"] == 1 else f"{figures['eyes']} × "
    size = f"{eyes}{figures['width']}×{figures['height']}"
    count.set_title(f"Gaussians, from {figures['by_count'][0]['distance_m']:g} m", fontsize=10)
    distance.set_title(f"metres away, {figures['by_distance'][0]['gaussians']:,} Gaussians", fontsize=10)
    count.set_ylabel(f"ms, {size}")
    count.legend(frameon=False)
    figure.suptitle(figures["gl"]["renderer"], fontsize=9, color="#555555")
    figure.savefig(file, dpi=120)


def plot_sorting(cases: Sequence[Case], rate: int, file: Path) -> None:
    """Draw the decibels of old orders over time into `file`, an act a panel; where a line breaks, the frame sorted."""
    acts = list(dict.fromkeys(case.act for case in cases))
    distances = sorted({case.distance for case in cases})
    figure = blank_figure(9.6, 1.0 + 1.5 * len(acts))
    panels = dict(zip(acts, figure.subplots(len(acts), 1, sharex=True, sharey=True, squeeze=False)[:, 0], strict=True))
    for case in cases:
        seconds = [number / rate for number in range(len(case.decibels))]
        drawn = [float("nan") if db is None else min(db, _BEST_DB) for db in case.decibels]
        colour = ("#2458a6", "#c2571a", "#3a8f5c", "#7a4fa3")[distances.index(case.distance) % 4]
        share = 100 * case.figures()["sorted_share"]
        label = f"{case.distance:g} m, {share:.0f} % sorted"
        panels[case.act].plot(seconds, drawn, ".-", markersize=2, linewidth=0.8, color=colour, label=label)
    for act, axes in panels.items():
        axes.axhline(WANTED_DB, color="#8a8a8a", linestyle="--", linewidth=0.8)
        axes.set_ylabel(f"{act}, dB")
        axes.set_ylim(WANTED_DB - 5, _BEST_DB)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    panels[acts[-1]].set_xlabel("seconds")
    figure.savefig(file, dpi=120)


def plot_levels(avatars: Mapping[str, Mapping[str, Any]], file: Path) -> None:
    """Draw decibels by the number of Gaussians, `prefixes` of each avatar's figures, into `file`, PNG or SVG by its
    ending; a panel for each avatar, dots where its levels of detail are."""
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = blank_figure(1.2 + 4.4 * len(avatars), 3.9)
    panels = figure.subplots(1, len(avatars), sharey=True, squeeze=False)[0]
    for axes, (name, figures) in zip(panels, avatars.items(), strict=True):
        rows = figures["prefixes"]
        levels = [row for row in rows if row["level"]]
        for view in rows[0]["on_avatar_db"]:
            counts, decibels = [r["gaussians"] for r in rows], [r["on_avatar_db"][view] for r in rows]
            (line,) = axes.plot(counts, decibels, "-", linewidth=1.2, label=view)
            marked = [r["gaussians"] for r in levels], [r["on_avatar_db"][view] for r in levels]
            axes.plot(*marked, "o", markersize=4, color=line.get_color())
        axes.set_xscale("log")
        axes.set_title(f"{name}, {figures['gaussians']:,} Gaussians", fontsize=10)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(lambda n, _: f"{n / 1e3:g} k")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.25, which="both")
    panels[0].set_ylabel("dB to the whole, on the avatar's pixels")
    panels[-1].legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.supxlabel("Gaussians drawn; dots are levels of detail", fontsize=9)
    figure.savefig(file, dpi=120)
