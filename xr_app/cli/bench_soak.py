"""`visavis bench soak`: an hour of talk, and what grows in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson, Plot
from xr_app.texts import tr

bench_soak_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench soak --minutes 60 --plot soak.png --json"


@bench_soak_app.command(
    "soak",
    help=tr(
        "Talk for long, in real time, and tell what grows: memory of each process, queues, the face's distance from "
        "the voice. Exit code 1 where anything failed or grew." + EXAMPLE,
        "长时间实时对话，并报告什么在增长：各进程的内存、队列、口型与声音的偏差。出现故障或增长时退出码为 1。"
        + EXAMPLE,
    ),
)
def bench_soak_command(
    folder: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            file_okay=False,
            help=tr("Sound files to ask; by default a synthetic voice asks.", "用作提问的录音；默认由合成语音提问。"),
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.1, max=1440, help=tr("Of talk.", "对话的分钟数。"))] = 60.0,
    plot: Plot = None,
    json_: AsJson = False,
) -> None:
    from assets.measure.plots import check_plots
    from assets.progress import shown_on
    from conversation.measure.soak import bench_soak, missed
    from conversation.measure.soak_plot import plot_soak
    from xr_app.tables import print_figures

    if plot:
        check_plots()
    # An hour long: how far it is stands on standard error, also beside JSON.
    with shown_on() as progress:
        found = bench_soak(60 * minutes, progress, folder)
    if plot:
        plot_soak(found, plot)
    short = missed(found)
    print_figures({**found, "missed": short}, json_)
    raise typer.Exit(1 if short else 0)
