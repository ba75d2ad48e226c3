"""`visavis models`: what the conversation runs on, how it comes here, and how it goes."""

from __future__ import annotations

import json
import os
from typing import Annotated, Any

import typer

from assets.hub.repositories import Hub
from xr_app.cli.convert import CONVERT_HELP, models_convert
from xr_app.cli.lora import LORA_HELP, models_lora
from xr_app.cli.options import AsJson
from xr_app.texts import language, tr

models_app = typer.Typer(no_args_is_help=True, help=tr("The models of the conversation.", "对话所用的模型。"))

models_app.command("convert", help=CONVERT_HELP)(models_convert)
models_app.command("lora", help=LORA_HELP)(models_lora)

GET_EXAMPLES = (
    "\n\nvisavis models get"
    "\n\nvisavis models get qwen2.5-1.5b --from modelscope"
    "\n\nHF_ENDPOINT=https://MIRROR visavis models get supertonic --from huggingface"
)


@models_app.command(
    "list",
    help=tr(
        "List the models (what each is for, where it comes from, its licence, its size, whether it is here) and the "
        "engines (what each needs, whether that is here, which are chosen).",
        "列出模型（用途、来源、许可、大小、是否已就绪）和引擎（所需、是否已就绪、已选用的引擎）。",
    ),
)
def models_list(json_: AsJson = False) -> None:
    from assets import catalogue
    from xr_app.tables import print_table

    rows = [*(_row(model) for model in catalogue.every_model()), *_folder_rows()]
    engines = _engine_rows()
    if json_:
        print(json.dumps(rows + engines, indent=2, ensure_ascii=False))
        return
    here, missing = tr("here", "已就绪"), tr("missing: visavis models get", "缺失：visavis models get")
    columns = tr("name", "名称"), tr("what for", "用途"), tr("from", "来源"), tr("licence", "许可"), "MB", ""
    lines = []
    for row in rows:
        state = here if row["ready"] else missing if row["starter"] else tr("further", "可选")
        places = ", ".join(place.partition(":")[0] for place in row["source"])
        lines.append([row["name"], row["title"], places, row["licence"], f"{row['bytes'] / 1e6:.0f}", state])
    print_table(tr("Models", "模型"), columns, lines)
    lines = []
    for row in engines:
        lacking = tr("missing: ", "缺失：") + ", ".join(row["missing"])
        state = lacking if row["missing"] else tr("chosen", "已选用") if row["chosen"] else tr("ready", "可用")
        lines.append([row["stage"], row["name"], row["title"], ", ".join(row["needs"]), state])
    columns_of_engines = tr("stage", "环节"), tr("engine", "引擎"), tr("what", "说明"), tr("needs", "需要"), ""
    print_table(tr("Engines", "引擎"), columns_of_engines, lines)


def _engine_rows() -> list[dict[str, Any]]:
    """One engine each for programs; `missing` is what it needs and this machine lacks."""
    from conversation.engines.registry import ENGINES
    from conversation.user_settings import engines_in_use
    from conversation.user_settings.schema import options_of
    from xr_app.user_settings import user_settings

    loaded = user_settings()
    chosen = engines_in_use(loaded.values)
    return [
        {
            "kind": "engine",
            "stage": engine.stage,
            "name": engine.name,
            "title": engine.title,
            "needs": [*engine.models, *engine.modules, *engine.settings],
            "missing": engine.missing(options_of(loaded.values, engine))
            + [name for name in engine.settings if not loaded.value(name)],
            "chosen": engine in chosen,
        }
        for engine in ENGINES
    ]


def _folder_rows() -> list[dict[str, Any]]:
    """The language model in a folder of the user's own, as `_row`, where the settings name one."""
    from conversation.engines.llm.llm_folder import folder_at, is_folder, problem_with
    from xr_app.user_settings import user_settings

    model = user_settings().values.llm.mnn.model
    if not is_folder(model):
        return []
    place = folder_at(model)
    size = sum(file.stat().st_size for file in place.glob("*") if file.is_file())
    row = {"kind": "model", "name": model, "licence": tr("see its folder", "见其文件夹"), "source": [str(place)]}
    state: dict[str, Any] = {
        "starter": False,
        "bytes": size,
        "ready": not problem_with(model),
        "trust": None,
        "sha256": {},
    }
    return [row | {"title": tr("your own language model", "自备的语言模型")} | state]


def _row(model: Any) -> dict[str, Any]:
    """One model for programs; `bytes` on this machine, or of what would be fetched, and `sha256` of that."""
    from assets import catalogue
    from assets.hub.repositories import HubModel

    record = catalogue.read_record(model.name)
    hashes: dict[str, str] = {}
    if isinstance(model, HubModel):
        source = [f"{hub.value}:{name}" for hub, name in model.repositories.items()]
        download = model.bytes
    elif isinstance(model, catalogue.OwnModel):
        source, download = list(record.source) if record else [], 0
    else:
        source = [f"{pin.name} {pin.version}" for pin in model.packages] or ["visavis"]
        download = sum(pin.bytes for pin in model.packages)
        hashes = {pin.file: pin.sha256 for pin in model.packages}
    if record:
        hashes = hashes | {path: entry.sha256 for path, entry in record.files.items()}
    return {
        "kind": "model",
        "name": model.name,
        "title": model.title,
        "licence": model.licence,
        "starter": model in catalogue.MODELS,
        "source": source,
        "bytes": sum(entry.bytes for entry in record.files.values()) if record else download,
        "ready": catalogue.is_ready(model.name),
        "trust": record.trust if record else None,
        "sha256": hashes,
    }


