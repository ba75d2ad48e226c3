"""`visavis bench exchange`: what a change of the avatar does to the frames around it."""

from __future__ import annotations

from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

bench_exchange_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench exchange --rounds 3 --json"


@bench_exchange_app.command(
    "exchange",
    help=tr(
        "Time the frames of a simulated headset while the avatar is changed: the longest one's processor time and "
        "interval, made in steps as in a talk, and all at once." + EXAMPLE,
        "在模拟头显中更换形象时测量各帧：最长一帧的处理器时间和间隔，对比谈话中的分步准备与一次完成。" + EXAMPLE,
    ),
)
def bench_exchange_command(
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help=tr("To and fro, of each kind.", "每种方式往返的次数。"))
    ] = 3,
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from xr_app.tables import print_figures
    from xr_app.workshop.exchange_bench import bench_exchange

    if json_:
        figures = bench_exchange(rounds, SilentProgress())
    else:
        with shown_on() as progress:
            figures = bench_exchange(rounds, progress)
    print_figures(figures, json_)
