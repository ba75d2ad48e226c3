"""`visavis avatar import`: what people already have, made into an avatar file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assets.importers.up import Up
from xr_app.cli.options import AsJson
from xr_app.texts import tr

IMPORT_HELP = tr(
    "Make an avatar of a rigged character (.glb, .gltf, .vrm), or of a captured scene (.ply, .spz, .splat, .ksplat)."
    "\n\nvisavis avatar import me.vrm --out me.avatar",
    "把带骨骼的角色（.glb、.gltf、.vrm）或拍摄的场景（.ply、.spz、.splat、.ksplat）做成形象。"
    "\n\nvisavis avatar import me.vrm --out me.avatar",
)


def avatar_import(
    file: Annotated[Path, typer.Argument(help=tr("The file to bring.", "要导入的文件。"))],
    out: Annotated[
        Path | None,
        typer.Option(
            help=tr("Avatar to write; beside the others by default.", "写入的形象文件；默认与其他形象放在一起。")
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help=tr("The avatar's name.", "形象的名字。"))] = None,
    gaussians: Annotated[
        int | None,
        typer.Option(min=1000, max=1_000_000, help=tr("How many Gaussians cover it.", "用多少个高斯覆盖表面。")),
    ] = None,
    map_: Annotated[
        Path | None,
        typer.Option(
            "--map",
            help=tr(
                "JSON of ARKit shapes out of the file's own, replacing those found.",
                "由文件自带表情合成 ARKit 表情的 JSON，替换自动找到的。",
            ),
        ),
    ] = None,
    height: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=10, help=tr("Metres, where the file's units are wrong.", "高度（米），单位有误时指定。")
        ),
    ] = None,
    unlit: Annotated[
        bool, typer.Option("--unlit", help=tr("Leave all colours as they are painted.", "保持贴图原色，不加光照。"))
    ] = False,
    flame: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Your own FLAME model (.npz, .safetensors), for heads that are bound to it.",
                "您自己的 FLAME 模型（.npz、.safetensors），用于绑定其上的头像。",
            )
        ),
    ] = None,
    up: Annotated[Up | None, typer.Option(help=tr("Axis of a scene that points up.", "场景中朝上的轴。"))] = None,
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from xr_app.workshop.importing import Wishes, import_avatar

    wishes = Wishes(name=name, gaussians=gaussians, map=map_, height=height, unlit=unlit, flame=flame, up=up)
    with shown_on() as progress:
        facts = import_avatar(file, out, wishes, progress)
    if json_:
        print(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for note in facts["notes"]:
        print(note)
    print(facts["file"])
