"""`visavis avatar sheet`: one person in many pictures."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson, AvatarFile
from xr_app.texts import tr

EXAMPLE = "\n\nvisavis avatar sheet mira --show heads --out heads.jpg"
sheet_app = typer.Typer()


class Sheet(StrEnum):
    """What the pictures differ in."""

    views = "views"
    heads = "heads"
    expressions = "expressions"
    distances = "distances"


@sheet_app.command(
    "sheet",
    help=tr(
        "Draw a person in many pictures side by side: the whole or the head from six sides, five expressions, or from "
        "three distances." + EXAMPLE,
        "把一个人画成并排的多张图片：全身或头部的六个角度、五种表情，或三种距离。" + EXAMPLE,
    ),
)
def avatar_sheet(
    file: Annotated[Path | None, typer.Argument(help=tr("The avatar to draw.", "要绘制的形象。"))] = None,
    out: Annotated[Path, typer.Option(help=tr("Picture to write.", "写入的图片。"))] = Path("sheet.png"),
    avatar: AvatarFile = None,
    show: Annotated[Sheet, typer.Option(help=tr("What the pictures differ in.", "各图片的区别。"))] = Sheet.views,
    size: Annotated[int, typer.Option(min=16, max=2048, help=tr("Pixels of one picture.", "单张图片的边长。"))] = 512,
    gaussians: Annotated[int | None, typer.Option(help=tr("Draw only so many.", "只绘制这么多高斯。"))] = None,
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from xr_app.workshop.contact_sheet import draw_sheet

    with shown_on() as progress:
        facts = draw_sheet(file or avatar, out, show.value, size=size, gaussians=gaussians, progress=progress)
    print(json.dumps(facts, indent=2) if json_ else facts["file"])
