"""visavis.toml as a file: read with the line of each setting, written whole or not at all, comments kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import tomlkit

from conversation.errors import SettingsError

LARGEST: Final = 1 << 16
"""Bytes of a file that is read."""

Where = dict[tuple[str, ...], int]
"""The line, from 1, in which each section and setting begins."""


def read(path: Path) -> tuple[dict[str, Any], Where]:
    """What the file holds; nothing where there is none. SettingsError where it cannot be read or is no TOML."""
    text = _text(path)
    try:
        return tomllib.loads(text), _lines(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not right TOML: {error}. Correct it there.") from None
    except RecursionError:
        raise SettingsError(f"{path} nests tables too deeply to be settings: correct it there.") from None


def change(path: Path, name: str, value: object | None, check: Callable[[dict[str, Any]], object]) -> None:
    """Set `name` (`llm.server.url`) to `value`, or take it out of the file where that is None.

    All else in the file stays as it is. `check` is called with what would be written and may refuse it by raising.
    The old file stays until the new one is complete. SettingsError where it cannot be read or written.
    """
    read(path)
    document = tomlkit.parse(_text(path))
    *sections, last = name.split(".")
    table: Any = document
    for section in sections:
        if not isinstance(table.get(section), Mapping):
            if value is None:
                return
            table[section] = tomlkit.table(is_super_table=section != sections[-1])
        table = table[section]
    if value is None:
        table.pop(last, None)
    else:
        table[last] = value
    text = tomlkit.dumps(document).rstrip("\n") + "\n"
    check(tomllib.loads(text))
    _write(path.resolve(), text)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): make it readable, or remove it.") from None
    if len(content) > LARGEST:
        raise SettingsError(f"{path} is larger than {LARGEST >> 10} kB: settings are never that long, so remove it.")
    try:
        # Editors on Windows begin a file with a mark and end lines with two characters.
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}, line {line}: this is not UTF-8; save the file as UTF-8.") from None


def _write(path: Path, text: str) -> None:
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".visavis-", delete=False) as f:
            draft = Path(f.name)
            f.write(text)
            f.flush()
            os.fsync(f.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except OSError as error:
        if draft is not None:
            with contextlib.suppress(OSError):
                draft.unlink()
        raise SettingsError(f"{path} cannot be written ({error.strerror}): make room or make it writable.") from None


def _lines(text: str) -> Where:
    """Statement by statement, each under the header of its table."""
    where: Where = {}
    header, statement, start = "", list[str](), 1
    for number, line in enumerate(text.split("\n"), 1):
        start = start if statement else number
        statement.append(line)
        body = "\n".join(statement)
        is_header = body.lstrip().startswith("[")
        try:
            table = tomllib.loads(body if is_header else f"{header}\n{body}")
        except tomllib.TOMLDecodeError:
            continue  # a value that goes on in the next line
        header, statement = body if is_header else header, []
        for path in _paths(table, ()):
            where.setdefault(path, start)
    return where


def _paths(table: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in table.items():
        yield (*above, name)
        if isinstance(value, Mapping):
            yield from _paths(value, (*above, name))
