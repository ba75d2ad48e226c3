"""`visavis bench`: how fast this machine draws and talks."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.bench_asr import bench_asr_app
from xr_app.cli.bench_duplex import bench_duplex_app
from xr_app.cli.bench_exchange import bench_exchange_app
from xr_app.cli.bench_face import bench_face_app
from xr_app.cli.bench_files import bench_files_app
from xr_app.cli.bench_frame import bench_frame_app
from xr_app.cli.bench_soak import bench_soak_app
from xr_app.cli.bench_spatial import bench_spatial_app
from xr_app.cli.bench_start import bench_start_app
from xr_app.cli.bench_talk import bench_talk_app
from xr_app.cli.bench_turns import bench_turns_app
from xr_app.cli.options import AsJson, AvatarFile, Plot
from xr_app.texts import tr

RENDER_EXAMPLES = (
    "\n\nvisavis bench render --gaussians 250000 --size 1280x720 --stages"
    "\n\nvisavis bench render --avatar mira.avatar --size 1680x1760 --stereo --json"
    "\n\nvisavis bench render --peers mkkellogg,spark,playcanvas,gsplatjs,open3d --json"
)
SCALING_EXAMPLE = "\n\nvisavis bench scaling --plot scaling.png --json"
SORT_EXAMPLE = "\n\nvisavis bench sort --plot sorting.png --json"
bench_app = typer.Typer(no_args_is_help=True, help=tr("Measure speed on this machine.", "测量本机的速度。"))
bench_app.add_typer(bench_files_app)
bench_app.add_typer(bench_asr_app)
bench_app.add_typer(bench_talk_app)
bench_app.add_typer(bench_turns_app)
bench_app.add_typer(bench_face_app)
bench_app.add_typer(bench_duplex_app)
bench_app.add_typer(bench_soak_app)
bench_app.add_typer(bench_exchange_app)
bench_app.add_typer(bench_frame_app)
bench_app.add_typer(bench_spatial_app)
bench_app.add_typer(bench_start_app)


class Rasteriser(StrEnum):
    """What can draw."""

    tiles = "tiles"
    tiles64 = "tiles64"
    quads = "quads"


class Rasterisers(StrEnum):
    """What `bench render` can time."""

    tiles = "tiles"
    tiles64 = "tiles64"
    quads = "quads"
    both = "both"


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(16 <= side <= 16384 for side in size):
        raise typer.BadParameter(
            tr(
                f"{text!r} is no picture's size; write WIDTHxHEIGHT, each 16 to 16384, such as 1280x720.",
                f"{text!r} 不是画面尺寸；请写成 宽x高（各 16 至 16384），例如 1280x720。",
            )
        )
    return size


BenchAvatar = Annotated[
    Path | None,
    typer.Option("--avatar", help=tr("An avatar file; a made-up person without.", "形象文件；默认用虚构的人物。")),
]
Size = Annotated[
    str,
    typer.Option(
        metavar="WxH",
        help=tr("Pixels of an eye's picture, width x height.", "每只眼画面的像素，宽 x 高。"),
    ),
]

Stereo = Annotated[bool, typer.Option("--stereo", help=tr("Draw two eyes of that size.", "绘制两只眼，各为该尺寸。"))]


@bench_app.command(
    "render",
    help=tr(
        "Time the drawing of a moving view, stage by stage." + RENDER_EXAMPLES,
        "逐阶段测量移动视角下的绘制时间。" + RENDER_EXAMPLES,
    ),
)
def bench_render_command(
    avatar: BenchAvatar = None,
    gaussians: Annotated[
        int | None,
        typer.Option(min=1, help=tr("Draw so many; 250,000 of a made-up person.", "绘制数量；虚构人物默认 250,000。")),
    ] = None,
    size: Size = "1280x720",
    stereo: Stereo = False,
    stages: Annotated[
        bool,
        typer.Option(
            "--stages",
            help=tr(
                "Tell of every stage also what it moves and blends, the least time that could take here, and its time "
                "by the GPU's clock.",
                "逐阶段给出数据量与混合次数、本机理论最短时间以及 GPU 时钟的计时。",
            ),
        ),
    ] = False,
    frames: Annotated[int, typer.Option(min=2, help=tr("Frames to time.", "计时的帧数。"))] = 30,
    rasteriser: Annotated[
        Rasterisers,
        typer.Option(
            help=tr(
                "What draws; both takes turns, and says which one is chosen for a headset here.",
                "用哪种光栅化；both 轮流计时，并给出本机头显会选用的一种。",
            )
        ),
    ] = Rasterisers.tiles,
    peers: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help=tr(
                "Compare with other renderers in one run: some of mkkellogg, spark, playcanvas, gsplatjs, open3d, or "
                "all. Installs what it needs into the cache (up to 800 MB); the web's need Chromium and npm.",
                "在同一次运行中与其他渲染器比较：mkkellogg、spark、playcanvas、gsplatjs、open3d 中的若干个，或 all。"
                "所需软件装入缓存（至多 800 MB）；网页渲染器需要 Chromium 和 npm。",
            ),
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Folder for what each of --peers drew; in the cache by default.",
                "保存 --peers 各渲染器画面的文件夹；默认在缓存中。",
            )
        ),
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets.paths import cache_dir
    from assets.progress import SilentProgress, shown_on
    from render.measure.bench import BenchWork, bench_render
    from render.measure.store import CHOICES, Choices
    from render.raster.rasteriser import RASTERISERS
    from xr_app.avatar_files import find_avatar
    from xr_app.tables import print_figures

    if peers is not None:
        if avatar or stereo or stages or rasteriser is Rasterisers.both:
            raise typer.BadParameter(
                tr(
                    "--peers draws a made-up person into one picture; leave out --avatar, --stereo, --stages and both "
                    "rasterisers.",
                    "--peers 把虚构人物画进一幅画面；请去掉 --avatar、--stereo、--stages 和 both。",
                )
            )
        _bench_peers(peers, gaussians, _size(size), frames, rasteriser, pictures, json_)
        return
    loaded = find_avatar(avatar) if avatar else None
    wanted = ("tiles", "quads") if rasteriser is Rasterisers.both else (rasteriser.value,)
    names = tuple(name for name in RASTERISERS if name in wanted)
    work = BenchWork(gaussians, _size(size), stereo, frames, stages, names)
    store = Choices(cache_dir() / CHOICES)
    if json_:
        figures = bench_render(loaded, work, SilentProgress(), store)
    else:
        with shown_on() as progress:
            figures = bench_render(loaded, work, progress, store)
    print_figures(figures, json_)


@bench_app.command(
    "scaling",
    help=tr(
        "Time frames of 10,000 to a million Gaussians, and from 4 to 0.4 metres away." + SCALING_EXAMPLE,
        "测量一万到一百万个高斯，以及 4 米到 0.4 米距离下的帧时间。" + SCALING_EXAMPLE,
    ),
)
def bench_scaling_command(
    gaussians: Annotated[
        int | None,
        typer.Option(min=1, help=tr("Gaussians seen near and far; 250,000.", "各距离下的高斯数量；默认 250,000。")),
    ] = None,
    size: Size = "1280x720",
    stereo: Stereo = False,
    frames: Annotated[int, typer.Option(min=2, help=tr("Frames of each point.", "每个点的帧数。"))] = 10,
    rasteriser: Annotated[Rasteriser, typer.Option(help=tr("What draws.", "用哪种光栅化。"))] = Rasteriser.tiles,
    plot: Plot = None,
    json_: AsJson = False,
) -> None:
    from assets.measure.plots import check_plots
    from assets.progress import shown_on
    from render.measure.bench import GAUSSIANS
    from render.measure.plot import plot_scaling
    from render.measure.scaling import Scaling, bench_scaling
    from xr_app.tables import print_figures

    if plot:
        check_plots()
    scaling = Scaling(
        gaussians=gaussians or GAUSSIANS, size=_size(size), stereo=stereo, frames=frames, rasteriser=rasteriser.value
    )
    with shown_on() as progress:
        figures = bench_scaling(scaling, progress)
    if plot:
        plot_scaling(figures, plot)
    print_figures(figures, json_)


@bench_app.command(
    "sort",
    help=tr(
        "Tell what sorting only now and then costs the picture, in decibels against sorting every frame, and how "
        "often it sorts: idle, talking, waving, and seen from all around." + SORT_EXAMPLE,
        "测量按需排序对画面的影响（与每帧排序相比的分贝数）以及排序的频率：待机、说话、挥手和环绕观看。" + SORT_EXAMPLE,
    ),
)
def bench_sort_command(
    avatar: AvatarFile = None,
    seconds: Annotated[float, typer.Option(min=0.1, help=tr("Of each scene.", "每个场景的秒数。"))] = 3.0,
    side: Annotated[
        int, typer.Option(min=16, max=4096, help=tr("Pixels of an eye's picture, each way.", "每只眼画面的边长。"))
    ] = 360,
    plot: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Draw the avatar's curves into this PNG or SVG (needs pip install 'visavis\\[bench]').",
                "把形象的曲线画进这个 PNG 或 SVG（需要 pip install 'visavis\\[bench]'）。",
            )
        ),
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets.measure.plots import check_plots
    from assets.progress import shown_on
    from render.measure.cloud import make_cloud
    from render.measure.plot import plot_sorting
    from render.measure.sort_quality import CLOUD, RATE_HZ, figures_of, sort_quality
    from xr_app.avatar_files import find_avatar
    from xr_app.tables import print_figures

    if plot:
        check_plots()
    subjects = [find_avatar(avatar), make_cloud(CLOUD, degree=2)]
    with shown_on() as progress:
        found = [sort_quality(subject, progress, seconds=seconds, side=side) for subject in subjects]
    if plot:
        plot_sorting(found[0], RATE_HZ, plot)
    avatars = {
        subject.name: {"gaussians": len(subject.gaussians), **figures_of(cases)}
        for subject, cases in zip(subjects, found, strict=True)
    }
    print_figures({"seconds": seconds, "rate_hz": RATE_HZ, "side": side, "avatars": avatars}, json_)


def _bench_peers(
    peers: str,
    gaussians: int | None,
    size: tuple[int, int],
    frames: int,
    rasteriser: Rasterisers,
    pictures: Path | None,
    json_: bool,
) -> None:
    from assets.paths import cache_dir
    from assets.progress import shown_on
    from render.measure.bench import GAUSSIANS
    from render.measure.peers.contest import Contest, hold_contest
    from render.measure.peers.install import NAMES
    from render.raster.rasteriser import RASTERISERS
    from xr_app.tables import print_figures

    names = NAMES if peers == "all" else tuple(name.strip() for name in peers.split(","))
    draws = next(name for name in RASTERISERS if name == rasteriser)
    folder = cache_dir() / "peers"
    contest = Contest(names, gaussians or GAUSSIANS, size, frames, draws)
    # Minutes long and mostly waiting: how far it is stands on standard error, also beside JSON.
    with shown_on() as progress:
        figures = hold_contest(contest, folder, pictures or folder / "pictures", progress)
    print(tr("Pictures", "画面") + f": {pictures or folder / 'pictures'}", file=sys.stderr)
    print_figures(figures, json_)


@bench_app.command(
    "culling",
    help=tr(
        "Measure what may be left out of a picture: the loss it makes and the time it saves.",
        "测量画面中可省略的内容：带来的损失与节省的时间。",
    ),
)
def bench_culling_command(
    avatar: AvatarFile = None,
    gaussians: Annotated[
        int, typer.Option(min=1, help=tr("Of the made-up person beside it.", "另测的虚构人物的数量。"))
    ] = 250_000,
    size: Size = "640x640",
    frames: Annotated[int, typer.Option(min=2, help=tr("Frames to time.", "计时的帧数。"))] = 12,
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from render.measure.cloud import make_cloud
    from render.measure.culling import bench_culling
    from xr_app.avatar_files import find_avatar
    from xr_app.tables import print_figures

    pixels = _size(size)
    subjects = [find_avatar(avatar), make_cloud(gaussians)]
    with shown_on() as progress:
        found = {subject.name: bench_culling(subject, pixels, frames, progress) for subject in subjects}
    print_figures({"avatars": found}, json_)


@bench_app.command(
    "models",
    help=tr(
        "Time two networks as avatars have them, by every way that this machine offers to run them beside the picture.",
        "用本机提供的每种方式测量形象所用的两个网络。",
    ),
)
def bench_models_command(
    runs: Annotated[int, typer.Option(min=1, help=tr("Runs to time, of each.", "每种方式计时的次数。"))] = 20,
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from render.nets.bench import bench_models
    from xr_app.tables import print_figures

    if json_:
        figures = bench_models(runs, SilentProgress())
    else:
        with shown_on() as progress:
            figures = bench_models(runs, progress)
    print_figures(figures, json_)
