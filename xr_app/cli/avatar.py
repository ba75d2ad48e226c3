"""`visavis avatar`: draw one; what is made is in forge.py, what lies in files in avatar_files.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assets.importers.up import Up
from xr_app.cli.avatar_files import files_app
from xr_app.cli.forge import forge_app
from xr_app.cli.motion import motion_app
from xr_app.cli.options import Aim, AsJson, AvatarFile
from xr_app.cli.remake import remake_app
from xr_app.cli.sheet import sheet_app
from xr_app.texts import tr

RENDER_EXAMPLE = (
    "\n\nvisavis avatar render --out face.png --aim face --distance 0.6 --angle 30 --expression jawOpen=0.5"
    "\n\nvisavis avatar render scene.ply --out scene.png --angle 90"
)
avatar_app = typer.Typer(
    no_args_is_help=True,
    help=tr("Avatars: make one, draw one, look into their files.", "形象：制作、绘制、查看文件。"),
)
avatar_app.add_typer(forge_app)
avatar_app.add_typer(files_app)
avatar_app.add_typer(motion_app)
avatar_app.add_typer(sheet_app)
avatar_app.add_typer(remake_app)


@avatar_app.command(
    "render",
    help=tr(
        "Draw an avatar, or a captured scene (.ply, .spz, .splat), into a picture." + RENDER_EXAMPLE,
        "把形象或拍摄的场景（.ply、.spz、.splat）画成一张图片。" + RENDER_EXAMPLE,
    ),
)
def avatar_render(
    file: Annotated[
        Path | None,
        typer.Argument(
            help=tr(
                "Avatar or scene to draw; without --out, the picture to write.",
                "要绘制的形象或场景；没有 --out 时为写入的图片。",
            )
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help=tr("PNG to write.", "写入的 PNG。"))] = None,
    avatar: AvatarFile = None,
    distance: Annotated[
        float | None,
        typer.Option(
            min=0.05,
            help=tr(
                "Metres from it; 1.6 by default, or what frames a scene.", "与它的距离（米）；默认 1.6，或取场景全貌。"
            ),
        ),
    ] = None,
    angle: Annotated[float, typer.Option(help=tr("Degrees around it, 0 is the front.", "环绕角度，0 为正面。"))] = 0.0,
    aim: Aim = "body",
    size: Annotated[int, typer.Option(min=16, max=4096, help=tr("Pixels, each way.", "边长（像素）。"))] = 1024,
    gaussians: Annotated[int | None, typer.Option(help=tr("Draw only so many.", "只绘制这么多高斯。"))] = None,
    expression: Annotated[
        list[str] | None,
        typer.Option(help=tr("ARKit shape and weight, such as jawOpen=0.6; repeatable.", "ARKit 表情与权重，可重复。")),
    ] = None,
    up: Annotated[
        Up | None,
        typer.Option(
            help=tr("Axis of a scene that points up, if it is drawn lying.", "场景中朝上的轴，画面倒置时指定。")
        ),
    ] = None,
    json_: AsJson = False,
) -> None:
    from xr_app.avatars import render_avatar

    if avatar and not out:
        file, out = avatar, file
    facts = render_avatar(
        file or avatar,
        out,
        distance=distance,
        angle=angle,
        aim=aim,
        size=size,
        gaussians=gaussians,
        expression=expression or [],
        up=up,
    )
    print(json.dumps(facts, indent=2) if json_ else facts["file"])