@models_app.command(
    "get",
    help=tr(
        "Fetch models, verified and resumed where a line broke; skips what is ready. Without a name: the starter "
        "conversation. What a hub lists is trusted when it is first fetched and must stay the same from then on."
        + GET_EXAMPLES,
        "下载模型（校验、断点续传）；已就绪的跳过。不带名称时下载入门对话所需的模型。"
        "模型库所列的哈希在首次下载时被信任，此后必须保持不变。" + GET_EXAMPLES,
    ),
)
def models_get(
    names: Annotated[
        list[str] | None, typer.Argument(help=tr("Which models; see `visavis models list`.", "哪些模型；见列表。"))
    ] = None,
    hub: Annotated[
        Hub | None,
        typer.Option("--from", help=tr("The hub; by default one after the other.", "模型库；默认依次尝试。")),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help=tr("Fetch nothing (or VISAVIS_OFFLINE=1).", "不联网下载。"))
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help=tr("Take a hub's newer files.", "接受模型库中更新的文件。"))
    ] = False,
) -> None:
    from assets import catalogue, fetch
    from assets.hub.sources import Sources
    from assets.progress import shown_on

    near = (Hub.modelscope, Hub.huggingface) if language(os.environ) == "zh" else (Hub.huggingface, Hub.modelscope)
    sources = Sources.of(os.environ, hubs=near if hub is None else (hub,), offline=offline, update=update)
    chosen = names or [model.name for model in catalogue.MODELS]
    with shown_on() as progress:
        fetch.models(chosen, progress, sources)
    for name in chosen:
        record = catalogue.read_record(name)
        if record and record.trust == catalogue.FIRST_USE:
            origin = ", ".join(f"{repository}@{commit}" for repository, commit in record.source.items())
            print(
                tr(
                    f"{name}: {origin}; its hashes are the hub's own word, kept since the first download.",
                    f"{name}：{origin}；哈希由模型库给出，自首次下载起记录并沿用。",
                )
            )


@models_app.command(
    "verify",
    help=tr(
        "Read every file of the models that are here and compare it with its recorded SHA-256.",
        "读取已有模型的每个文件，并与记录的 SHA-256 比较。",
    ),
)
def models_verify(
    names: Annotated[
        list[str] | None, typer.Argument(help=tr("Which models; by default all here.", "哪些模型；默认全部已有的。"))
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets import catalogue

    known = [model.name for model in catalogue.every_model()]
    chosen = names or [name for name in known if catalogue.read_record(name)]
    damaged = {name: catalogue.damaged_files(name) for name in chosen}
    ready = {name: catalogue.is_ready(name) for name in chosen}
    if json_:
        print(json.dumps([{"name": n, "ready": ready[n], "damaged": damaged[n]} for n in chosen], indent=2))
    for name in () if json_ else chosen:
        if damaged[name]:
            files = ", ".join(damaged[name])
            print(
                tr(
                    f"{name}: damaged ({files}); run `visavis models get {name}`",
                    f"{name}：已损坏（{files}）；请运行 `visavis models get {name}`",
                )
            )
        elif not ready[name]:
            print(
                tr(
                    f"{name}: not here; run `visavis models get {name}`",
                    f"{name}：尚未就绪；请运行 `visavis models get {name}`",
                )
            )
        else:
            print(tr(f"{name}: sound", f"{name}：完好"))
    if any(damaged.values()) or not all(ready.values()):
        raise typer.Exit(1)


@models_app.command(
    "remove",
    help=tr(
        "Remove models, their unfinished downloads, and the packages that they alone were made from.",
        "删除模型、未完成的下载，以及仅用于制作它们的软件包。",
    ),
)
def models_remove(names: Annotated[list[str], typer.Argument(help=tr("Which models.", "哪些模型。"))]) -> None:
    from assets import catalogue, fetch

    for name in names:
        catalogue.spec(name)
    for name in names:
        freed = fetch.remove(name) / 1e6
        print(tr(f"{name}: removed, {freed:.0f} MB freed", f"{name}：已删除，释放 {freed:.0f} MB"))


@models_app.command(
    "bench",
    help=tr(
        "Time the models of the conversation, each alone: seconds to load, and work over length of sound or tokens a "
        "second.",
        "逐个测量对话所用的模型：加载秒数，以及处理时间与声音长度之比或每秒词元数。",
    ),
)
def models_bench(
    names: Annotated[
        list[str] | None, typer.Argument(help=tr("Which models; by default all in use.", "哪些模型；默认全部。"))
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from conversation.measure.models import bench_each_model
    from conversation.user_settings import engines
    from xr_app.tables import print_figures
    from xr_app.user_settings import user_settings

    chosen = engines(user_settings().values)
    if json_:
        figures = bench_each_model(names or [], chosen, SilentProgress())
    else:
        with shown_on() as progress:
            figures = bench_each_model(names or [], chosen, progress)
    print_figures(figures, json_)
