"""`visavis bench turns`: how well the end of what the user says is found."""

from __future__ import annotations

from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

bench_turns_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench turns --json\n\nvisavis bench turns --words"


@bench_turns_app.command(
    "turns",
    help=tr(
        "Replay scripted speech with pauses inside its sentences, in no time: how often the user is cut off, and how "
        "long the end of a turn is waited for." + EXAMPLE,
        "瞬时回放句中带停顿的脚本语音：打断用户的频率，以及判断话轮结束所需的等待。" + EXAMPLE,
    ),
)
def bench_turns_command(
    words: Annotated[
        bool,
        typer.Option(
            "--words",
            help=tr("Decide by the words alone, without the language model.", "仅凭词语判断，不用语言模型。"),
        ),
    ] = False,
    transcript_ms: Annotated[
        int,
        typer.Option(
            min=0,
            max=2000,
            help=tr("From a pause to its transcript, in milliseconds.", "从停顿到其转写的毫秒数。"),
        ),
    ] = 200,
    json_: AsJson = False,
) -> None:
    from conversation.measure.turn_ends import bench_turns
    from conversation.settings import SYSTEM_PROMPT, Engines
    from xr_app.tables import print_figures

    if words:
        figures = bench_turns(transcript_s=transcript_ms / 1000)
    else:
        model = Engines().language_model.load()
        try:
            model.begin(SYSTEM_PROMPT)
            figures = bench_turns(model.weigh, transcript_s=transcript_ms / 1000)
        finally:
            model.close()
    print_figures(figures, json_)
