"""visavis.toml as text: what it says, and the line in which each setting stands.

Beside it lies `visavis.toml.bak`, what it said when it was last right (writing.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from conversation.errors import BrokenSettingsError, SettingsError

LARGEST: Final = 1 << 16
"""Bytes of a file that is read."""
_WHERE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_PIECES: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[{]|[\]}]|\n', re.DOTALL
)
"""What decides where a statement of a file that is right TOML ends: texts, remarks, brackets, ends of lines."""

Where = dict[tuple[str, ...], int]
"""The line, from 1, in which each section and setting begins."""


def backup(path: Path) -> Path:
    """Where the last right file is kept."""
    return path.with_name(f"{path.name}.bak")


def read(path: Path) -> tuple[dict[str, Any], Where]:
    """What the file holds; nothing where there is none. SettingsError where it cannot be read; BrokenSettingsError
    where it is no TOML, or empty where there were settings."""
    raw = bytes_of(path)
    if raw == b"" and backup(path).exists():
        raise BrokenSettingsError(f"{path}, line 1: the file is empty", "remove it if you want the defaults")
    return parse(text_of(raw, path), path)


def bytes_of(path: Path) -> bytes | None:
    """The file as it is; None where there is none. Raises SettingsError."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): make it readable, or remove it.") from None
    if len(raw) > LARGEST:
        line = raw[:LARGEST].count(b"\n") + 1
        raise BrokenSettingsError(
            f"{path} goes on after line {line}, where it is larger than {LARGEST >> 10} kB",
            "settings are never that long, so shorten it",
        )
    return raw


def text_of(raw: bytes | None, path: Path) -> str:
    """Its letters. Raises BrokenSettingsError."""
    raw = raw or b""
    try:
        # Editors on Windows begin a file with a mark and end lines with two characters.
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BrokenSettingsError(f"{path}, line {line}: this is not UTF-8", "save the file as UTF-8") from None


def parse(text: str, path: Path) -> tuple[dict[str, Any], Where]:
    """What `text`, of the file at `path`, says. Raises BrokenSettingsError."""
    try:
        return tomllib.loads(text), _lines(text)
    except tomllib.TOMLDecodeError as error:
        said, line, column = _taken_apart(str(error))
        line = line or text.rstrip().count("\n") + 1
        raise BrokenSettingsError(
            f"{path}, line {line}: this is not TOML ({said}, {column})", "correct it there"
        ) from None
    except (RecursionError, ValueError):  # the latter for numbers of thousands of digits
        raise BrokenSettingsError(
            f"{path}, line {_too_much(text)}: this nests too deeply, or is too long, for a setting", "correct it there"
        ) from None


def _taken_apart(message: str) -> tuple[str, int, str]:
    """Of the parser's message: what is wrong, the line, the column in words; line 0 is the last one."""
    found = _WHERE.search(message)
    if found is None or found[1] is None:
        return message[: found.start()] if found else message, 0, "where the file ends"
    return message[: found.start()], int(found[1]), f"column {found[2]}"


def _too_much(text: str) -> int:
    """The first line, from 1, by which the parser gives up for another reason than that the text is no TOML."""
    ends = [place for place, letter in enumerate(text) if letter == "\n"] + [len(text)]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        try:
            tomllib.loads(text[: ends[middle]])
            low = middle + 1
        except tomllib.TOMLDecodeError:
            low = middle + 1
        except (RecursionError, ValueError):
            high = middle
    return low + 1


def _lines(text: str) -> Where:
    """Statement by statement, each under the header of its table."""
    where: Where = {}
    header = ""
    for line, statement in statements(text):
        is_header = statement.lstrip().startswith("[")
        header = statement if is_header else header
        for path in _paths(tomllib.loads(statement if is_header else f"{header}\n{statement}"), ()):
            where.setdefault(path, line)
    return where


def statements(text: str) -> Iterator[tuple[int, str]]:
    """The line in which each begins, and its text."""
    begin, line, depth = 0, 1, 0
    for piece in _PIECES.finditer(text):
        match piece[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "\n" if depth == 0:
                statement = text[begin : piece.start()]
                yield line, statement
                line += statement.count("\n") + 1
                begin = piece.end()
    yield line, text[begin:]


def _paths(table: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in table.items():
        yield (*above, name)
        if isinstance(value, Mapping):
            yield from _paths(value, (*above, name))
