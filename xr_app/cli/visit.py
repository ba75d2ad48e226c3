"""`visavis visit`: a whole visit by a script, filmed and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson, AvatarFile, Set
from xr_app.texts import tr

visit_app = typer.Typer()


@visit_app.command(
    "visit",
    help=tr(
        "Have somebody visit the avatar by a script, in the simulated headset: put on, place, walk round, talk, "
        "interrupt, grab, scale, menu, take off, put on again, leave. Everything met is checked; fails where a check "
        "does.\n\nvisavis visit --record out/visit.mp4 --report out/visit.json",
        "按脚本在模拟头显中拜访形象：戴上、放置、绕行、交谈、打断、抓取、缩放、菜单、摘下、再戴上、离开。"
        "逐项检查所见；有一项不符即失败。\n\nvisavis visit --record out/visit.mp4 --report out/visit.json",
    ),
)
def visit_command(
    avatar: AvatarFile = None,
    record: Annotated[
        Path | None, typer.Option(help=tr("Film the visit into this mp4.", "把拜访拍成这个 mp4 影片。"))
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help=tr("Write the checks into this JSON.", "把检查结果写入这个 JSON。"))
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help=tr(
                "With --record: a picture of each step into this folder.",
                "与 --record 同用：各步骤的图片。",
            ),
        ),
    ] = None,
    film_size: Annotated[
        int, typer.Option(min=64, max=2048, help=tr("Pixels of the film, each way.", "影片的边长（像素）。"))
    ] = 640,
    set_: Set = None,
    json_: AsJson = False,
) -> None:
    from xr_app.runtime.relaunch import relaunch_for_simulated_headset

    relaunch_for_simulated_headset(simulated=True)
    from rich.console import Console

    from conversation.user_settings import conversation_settings
    from xr_app.talk_options import TalkOptions
    from xr_app.user_settings import flags, settings_at_start
    from xr_app.user_settings.sections import chosen_avatar
    from xr_app.visit.visit import visit

    settings = settings_at_start(flags({}, llm_url=None, llm_model=None, others=set_, avatar=avatar))
    options = TalkOptions(
        avatar=chosen_avatar(settings.values),
        film=record,
        film_size=film_size,
        settings=conversation_settings(settings.values, reader="en"),
    )
    done = visit(options, report=report, pictures=pictures)
    if json_:
        print(done.json())
    else:
        done.show(Console())
    if not done.ok:
        raise typer.Exit(1)
