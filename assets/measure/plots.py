"""The paper that benches draw their curves on; needs the extra `bench` (matplotlib), which nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.errors import PlotError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_plots() -> None:
    """Raise PlotError where nothing can draw curves, before minutes are spent on measuring them."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise PlotError("A plot needs matplotlib; install it with: pip install 'visavis[bench]'.") from None


def blank_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches, drawn by the processor wherever it is saved; PlotError."""
    check_plots()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
