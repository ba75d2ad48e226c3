"""`visavis bench storage | levels | damage | clothes`: what avatars weigh, lose and hide, and what damaged ones do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

bench_files_app = typer.Typer()

Avatars = Annotated[
    list[Path] | None,
    typer.Argument(
        help=tr(
            "Names or files of avatars; the people of the project by default.",
            "形象的名字或文件；默认为项目自带的人物。",
        ),
        show_default=False,
    ),
]


@bench_files_app.command(
    "storage",
    help=tr(
        "Measure what avatars take on disk and what that loses of the picture: those that you name, else the people of "
        "the project, forged anew (what was packed before loses nothing more); and a made-up person with blend shapes.",
        "测量形象文件的大小与画质损失：指定的形象，否则为重新制作的项目人物（已打包过的不再有损失）；"
        "以及一个带混合形状的合成人物。",
    ),
)
def bench_storage_command(
    avatars: Avatars = None,
    gaussians: Annotated[
        int, typer.Option(min=1000, help=tr("Gaussians of who is made for this.", "为此制作的人物的高斯数量。"))
    ] = 250_000,
    shapes: Annotated[
        int,
        typer.Option(
            min=1, help=tr("The made-up one's, of places and again of light.", "合成人物位置形状与光照形状各自的数量。")
        ),
    ] = 28,
    size: Annotated[int, typer.Option(min=64, max=4096, help=tr("Pixels, each way.", "边长（像素）。"))] = 1024,
    json_: AsJson = False,
) -> None:
    from dataclasses import replace

    from assets.forge.look import PEOPLE
    from assets.progress import shown_on
    from render.measure.subject import make_subject
    from xr_app.avatar_files import find_avatar
    from xr_app.avatars import forged
    from xr_app.tables import print_figures
    from xr_app.workshop.storage import bench_storage

    with shown_on() as progress:
        if avatars:
            subjects = [find_avatar(avatar) for avatar in avatars]
        else:
            subjects = [forged(name, replace(PEOPLE[name], gaussians=gaussians), progress) for name in PEOPLE]
        figures = bench_storage([*subjects, make_subject(gaussians, shapes=shapes)], size, progress)
    print_figures(figures, json_)


@bench_files_app.command(
    "levels",
    help=tr(
        "Measure what is lost where only the most important Gaussians of an avatar are drawn, near and far.",
        "测量只绘制最重要的高斯时远近画面的损失。",
    ),
)
def bench_levels_command(
    avatars: Avatars = None,
    plot: Annotated[
        Path | None, typer.Option(help=tr("Curves to draw (PNG or SVG).", "绘制曲线（PNG 或 SVG）。"))
    ] = None,
    size: Annotated[int, typer.Option(min=64, max=4096, help=tr("Pixels, each way.", "边长（像素）。"))] = 1024,
    json_: AsJson = False,
) -> None:
    from assets.forge.look import PEOPLE
    from assets.progress import shown_on
    from xr_app.avatar_files import find_avatar
    from xr_app.tables import print_figures
    from xr_app.workshop.levels import bench_levels

    subjects = {path.stem: find_avatar(path) for path in avatars or map(Path, PEOPLE)}
    with shown_on() as progress:
        figures = bench_levels(subjects, size, plot, progress)
    print_figures(figures, json_)


@bench_files_app.command(
    "damage",
    help=tr(
        "Load avatar files that were damaged by accident or on purpose: each has to be refused with one sentence, or "
        "to load, in little memory. Exit code 1 where one did otherwise.",
        "加载被意外或故意损坏的形象文件：每个都应以一句话拒绝，或正常加载，且占用内存很少。否则退出码为 1。",
    ),
)
def bench_damage_command(
    files: Annotated[int, typer.Option(min=1, help=tr("Files to damage.", "损坏的文件数量。"))] = 300,
    seed: Annotated[int, typer.Option(help=tr("Same seed, same damage.", "相同的种子得到相同的损坏。"))] = 0,
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from render.measure.trial import try_damaged
    from xr_app.tables import print_figures

    with shown_on() as progress:
        figures = try_damaged(files, progress, seed=seed)
    print_figures(figures, json_)
    raise typer.Exit(1 if figures["wrong"] else 0)


@bench_files_app.command(
    "clothes",
    help=tr(
        "Dress several bodies, move them as people move in a talk, and count the skin that comes through cloth. "
        "Exit code 1 where any does.",
        "为多种体型着装并像交谈中那样活动，统计穿透衣物的皮肤。若有穿透，退出码为 1。",
    ),
)
def bench_clothes_command(
    poses: Annotated[int, typer.Option(min=1, help=tr("Poses of a talk.", "交谈姿态的数量。"))] = 48,
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from xr_app.tables import print_figures
    from xr_app.workshop.dress import bench_clothes

    with shown_on() as progress:
        figures = bench_clothes(poses, progress)
    print_figures({"wearers": figures}, json_)
    raise typer.Exit(1 if any(worn["through"] for worn in figures.values()) else 0)
