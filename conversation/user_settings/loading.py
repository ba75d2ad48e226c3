"""visavis.toml and what was said on the command line → settings that are all there and all within their bounds."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from conversation.errors import BrokenSettingsError, SettingsError
from conversation.user_settings import toml_file, writing
from conversation.user_settings.keys import Schema
from conversation.user_settings.schema import SCHEMA


@dataclass(frozen=True)
class Loaded:
    """Settings, and who said what."""

    path: Path
    values: Any
    """The sections, as attributes."""
    origins: dict[str, str]
    """By name of a setting: `line 3`, or the flag. What is not here has its default."""
    told: str = ""
    """What the user has to be told of the file, in a sentence."""

    def value(self, name: str) -> Any:
        """Of the setting called `name`."""
        value = self.values
        for part in name.split("."):
            value = getattr(value, part)
        return value


@dataclass(frozen=True)
class Flag:
    """A setting given on the command line."""

    flag: str
    """As it was given, for messages: `--llm`."""
    name: str
    value: object


def load(path: Path, flags: tuple[Flag, ...] = (), schema: Schema = SCHEMA) -> Loaded:
    """What the file at `path` says, under what `flags` say; defaults for the rest and where there is no file.

    Raises SettingsError, one sentence with the file and line, or the flag, that is wrong; BrokenSettingsError where the
    file is no TOML.
    """
    return _loaded(path, toml_file.read(path), flags, schema)


def load_last_right(path: Path, flags: tuple[Flag, ...] = (), schema: Schema = SCHEMA) -> Loaded:
    """As `load`, but where the file is no TOML, what it said when it was last right; `told` says so then. The broken
    file stays where it is. What is right is kept for the next time."""
    try:
        loaded = load(path, flags, schema)
    except BrokenSettingsError as broken:
        if not toml_file.backup(path).exists():
            raise
        try:
            content = toml_file.read(toml_file.backup(path))
        except SettingsError:
            raise broken from None
        told = f"{broken.what}: until you correct it, the settings that were last right hold."
        return replace(_loaded(toml_file.backup(path), content, flags, schema), told=told)
    writing.keep(path)
    return loaded


def check(text: str, path: Path, schema: Schema = SCHEMA) -> None:
    """Raise SettingsError, with the line, where `text` is not right as the file at `path`."""
    _loaded(path, toml_file.parse(text, path), (), schema)


def save(path: Path, name: str, value: object | None, schema: Schema = SCHEMA) -> str:
    """Write one setting into the file; None takes it out. Returns what the user has to be told: that the file was
    broken and where it is now, or nothing. SettingsError where name or value is not right, or the file."""
    schema.key(name)

    def refuse(content: dict[str, Any], where: toml_file.Where) -> None:
        at = tuple(name.split("."))
        _right(content, lambda of: "Nothing is written" if of == at else _line(path, where, of), schema)

    return writing.change(path, name, value, refuse)


def parsed(name: str, text: str, schema: Schema = SCHEMA) -> object:
    """What a person wrote on the command line as a value of the setting `name`; text needs no quotes there."""
    kind = schema.key(name).kind
    match kind:
        case msgspec.inspect.StrType():
            return text
        case msgspec.inspect.LiteralType(values=values):
            return next((value for value in values if str(value) == text), text)
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text  # and is refused as that, in the words that fit the setting


def put(content: dict[str, Any], name: str, value: object) -> None:
    """Set `name` in nested tables."""
    *sections, last = name.split(".")
    for section in sections:
        content = content.setdefault(section, {})
    content[last] = value


def _loaded(
    path: Path, read: tuple[dict[str, Any], toml_file.Where], flags: tuple[Flag, ...], schema: Schema
) -> Loaded:
    content, where = read
    _right(content, lambda at: _line(path, where, at), schema)
    origins = {key.name: f"line {where[at]}" for key in schema.keys if (at := tuple(key.name.split("."))) in where}
    for flag in flags:
        alone: dict[str, Any] = {}
        put(alone, flag.name, flag.value)
        _right(alone, lambda at, said=flag.flag: said, schema)  # type: ignore[misc]
        put(content, flag.name, flag.value)
        origins[flag.name] = flag.flag
    return Loaded(path, msgspec.convert(content, schema.file), origins)


def _right(content: Mapping[str, Any], place: Callable[[tuple[str, ...]], str], schema: Schema) -> None:
    """Raises SettingsError with what is wrong first; `place(path)` says where something stands."""
    for at, what in schema.problems(content):
        raise SettingsError(f"{place(at)}: {what}")


def _line(path: Path, where: toml_file.Where, at: tuple[str, ...]) -> str:
    """Where something stands, for a message; a section that is nowhere by itself, where the first of it does."""
    found = next((where[at[:n]] for n in range(len(at), 0, -1) if at[:n] in where), 1)
    return f"{path}, line {found}"
