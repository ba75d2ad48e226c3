"""`visavis replay`: a kept session, told, checked, drawn or filmed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from xr_app.cli.options import AsJson, AvatarFile
from xr_app.errors import OptionError
from xr_app.texts import tr

REPLAY_HELP: Final = tr(
    "Play a session again that visavis run --keep has kept: what was said, one of its pictures, a film, or whether "
    "its pictures are still the same."
    "\n\nvisavis replay talk.visit"
    "\n\nvisavis replay talk.visit --record talk.mp4"
    "\n\nvisavis replay talk.visit --frame 300 --picture frame.png"
    "\n\nvisavis replay talk.visit --check",
    "重放 visavis run --keep 保存的会话：对话内容、某一帧画面、影片，或检查画面是否仍然一致。"
    "\n\nvisavis replay talk.visit --record talk.mp4",
)


def replay_tape(
    file: Annotated[Path, typer.Argument(help=tr("The tape, NAME.visit.", "录像文件 NAME.visit。"))],
    avatar: AvatarFile = None,
    record: Annotated[Path | None, typer.Option(help=tr("Film it into this mp4.", "拍成这个 mp4 影片。"))] = None,
    film_size: Annotated[
        int, typer.Option(min=64, max=2048, help=tr("Pixels of the film from bottom to top.", "影片高度（像素）。"))
    ] = 640,
    frame: Annotated[
        int | None, typer.Option(min=1, help=tr("Which frame to draw, from 1.", "绘制第几帧，从 1 数起。"))
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help=tr("Draw that frame into this PNG.", "把该帧画进这个 PNG。"))
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=tr(
                "Fail where pictures are not those that were kept with --hashes.",
                "若画面与 --hashes 保存的不一致则失败。",
            ),
        ),
    ] = False,
    json_: AsJson = False,
) -> None:
    from xr_app.recording.showing import check_tape, draw_frame, film_tape, tell_tape
    from xr_app.recording.tape import Tape
    from xr_app.tables import print_figures

    if (frame is None) != (picture is None):
        raise OptionError(tr("--frame and --picture go together.", "--frame 与 --picture 须同时给出。"))
    failed = False
    with Tape(file) as tape:
        figures: dict[str, Any] = tell_tape(tape)
        if frame is not None and picture is not None:
            figures |= draw_frame(tape, avatar, frame, picture)
        if record is not None:
            figures |= film_tape(tape, avatar, record, film_size)
        if check:
            figures |= (checked := check_tape(tape, avatar))
            failed = bool(checked["check"]["unlike"]) or not checked["check"]["alike"]
    print_figures(figures, json_)
    if failed:
        raise typer.Exit(1)
