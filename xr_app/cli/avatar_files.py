"""`visavis avatar list | inspect | validate | pack | unpack | compare`: avatars as files."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

INSPECT_EXAMPLE = "\n\nvisavis avatar inspect mira --levels --plot levels.png"
PACK_EXAMPLE = "\n\nvisavis avatar unpack mira --out mira\n\nvisavis avatar pack mira --out changed.avatar"
COMPARE_EXAMPLE = "\n\nvisavis avatar compare mira.avatar changed.avatar --out difference.png"
files_app = typer.Typer()

Named = Annotated[
    Path, typer.Argument(help=tr("An avatar's name, file or folder.", "形象的名字、文件或文件夹。"), show_default=False)
]


class Precision(StrEnum):
    """How much of the numbers is kept."""

    compact = "compact"
    full = "full"


@files_app.command(
    "list",
    help=tr(
        "List the avatars on this machine: name, Gaussians, size, licence.",
        "列出本机的形象：名字、高斯数量、大小、许可。",
    ),
)
def avatar_list(json_: AsJson = False) -> None:
    from xr_app.avatar_files import listed
    from xr_app.tables import print_table

    rows = listed()
    if json_:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    print_table(
        tr("Avatars", "形象"),
        [tr("name", "名称"), tr("Gaussians", "高斯"), "MB", tr("licence", "许可"), ""],
        [
            [row["name"], f"{row['gaussians']:,}" if row["gaussians"] else "–", f"{row['bytes'] / 1e6:.1f}",
             row["licence"] or "–", row["problem"] or row["file"]]
            for row in rows
        ],
    )  # fmt: skip
    if not rows:
        print(tr("There is none yet: visavis avatar forge", "还没有形象：visavis avatar forge"))


@files_app.command(
    "inspect",
    help=tr(
        "Tell what an avatar file holds, how it is coded, and what each prefix of its Gaussians looks like."
        + INSPECT_EXAMPLE,
        "说明形象文件的内容与编码，以及每个高斯前缀的画质。" + INSPECT_EXAMPLE,
    ),
)
def avatar_inspect(
    avatar: Named,
    levels: Annotated[
        bool,
        typer.Option(
            "--levels", help=tr("Measure what prefixes lose of the picture.", "测量各前缀相对完整画面的损失。")
        ),
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help=tr("Draw that as a curve (PNG or SVG).", "把它画成曲线（PNG 或 SVG）。"))
    ] = None,
    size: Annotated[
        int, typer.Option(min=64, max=4096, help=tr("Pixels of these pictures, each way.", "这些画面的边长（像素）。"))
    ] = 1024,
    json_: AsJson = False,
) -> None:
    from xr_app.avatar_files import inspected
    from xr_app.tables import print_figures

    print_figures(inspected(avatar, levels=levels, plot=plot, size=size), json_)


@files_app.command(
    "validate",
    help=tr(
        "Check an avatar, one line for each thing that is wrong; exit code 1 where something is.",
        "检查形象，每个问题一行；有问题时退出码为 1。",
    ),
)
def avatar_validate(avatar: Named, json_: AsJson = False) -> None:
    from assets.container import problems
    from xr_app.avatar_files import located

    path = located(avatar)
    found = problems(path)
    if json_:
        print(json.dumps({"file": str(path), "sound": not found, "problems": found}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(found) or tr(f"{path}: nothing is wrong.", f"{path}：没有问题。"))
    raise typer.Exit(1 if found else 0)


@files_app.command(
    "unpack",
    help=tr(
        "Unpack an avatar into a folder that you can edit: manifest, plain arrays, networks, preview." + PACK_EXAMPLE,
        "把形象解包成可编辑的文件夹：清单、普通数组、网络、预览。" + PACK_EXAMPLE,
    ),
)
def avatar_unpack(
    avatar: Named,
    out: Annotated[
        Path | None, typer.Option(help=tr("Folder to make; the avatar's name by default.", "新建的文件夹；默认同名。"))
    ] = None,
) -> None:
    from xr_app.avatar_files import unpack

    print(unpack(avatar, out))


@files_app.command(
    "pack",
    help=tr(
        "Pack a folder into an avatar file: arrays coded, networks lowered, all of it hashed." + PACK_EXAMPLE,
        "把文件夹打包成形象文件：编码数组、转换网络、计算哈希。" + PACK_EXAMPLE,
    ),
)
def avatar_pack(
    folder: Annotated[Path, typer.Argument(help=tr("Folder, as unpack makes it.", "unpack 生成的文件夹。"))],
    out: Annotated[
        Path | None, typer.Option(help=tr("File to write; beside the folder by default.", "写入的文件；默认在旁边。"))
    ] = None,
    precision: Annotated[
        Precision,
        typer.Option(help=tr("compact keeps what shows, full every bit.", "compact 保留可见精度，full 保留每一位。")),
    ] = Precision.compact,
) -> None:
    from xr_app.avatar_files import pack

    print(pack(folder, out, "full" if precision is Precision.full else "compact"))


@files_app.command(
    "compare",
    help=tr(
        "Compare two avatars: sizes, and decibels between their pictures, near and far." + COMPARE_EXAMPLE,
        "比较两个形象：大小，以及远近画面之间的分贝数。" + COMPARE_EXAMPLE,
    ),
)
def avatar_compare(
    first: Named,
    second: Named,
    out: Annotated[
        Path | None, typer.Option(help=tr("Picture of both and their difference.", "两者及其差异的图片。"))
    ] = None,
    size: Annotated[int, typer.Option(min=64, max=2048, help=tr("Pixels of a view.", "每个视图的边长。"))] = 640,
    json_: AsJson = False,
) -> None:
    from xr_app.tables import print_figures
    from xr_app.workshop.compare import compare

    print_figures(compare(first, second, size=size, out=out), json_)
