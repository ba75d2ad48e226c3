"""The user's settings, as the app's commands and its menu take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assets.paths import settings_file
from conversation.user_settings import Flag, Loaded, load, load_last_right, parsed, save
from xr_app.errors import OptionError
from xr_app.texts import tr
from xr_app.user_settings.sections import SCHEMA


def user_settings(given: Sequence[Flag] = ()) -> Loaded:
    """The settings file under what was given on the command line; SettingsError where one of them is not right."""
    return load(settings_file(), tuple(given), SCHEMA)


def settings_at_start(given: Sequence[Flag] = ()) -> Loaded:
    """The same for a session: where the file is no TOML, as when half of it was written, what it said when it was last
    right, and `told` says so."""
    return load_last_right(settings_file(), tuple(given), SCHEMA)


def set_setting(name: str, value: object | None) -> str:
    """Write one setting into the file, at any time and from any process; None takes it out. What the user has to be
    told in a sentence, or nothing. Forces the file onto the disk: not for the thread of the frames.

    SettingsError, with file and line, where name or value is not right, or the file cannot be written.
    """
    return save(settings_file(), name, value, SCHEMA)


def flags(
    engines: Mapping[str, str | None],
    *,
    llm_url: str | None,
    llm_model: str | None,
    others: Sequence[str] | None,
    avatar: Path | None = None,
    mirror: bool | None = None,
) -> list[Flag]:
    """What `visavis run` was given, as settings: engines by stage, and KEY=VALUE. Raises SettingsError, OptionError."""
    given = []
    for other in others or ():
        name, equals, text = other.partition("=")
        if not equals:
            raise OptionError(tr(f"--set {other}: write KEY=VALUE.", f"--set {other}：请写成 KEY=VALUE。"))
        given.append(Flag("--set", name, parsed(name, text, SCHEMA)))
    if avatar is not None:
        given.append(Flag("--avatar", "avatar.name", str(avatar)))
    if mirror is not None:
        given.append(Flag("--mirror" if mirror else "--no-mirror", "display.mirror", mirror))
    if llm_url is not None:
        given += [Flag("--llm-url", "llm.engine", "server"), Flag("--llm-url", "llm.server.url", llm_url)]
    given += [Flag(f"--{stage}", f"{stage}.engine", name) for stage, name in engines.items() if name is not None]
    if llm_model is not None:
        engine = settings_at_start(given).value("llm.engine")
        name = f"llm.{engine}.model"
        if name not in {key.name for key in SCHEMA.keys}:
            raise OptionError(
                tr(
                    f"The engine {engine} has one model only: choose another with --llm, or give --llm-url.",
                    f"引擎 {engine} 只有一个模型：请用 --llm 另选引擎，或给出 --llm-url。",
                )
            )
        given.append(Flag("--llm-model", name, llm_model))
    return given
