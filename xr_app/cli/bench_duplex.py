"""`visavis bench duplex`: listening while speaking, in calculated rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

bench_duplex_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench duplex recordings --json"


@bench_duplex_app.command(
    "duplex",
    help=tr(
        "Let the avatar talk in calculated rooms, alone and against recorded speech: does it interrupt itself, how "
        "many interruptions does it notice, and how soon is it silent? Exit code 1 where it falls short of what "
        "docs/listening.md asks for." + EXAMPLE,
        "让形象在模拟的房间中独自说话或被录音打断：它会打断自己吗？能察觉多少次打断？多快安静下来？"
        "未达到 docs/listening.md 的要求时退出码为 1。" + EXAMPLE,
    ),
)
def bench_duplex_command(
    folder: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            file_okay=False,
            help=tr(
                "Recordings to interrupt with (WAV); by default those of the tests, beside the checkout.",
                "用来打断的录音（WAV）；默认为代码目录旁的测试数据。",
            ),
            show_default=False,
        ),
    ] = None,
    short: Annotated[
        bool, typer.Option("--short", help=tr("One room, and a minute in it.", "只用一个房间、一分钟。"))
    ] = False,
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from conversation.measure.duplex import SHORT, Plan, bench_duplex, missed
    from xr_app.tables import print_figures

    plan = SHORT if short else Plan()
    if json_:
        figures = bench_duplex(plan, folder, SilentProgress())
    else:
        with shown_on() as progress:
            figures = bench_duplex(plan, folder, progress)
    print_figures(figures, json_)
    raise typer.Exit(1 if missed(figures) else 0)
