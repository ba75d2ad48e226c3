"""`visavis bench asr`: how much of recorded speech the recogniser gets right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson, Asr, Set
from xr_app.texts import tr

bench_asr_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench asr recordings --json\n\nvisavis bench asr recordings --asr zipformer --language zh"


@bench_asr_app.command(
    "asr",
    help=tr(
        "Measure the recogniser on recorded speech: word errors (English), character errors (Chinese), speed, and the "
        "language it takes each recording for." + EXAMPLE,
        "用录音测量语音识别：英语词错误率、中文字错误率、速度以及识别出的语言。" + EXAMPLE,
    ),
)
def bench_asr_command(
    folder: Annotated[
        Path,
        typer.Argument(
            exists=True,
            file_okay=False,
            help=tr(
                "Recordings and what was said: NAME.txt beside NAME.wav, a list `text`, or Lhotse's JSON.",
                "录音及其文字：NAME.wav 旁的 NAME.txt、列表文件 text 或 Lhotse 的 JSON。",
            ),
        ),
    ],
    asr: Asr = None,
    language: Annotated[
        str, typer.Option(help=tr("What is spoken: en, zh or auto.", "所说的语言：en、zh 或 auto。"))
    ] = "auto",
    set_: Set = None,
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from conversation.measure.corpus import read_corpus
    from conversation.measure.recognisers import bench_recogniser
    from conversation.user_settings import Flag, engines
    from xr_app.tables import print_figures
    from xr_app.user_settings import flags, user_settings

    corpus = read_corpus(folder)
    given = flags({"asr": asr}, llm_url=None, llm_model=None, others=set_)
    settings = user_settings([*given, Flag("--language", "conversation.language", language)])
    ear = engines(settings.values).recogniser.load()
    if json_:
        figures = bench_recogniser(ear, corpus, SilentProgress())
    else:
        with shown_on() as progress:
            figures = bench_recogniser(ear, corpus, progress)
    print_figures(figures, json_)
