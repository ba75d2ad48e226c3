"""`visavis avatar motion`: how an avatar moves, without a conversation."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import Aim, AsJson, AvatarFile
from xr_app.texts import tr

EXAMPLE = (
    "\n\nvisavis avatar motion mira.avatar --out talk.mp4"
    "\n\nvisavis avatar motion --out gestures.png --state speaking --aim upper --seed 3"
)
motion_app = typer.Typer()


class Rehearsed(StrEnum):
    """What is rehearsed: a state of the conversation, or a talk through all of them."""

    talk = "talk"
    idle = "idle"
    listening = "listening"
    thinking = "thinking"
    speaking = "speaking"


@motion_app.command(
    "motion",
    help=tr(
        "Draw how an avatar moves: a clip (.mp4), or a sheet of twelve moments (.png), seen from two sides." + EXAMPLE,
        "绘制形象的动作：视频（.mp4）或十二个瞬间的图片（.png），从两个角度观看。" + EXAMPLE,
    ),
)
def avatar_motion(
    file: Annotated[Path | None, typer.Argument(help=tr("The avatar to draw.", "要绘制的形象。"))] = None,
    out: Annotated[Path, typer.Option(help=tr("MP4 or PNG to write.", "写入的 MP4 或 PNG。"))] = Path("motion.mp4"),
    avatar: AvatarFile = None,
    state: Annotated[
        Rehearsed,
        typer.Option(help=tr("State of the conversation, or a talk through all.", "对话状态，或完整的一次谈话。")),
    ] = Rehearsed.talk,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.1, max=600, help=tr("How long; 6 by default, a talk whole.", "时长；默认 6 秒，谈话为全长。")
        ),
    ] = None,
    begin: Annotated[float, typer.Option(min=0.0, help=tr("Seconds to leave out before.", "开头略去的秒数。"))] = 0.0,
    aim: Aim = "body",
    angle: Annotated[
        float, typer.Option(help=tr("Degrees around it of the second view.", "第二视角的环绕角度。"))
    ] = 45.0,
    size: Annotated[int, typer.Option(min=16, max=2048, help=tr("Pixels of one view.", "单个视图的边长。"))] = 512,
    fps: Annotated[float, typer.Option(min=1, max=120, help=tr("Pictures a second of a clip.", "视频帧率。"))] = 24.0,
    seed: Annotated[int, typer.Option(help=tr("Another seed, another performance.", "不同的种子，不同的表现。"))] = 0,
    gaussians: Annotated[int | None, typer.Option(help=tr("Draw only so many.", "只绘制这么多高斯。"))] = None,
    json_: AsJson = False,
) -> None:
    from assets.progress import shown_on
    from xr_app.workshop.motion_clip import Clip, draw_clip

    clip = Clip(state.value, seconds, begin, aim, (0.0, angle), size, fps, seed, gaussians)
    with shown_on() as progress:
        facts = draw_clip(file or avatar, out, clip, progress)
    print(json.dumps(facts, indent=2) if json_ else facts["file"])
