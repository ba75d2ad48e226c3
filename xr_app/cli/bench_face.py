"""`visavis bench a2bs`: how well the face follows a voice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

bench_face_app = typer.Typer()

EXAMPLE = "\n\nvisavis bench a2bs recordings --json"


@bench_face_app.command(
    "a2bs",
    help=tr(
        "Measure the face network: lips that touch on p, b and m, and how they follow the phones, the loudness and the "
        "pauses of voices that it knows, of one that it does not (both by flite), and of recorded people." + EXAMPLE,
        "测量面部网络：p、b、m 时双唇是否闭合，以及嘴型对音素、响度和停顿的跟随程度；"
        "包括训练过的声音、未训练过的声音（由 flite 合成）和真人录音。" + EXAMPLE,
    ),
)
def bench_a2bs_command(
    recordings: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            file_okay=False,
            help=tr("Folder of recorded speech, with all below it.", "录音文件夹，含其下所有文件。"),
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help=tr("Folder of another network to measure.", "要测量的另一个网络所在的文件夹。"),
        ),
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets.catalogue import model_dir
    from assets.progress import SilentProgress, shown_on
    from conversation.measure.faces import bench_a2bs
    from xr_app.tables import print_figures

    folder = model or model_dir("visavis-a2bs")
    if json_:
        figures = bench_a2bs(folder, recordings, SilentProgress())
    else:
        with shown_on() as progress:
            figures = bench_a2bs(folder, recordings, progress)
    print_figures(figures, json_)
