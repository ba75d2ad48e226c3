"""`visavis settings`: what is set, where that comes from, and how it is changed."""

from __future__ import annotations

import json
from typing import Annotated

import click
import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

SET_EXAMPLES = "\n\nvisavis settings set conversation.language zh\n\nvisavis settings set llm.smollm2.threads 2"
settings_app = typer.Typer(
    no_args_is_help=True, help=tr("Settings: avatar, engines, persona, welcome.", "设置：形象、引擎、人设、欢迎语。")
)
Name = Annotated[str, typer.Argument(metavar="KEY", help=tr("Such as llm.server.url.", "例如 llm.server.url。"))]


@settings_app.command(
    "show", help=tr("Every setting, its value, and where that comes from.", "所有设置、当前值及其来源。")
)
def settings_show(
    section: Annotated[
        str | None,
        typer.Argument(help=tr("Only what is in this section, such as llm.server.", "只看这一节，例如 llm.server。")),
    ] = None,
    json_: AsJson = False,
) -> None:
    from xr_app.tables import print_table
    from xr_app.user_settings import user_settings
    from xr_app.user_settings.sections import SCHEMA

    wanted = [key for key in SCHEMA.keys if section is None or f"{key.name}.".startswith(f"{section}.")]
    if not wanted:
        SCHEMA.key(section or "")  # tells what was meant
    loaded = user_settings()
    rows = [
        {
            "key": key.name,
            "value": loaded.value(key.name),
            "from": loaded.origins.get(key.name, "default"),
            "default": key.default,
            "takes": key.takes,
            "means": key.meaning,
        }
        for key in wanted
    ]
    if json_:
        print(json.dumps({"file": str(loaded.path), "settings": rows}, indent=2, ensure_ascii=False))
        return
    columns = tr("setting", "设置"), tr("value", "值"), tr("from", "来源")
    lines = [[row["key"], json.dumps(row["value"], ensure_ascii=False), row["from"]] for row in rows]
    print_table(str(loaded.path), columns, lines)


@settings_app.command("get", help=tr("The value of one setting.", "一项设置的当前值。"))
def settings_get(key: Name, json_: AsJson = False) -> None:
    from xr_app.user_settings import user_settings
    from xr_app.user_settings.sections import SCHEMA

    value = user_settings().value(SCHEMA.key(key).name)
    print(value if isinstance(value, str) and not json_ else json.dumps(value, ensure_ascii=False))


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
    from conversation.user_settings import parsed
    from xr_app.user_settings import set_setting
    from xr_app.user_settings.sections import SCHEMA

    tell(set_setting(key, parsed(key, value, SCHEMA)))


@settings_app.command("reset", help=tr("Take one setting out of the file again.", "恢复一项设置的默认值。"))
def settings_reset(key: Name) -> None:
    from xr_app.user_settings import set_setting

    tell(set_setting(key, None))


@settings_app.command(
    "edit",
    help=tr(
        "Open the file in your editor (VISUAL, EDITOR); what is not right is not saved.",
        "用编辑器（VISUAL、EDITOR）打开设置文件；有误的内容不会保存。",
    ),
)
def settings_edit() -> None:
    from assets.paths import settings_file
    from xr_app.errors import OptionError
    from xr_app.user_settings.editing import edit

    def editor(text: str) -> str | None:
        try:
            return click.edit(text, extension=".toml")
        except click.ClickException as error:
            raise OptionError(
                tr(
                    f"{error.message}: set VISUAL to an editor of yours.",
                    f"{error.message}：请设置 VISUAL。",
                )
            ) from None

    def again(problem: str) -> bool:
        typer.echo(problem, err=True)
        return typer.confirm(tr("Edit it again?", "重新编辑？"), default=True, err=True)

    path = settings_file()
    written = edit(path, editor, again)
    print(tr(f"{path}: written", f"{path}：已保存") if written else tr("Nothing is changed.", "没有改动。"))


@settings_app.command("page", help=tr("The page about settings, docs/settings.md.", "设置说明页（docs/settings.md）。"))
def settings_page() -> None:
    from xr_app.user_settings.page import page

    print(page(), end="")


def tell(sentence: str) -> None:
    """What the user has to know beside what a command says; nothing where it is empty."""
    if sentence:
        typer.echo(f"visavis: {sentence}", err=True)
