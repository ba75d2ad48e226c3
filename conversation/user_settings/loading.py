"""visavis.toml and what was said on the command line → settings that are all there and all within their bounds."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from conversation.errors import SettingsError
from conversation.user_settings import toml_file
from conversation.user_settings.schema import FILE, Key, keys

Place = Callable[[tuple[str, ...]], str]
"""Where something stands, for a message."""


@dataclass(frozen=True)
class Loaded:
    """Settings, and who said what."""

    path: Path
    values: Any
    """A schema.FILE."""
    origins: dict[str, str]
    """By name of a setting: `line 3`, or the flag. What is not here has its default."""

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


def load(path: Path, flags: tuple[Flag, ...] = ()) -> Loaded:
    """What the file at `path` says, under what `flags` say; defaults for the rest and where there is no file.

    Raises SettingsError, one sentence with the file and line, or the flag, that is wrong.
    """
    content, where = toml_file.read(path)

    def place(at: tuple[str, ...]) -> str:
        line = next((where[at[:n]] for n in range(len(at), 0, -1) if at[:n] in where), None)
        return f"{path}, line {line}" if line else str(path)

    converted(content, place)
    origins = {name: f"line {where[at]}" for name in _names() if (at := tuple(name.split("."))) in where}
    for flag in flags:
        alone: dict[str, Any] = {}
        put(alone, flag.name, flag.value)
        converted(alone, _always(flag.flag))
        put(content, flag.name, flag.value)
        origins[flag.name] = flag.flag
    return Loaded(path, converted(content, place), origins)


def save(path: Path, name: str, value: object | None) -> None:
    """Write one setting into the file; None takes it out. SettingsError where name or value is not right."""
    key(name)
    toml_file.change(path, name, value, lambda content: converted(content, _always("Nothing is written")))


def key(name: str) -> Key:
    """The setting called `name`; SettingsError, with the nearest name, where there is none."""
    found = next((known for known in keys() if known.name == name), None)
    if found is None:
        raise SettingsError(f"There is no setting called {name!r}: {_nearest(name, _names())}")
    return found


def parsed(name: str, text: str) -> object:
    """What a person wrote on the command line as a value of the setting `name`; text needs no quotes there."""
    kind = key(name).kind
    if isinstance(kind, msgspec.inspect.StrType | msgspec.inspect.LiteralType):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # and is refused as that, in the words that fit the setting


def put(content: dict[str, Any], name: str, value: object) -> None:
    """Set `name` in nested tables."""
    *sections, last = name.split(".")
    for section in sections:
        content = content.setdefault(section, {})
    content[last] = value


def converted(content: Mapping[str, Any], place: Place) -> Any:
    """`content` as a schema.FILE; `place(path)` says where something stands, for the message of the SettingsError."""
    try:
        return msgspec.convert(content, FILE)
    except msgspec.ValidationError as error:
        raise _explained(str(error), content, place) from None


def _explained(message: str, content: Mapping[str, Any], place: Place) -> SettingsError:
    found = re.search(r" - at `\$\.?(.*)`$", message)
    at = tuple(re.sub(r"\[[^]]*\]", "", found[1]).split(".")) if found and found[1] else ()
    unknown = re.match(r"Object contains unknown field `(.*)`$", message[: found.start()] if found else message, re.S)
    if unknown:
        whole = (*at, unknown[1])
        name, known = ".".join(whole), [k for k in _names() if k.startswith("".join(f"{part}." for part in at))]
        return SettingsError(
            f"{place(whole)}: there is no setting called {name!r}; {_nearest(name, known or _names())}"
        )
    name = ".".join(at)
    wrong = next((known for known in keys() if known.name == name), None)
    if wrong is None:
        return SettingsError(f"{place(at)}: {name} is a section; write [{name}], and its settings below.")
    value: Any = content
    for part in at:
        value = value[part]
    shown = repr(value) if len(repr(value)) < 60 else f"{repr(value)[:56]} …"
    return SettingsError(f"{place(at)}: {name} is {shown} and must be {wrong.takes}.")


def _always(place: str) -> Place:
    return lambda at: place


def _names() -> list[str]:
    return [known.name for known in keys()]


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else "`visavis settings show` lists them."
