"""The curves of `scaling` as a picture; needs the extra `bench` (matplotlib), which nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.errors import RenderError


def check_plots() -> None:
    """Raise RenderError where nothing can draw curves, before minutes are spent on measuring them."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise RenderError("A plot needs matplotlib; install it with: pip install 'visavis[bench]'.") from None


def plot_scaling(figures: Mapping[str, Any], file: Path) -> None:
    """Draw what `bench_scaling` returned into `file`, PNG or SVG by its ending."""
    check_plots()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    figure = Figure(figsize=(9.6, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    count, distance = figure.subplots(1, 2, sharey=True)
    for axes, key, points in (
        (count, "gaussians", figures["by_count"]),
        (distance, "distance_m", figures["by_distance"]),
    ):
        x = [point[key] for point in points]
        axes.plot(x, [point["frame_ms"]["p50"] for point in points], "o-", color="#2458a6", label="frame, median")
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
