"""`visavis avatar remake`: the people who come with visavis, from their recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

remake_app = typer.Typer()


@remake_app.command(
    "remake",
    help=tr(
        "Forge the people who come with visavis again, and tell whether each is the same file, byte for byte."
        "\n\nvisavis avatar remake --out assets/data/avatars",
        "重新制作自带的人物，并说明每个文件是否逐字节相同。\n\nvisavis avatar remake --out assets/data/avatars",
    ),
)
def avatar_remake(
    names: Annotated[list[str] | None, typer.Argument(help=tr("Whom; all by default.", "哪些人物；默认全部。"))] = None,
    out: Annotated[
        Path | None, typer.Option(help=tr("Folder to keep them in.", "保存文件的文件夹。"), file_okay=False)
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from xr_app.tables import print_figures
    from xr_app.workshop.people import remake

    with shown_on() as progress:
        figures = remake(names or [], out, progress)
    print_figures(figures, json_)
