"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.headset import Headset
from xr_app.texts import tr

Microphone = Annotated[
    str | None,
    typer.Option(
        "--microphone",
        metavar="NAME",
        help=tr("A part of its name (visavis settings devices).", "名称的一部分（visavis settings devices）。"),
    ),
]
Speaker = Annotated[
    str | None, typer.Option("--speaker", metavar="NAME", help=tr("The same of the loudspeaker.", "扬声器，同上。"))
]
AsJson = Annotated[bool, typer.Option("--json", help=tr("Print JSON for programs.", "输出 JSON 供程序读取。"))]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        help=tr(
            "Draw the curves into this PNG or SVG (needs pip install 'visavis\\[bench]').",
            "把曲线画进这个 PNG 或 SVG（需要 pip install 'visavis\\[bench]'）。",
        ),
    ),
]
AvatarFile = Annotated[
    Path | None,
    typer.Option(
        "--avatar", help=tr("An avatar: a file or a name; mira by default.", "形象：文件或名字；默认为 mira。")
    ),
]
HeadsetChoice = Annotated[
    Headset,
    typer.Option(
        "--headset",
        help=tr(
            "auto: the one that is connected, else a simulated one; window: on the desktop; none: for a film.",
            "auto：已连接的头显，否则模拟头显；window：桌面窗口；none：只拍影片。",
        ),
    ),
]
Aim = Annotated[
    str, typer.Option("--aim", help=tr("What to look at: body, upper or face.", "看哪里：body、upper 或 face。"))
]

_ENGINE = "NAME"
Asr = Annotated[
    str | None,
    typer.Option("--asr", metavar=_ENGINE, help=tr("Engine that turns speech into text.", "语音转文字的引擎。")),
]
Llm = Annotated[
    str | None, typer.Option("--llm", metavar=_ENGINE, help=tr("Engine that thinks of an answer.", "思考回答的引擎。"))
]
Tts = Annotated[str | None, typer.Option("--tts", metavar=_ENGINE, help=tr("Engine that speaks.", "说话的引擎。"))]
A2bs = Annotated[
    str | None, typer.Option("--a2bs", metavar=_ENGINE, help=tr("Engine that moves the face.", "驱动面部的引擎。"))
]
LlmUrl = Annotated[
    str | None,
    typer.Option("--llm-url", help=tr("Server that thinks of an answer (docs/servers.md).", "思考回答的服务器。")),
]
LlmModel = Annotated[
    str | None,
    typer.Option("--llm-model", help=tr("The model of the engine that thinks.", "思考引擎所用的模型。")),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help=tr("Any other setting, for this talk alone; repeatable.", "仅用于本次谈话的其他设置，可重复。"),
    ),
]
