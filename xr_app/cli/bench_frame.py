"""`visavis bench frame`: what a frame takes of the main thread, and what disturbs it."""

from __future__ import annotations

from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

bench_frame_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench frame --rounds 6 --json"


@bench_frame_app.command(
    "frame",
    help=tr(
        "Time the main thread's part of a frame in a simulated headset, beside an idle conversation: as it is, with "
        "Python's own collector on, beside a thread and beside a process that compute; and what a frame allocates."
        + EXAMPLE,
        "在模拟头显中、对话进程空闲时，测量主线程每帧的处理器时间：正常情况、开启 Python 垃圾回收、"
        "旁有计算线程或计算进程；以及每帧的内存分配。" + EXAMPLE,
    ),
)
def bench_frame_command(
    rounds: Annotated[int, typer.Option(min=1, max=1000, help=tr("Of every case, in turn.", "各情况轮流的轮数。"))] = 6,
    frames: Annotated[int, typer.Option(min=20, max=100_000, help=tr("Of a case in a round.", "每轮的帧数。"))] = 200,
    conversation: Annotated[
        bool, typer.Option(help=tr("Beside the processes of a conversation.", "同时运行对话进程。"))
    ] = True,
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from conversation.settings import ConversationSettings
    from xr_app.tables import print_figures
    from xr_app.workshop.frame_bench import bench_frame

    settings = None
    if conversation:
        settings = ConversationSettings(microphone="file", speaker="file", welcome=None, memory=None)
    if json_:
        figures = bench_frame(rounds, frames, SilentProgress(), settings)
    else:
        with shown_on() as progress:
            figures = bench_frame(rounds, frames, progress, settings)
    print_figures(figures, json_)
