"""`visavis settings`: what is set, where that comes from, and how it is changed."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

SET_EXAMPLES = "\n\nvisavis settings set conversation.language zh\n\nvisavis settings set llm.smollm2.threads 2"
settings_app = typer.Typer(
    no_args_is_help=True, help=tr("Settings: engines, persona, welcome.", "设置：引擎、人设、欢迎语。")
)
Name = Annotated[str, typer.Argument(metavar="KEY", help=tr("Such as llm.server.url.", "例如 llm.server.url。"))]


@settings_app.command(
    "show", help=tr("Every setting, its value, and where that comes from.", "所有设置、当前值及其来源。")
)
def settings_show(json_: AsJson = False) -> None:
    from conversation.user_settings import keys
    from xr_app.tables import print_table
    from xr_app.user_settings import user_settings

    loaded = user_settings()
    rows = [
        {"key": key.name, "value": loaded.value(key.name), "from": loaded.origins.get(key.name, "default")}
        for key in keys()
    ]
    if json_:
        print(json.dumps({"file": str(loaded.path), "settings": rows}, indent=2, ensure_ascii=False))
        return
    columns = tr("setting", "设置"), tr("value", "值"), tr("from", "来源")
    lines = [[row["key"], json.dumps(row["value"], ensure_ascii=False), row["from"]] for row in rows]
    print_table(str(loaded.path), columns, lines)


@settings_app.command("path", help=tr("Where the file is, or would be.", "设置文件的位置。"))
def settings_path() -> None:
    from assets.paths import settings_file

    print(settings_file())


@settings_app.command(
    "check",
    help=tr("Read the file; exit code 1, and the line, where something is wrong.", "检查文件；有误时退出码为 1。"),
)
def settings_check() -> None:
    from conversation.user_settings import conversation_settings
    from xr_app.user_settings import user_settings

    loaded = user_settings()
    conversation_settings(loaded.values)
    there = tr(f"{len(loaded.origins)} settings", f"{len(loaded.origins)} 项设置")
    print(
        f"{loaded.path}: {there}" if loaded.path.exists() else tr("There is no file: defaults.", "没有文件：默认值。")
    )


@settings_app.command("devices", help=tr("Microphones and loudspeakers of this machine.", "本机的麦克风和扬声器。"))
def settings_devices(json_: AsJson = False) -> None:
    from conversation.audio.devices import device_names, every_device
    from xr_app.user_settings import user_settings

    devices = every_device()
    if json_:
        print(json.dumps(devices, indent=2, ensure_ascii=False))
        return
    chosen = user_settings().values.audio
    used = device_names(chosen.microphone, chosen.speaker)
    for kind, names in devices.items():
        print(f"audio.{kind}")
        print("\n".join(f"{'*' if name == used[kind] else ' '} {name}" for name in names) or tr("  none", "  没有"))
    print(tr("* is used.", "* 为正在使用。"))


@settings_app.command(
    "set", help=tr("Write one setting into the file." + SET_EXAMPLES, "把一项设置写入文件。" + SET_EXAMPLES)
)
def settings_set(key: Name, value: Annotated[str, typer.Argument(help=tr("What it shall be.", "新的值。"))]) -> None:
    from assets.paths import settings_file
    from conversation.user_settings import parsed, save

    save(settings_file(), key, parsed(key, value))


@settings_app.command("reset", help=tr("Take one setting out of the file again.", "恢复一项设置的默认值。"))
def settings_reset(key: Name) -> None:
    from assets.paths import settings_file
    from conversation.user_settings import save

    save(settings_file(), key, None)
