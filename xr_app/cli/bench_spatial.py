"""`visavis bench spatial`: a voice that comes from its mouth."""

from __future__ import annotations

from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

bench_spatial_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench spatial --json"


@bench_spatial_app.command(
    "spatial",
    help=tr(
        "How much of a core it takes to put the voice where the avatar's mouth is. Exit code 1 where it is more than "
        "docs/spatial.md asks for." + EXAMPLE,
        "把声音放到形象嘴部所在的位置需要占用多少处理器核心。超过 docs/spatial.md 的要求时退出码为 1。" + EXAMPLE,
    ),
)
def bench_spatial_command(
    seconds: Annotated[
        float,
        typer.Option(min=1, max=3600, help=tr("So much sound for each figure.", "每项测量所用的声音长度（秒）。")),
    ] = 20.0,
    json_: AsJson = False,
) -> None:
    from conversation.measure.spatial import bench_spatial, missed
    from xr_app.tables import print_figures

    figures = bench_spatial(seconds)
    print_figures(figures, json_)
    raise typer.Exit(1 if missed(figures) else 0)
