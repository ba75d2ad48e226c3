"""`visavis avatar capture`, `visavis avatar train` and `visavis bench training`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assets.train.options import StageName
from xr_app.cli.options import AsJson, AvatarFile
from xr_app.texts import tr

STUDIO_EXAMPLE = "\n\nvisavis avatar capture --out studio --cameras 8 --size 128"
BENCH_EXAMPLE = "\n\nvisavis bench training --work ablation --plot ablation.png"
TRAIN_EXAMPLE = (
    "\n\nvisavis avatar train studio --out her.avatar"
    "\n\nvisavis avatar train scan --template mira.avatar --shrink 8 --length 3 --gaussians 60000"
)
_TRAIN = (
    "Train an avatar on pictures of a moving person by several cameras. The capture is a folder of our own layout "
    "(`visavis avatar capture` writes one), of COLMAP's, or of AvatarReX's and TalkBody4D's; docs/training.md shows "
    "all three. Beside the avatar lies a folder with pictures of what it looks like so far, a report, and a "
    "checkpoint: broken off, the same command goes on."
)
_TRAIN_ZH = (
    "用多台相机拍摄的人物图片训练形象。拍摄数据可以是本项目的文件夹格式（visavis avatar capture 可生成）、COLMAP 格式，"
    "或 AvatarReX 与 TalkBody4D 的格式，详见 docs/training.md。形象旁的文件夹里有训练中的预览图、报告和检查点："
    "中断后再次运行同一命令即可继续。"
)


def add_to(app: typer.Typer) -> None:
    """Give the group of avatar commands these two."""
    app.command(
        "capture",
        help=tr(
            "Take pictures of an avatar in motion, as a studio of cameras would, to try training on." + STUDIO_EXAMPLE,
            "像多相机影棚一样拍摄运动中的形象，供训练试用。" + STUDIO_EXAMPLE,
        ),
    )(avatar_capture)
    app.command(
        "train",
        help=tr(_TRAIN + TRAIN_EXAMPLE, _TRAIN_ZH + TRAIN_EXAMPLE),
    )(avatar_train)


def add_to_bench(app: typer.Typer) -> None:
    """Give the group of measurements what compares trainings."""
    app.command(
        "training",
        help=tr(
            "Train avatars with one part left out at a time, and tell what each part is worth." + BENCH_EXAMPLE,
            "每次去掉一个部分训练形象，比较各部分的作用。" + BENCH_EXAMPLE,
        ),
    )(bench_training)


def avatar_capture(
    out: Annotated[Path, typer.Option(help=tr("Folder to write.", "写入的文件夹。"))],
    avatar: AvatarFile = None,
    cameras: Annotated[int, typer.Option(min=2, max=64, help=tr("Cameras in the ring.", "环上相机数量。"))] = 8,
    size: Annotated[int, typer.Option(min=16, max=2048, help=tr("Pixels, each way.", "边长（像素）。"))] = 128,
    frames: Annotated[int, typer.Option(min=2, max=2000, help=tr("Poses.", "姿势数量。"))] = 120,
    folds: Annotated[
        bool,
        typer.Option(help=tr("Let clothes crease as no template knows.", "让衣服产生模板未知的褶皱。")),
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help=tr("Same seed, same poses.", "相同种子得到相同姿势。"))] = 1,
) -> None:
    from assets.progress import shown_on
    from xr_app.avatar_files import find_avatar
    from xr_app.workshop.capture import StudioOptions, make_capture

    options = StudioOptions(cameras=cameras, size=size, frames=frames, folds=folds, seed=seed)
    with shown_on() as progress:
        make_capture(find_avatar(avatar), out, options, progress)
    print(out)


def avatar_train(
    capture: Annotated[Path, typer.Argument(help=tr("Folder of the capture.", "拍摄数据的文件夹。"))],
    out: Annotated[Path | None, typer.Option(help=tr("Avatar file to write.", "写入的形象文件。"))] = None,
    template: Annotated[
        Path | None,
        typer.Option(help=tr("Avatar whose mesh is the template.", "用其网格作模板的形象。")),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Folder of checkpoint, previews and report; a training found there goes on.",
                "检查点、预览和报告的文件夹；其中未完成的训练会继续。",
            )
        ),
    ] = None,
    gaussians: Annotated[int, typer.Option(min=100, help=tr("Gaussians of the avatar.", "高斯数量。"))] = 6000,
    vertices: Annotated[
        int, typer.Option(min=100, help=tr("Simplify the template to so many, at most.", "模板顶点上限。"))
    ] = 3000,
    teacher: Annotated[
        bool,
        typer.Option(
            help=tr(
                "Let a larger network learn the pictures first, and the avatar's networks from it.",
                "先让较大的网络学习图片，再由它教形象的网络。",
            )
        ),
    ] = False,
    shrink: Annotated[int, typer.Option(min=1, help=tr("Make pictures so many times smaller.", "图片缩小倍数。"))] = 1,
    length: Annotated[
        float, typer.Option(min=0.001, help=tr("Steps, as a multiple of the usual.", "步数相对于默认值的倍数。"))
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help=tr("Same seed, same avatar.", "相同种子得到相同形象。"))] = 1,
    threads: Annotated[int, typer.Option(min=1, help=tr("Processor threads.", "处理器线程数。"))] = 1,
    device: Annotated[str, typer.Option(help=tr("auto, cpu or cuda.", "auto、cpu 或 cuda。"))] = "auto",
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from assets.train.options import TrainOptions
    from xr_app.workshop.training import TrainingJob, train_avatar

    options = TrainOptions(
        gaussians=gaussians, vertices=vertices, teacher=teacher, steps=_steps(length), seed=seed, threads=threads,
        device=device,
    )  # fmt: skip
    file = out or Path(capture.resolve().name + ".avatar")
    job = TrainingJob(capture, file, work or file.with_suffix(".training"), template, shrink)
    with shown_on() as progress:
        report = train_avatar(job, options, progress)
    print(json.dumps(report, indent=2) if json_ else report["avatar"])


def bench_training(
    work: Annotated[
        Path | None,
        typer.Option(
            help=tr("Folder of captures and checkpoints, where a broken one goes on.", "数据与检查点文件夹。")
        ),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help=tr("Write the pictures here.", "把图片写到这里。"))] = None,
    teacher: Annotated[
        bool, typer.Option(help=tr("Train one more, with a teacher.", "另外训练一个有教师网络的形象。"))
    ] = False,
    length: Annotated[
        float, typer.Option(min=0.001, help=tr("Steps, as a multiple of the usual.", "步数相对于默认值的倍数。"))
    ] = 1.0,
    gaussians: Annotated[int, typer.Option(min=100, help=tr("How many.", "高斯数量。"))] = 6000,
    cameras: Annotated[int, typer.Option(min=2, max=64, help=tr("Cameras in the ring.", "环上相机数量。"))] = 8,
    size: Annotated[int, typer.Option(min=16, max=2048, help=tr("Pixels, each way.", "边长（像素）。"))] = 128,
    frames: Annotated[int, typer.Option(min=5, max=2000, help=tr("Poses.", "姿势数量。"))] = 120,
    json_: AsJson = False,
) -> None:
    import tempfile

    from assets.progress import shown_on
    from assets.train.extra import require
    from assets.train.options import TrainOptions
    from xr_app.workshop.ablation import ablate, forged_subject
    from xr_app.workshop.capture import StudioOptions

    require()
    options = TrainOptions(gaussians=gaussians, steps=_steps(length), teacher=teacher)
    studio = StudioOptions(cameras=cameras, size=size, frames=frames)
    with tempfile.TemporaryDirectory(prefix="visavis-") as scratch, shown_on() as progress:
        figures = ablate(forged_subject(progress), work or Path(scratch), plot, studio, options, progress)
    if json_:
        print(json.dumps(figures, indent=2))
        return
    from xr_app.tables import print_table

    kind = "new view and pose"
    print_table(
        tr("Views and poses that no training saw", "训练中未出现的视角与姿势"),
        [tr("avatar", "形象"), "PSNR dB", "SSIM"],
        [
            [found["avatar"], f"{found[kind]['psnr']:.2f}", f"{found[kind]['ssim']:.4f}"]
            for found in figures["variants"]
        ],
    )


def _steps(length: float) -> dict[StageName, int]:
    from assets.train.options import TrainOptions

    return {stage: max(1, round(steps * length)) for stage, steps in TrainOptions().steps.items()}
