"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.texts import tr

AsJson = Annotated[bool, typer.Option("--json", help=tr("Print JSON for programs.", "输出 JSON 供程序读取。"))]
AvatarFile = Annotated[
    Path | None,
    typer.Option(
        "--avatar", help=tr("An avatar: a file or a name; mira by default.", "形象：文件或名字；默认为 mira。")
    ),
]
Aim = Annotated[
    str, typer.Option("--aim", help=tr("What to look at: body, upper or face.", "看哪里：body、upper 或 face。"))
]
