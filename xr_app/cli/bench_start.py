"""`visavis bench start`: how long one waits for the avatar."""

from __future__ import annotations

from typing import Annotated

import typer

from xr_app.cli.options import AsJson, HeadsetChoice
from xr_app.headset import Headset
from xr_app.texts import tr

bench_start_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench start --json\n\nvisavis bench start --headset window"


@bench_start_app.command(
    "start",
    help=tr(
        "From the command to the first picture, to the avatar's, and to an avatar that listens. Exit code 1 where the "
        "avatar's takes longer than docs/benchmarks.md asks for." + EXAMPLE,
        "从命令到第一幅画面、形象出现、开始倾听所需的时间。形象出现过迟（见 docs/benchmarks.md）时退出码为 1。"
        + EXAMPLE,
    ),
)
def bench_start_command(
    headset: HeadsetChoice = Headset.AUTO,
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help=tr("Starts, after one that warms up.", "预热之后的启动次数。"))
    ] = 5,
    json_: AsJson = False,
) -> None:
    from xr_app.start_bench import TO_REACH_MS, bench_start
    from xr_app.tables import print_figures

    figures = bench_start(headset, rounds)
    print_figures(figures, json_)
    raise typer.Exit(1 if figures["start_ms"]["first_picture"] > TO_REACH_MS else 0)
