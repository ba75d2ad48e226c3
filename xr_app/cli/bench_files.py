"""`visavis bench storage | damage`: what avatar files weigh and lose, and what damaged ones do."""

from __future__ import annotations

from typing import Annotated

import typer

from xr_app.cli.options import AsJson, AvatarFile
from xr_app.texts import tr

bench_files_app = typer.Typer()


@bench_files_app.command(
    "storage",
    help=tr(
        "Measure what avatars take on disk and what that loses of the picture: one of yours, and a made-up person with "
        "blend shapes.",
        "测量形象文件的大小与画质损失：你的一个形象，以及一个带混合形状的合成人物。",
    ),
)
def bench_storage_command(
    avatar: AvatarFile = None,
    gaussians: Annotated[
        int, typer.Option(min=1000, help=tr("Gaussians of the made-up person.", "合成人物的高斯数量。"))
    ] = 250_000,
    shapes: Annotated[
        int,
        typer.Option(min=1, help=tr("Its shapes, of places and again of light.", "其位置形状与光照形状各自的数量。")),
    ] = 28,
    size: Annotated[int, typer.Option(min=64, max=4096, help=tr("Pixels, each way.", "边长（像素）。"))] = 1024,
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from render.measure.subject import make_subject
    from xr_app.avatar_storage import bench_storage
    from xr_app.avatars import find_avatar
    from xr_app.tables import print_figures

    subjects = [find_avatar(avatar), make_subject(gaussians, shapes=shapes)]
    if json_:
        figures = bench_storage(subjects, size, SilentProgress())
    else:
        with shown_on() as progress:
            figures = bench_storage(subjects, size, progress)
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
    from assets.progress import SilentProgress, shown_on
    from render.measure.trial import try_damaged
    from xr_app.tables import print_figures

    if json_:
        figures = try_damaged(files, SilentProgress(), seed=seed)
    else:
        with shown_on() as progress:
            figures = try_damaged(files, progress, seed=seed)
    print_figures(figures, json_)
    raise typer.Exit(1 if figures["wrong"] else 0)
