"""The text of visavis.toml with one setting changed: remarks, order and all other settings stay.

There are several ways to write a setting and a file may forbid some; what each makes is read again, and the first that
says what it must is taken.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from conversation.user_settings.toml_file import statements


def changed_text(text: str, content: dict[str, Any], at: tuple[str, ...], value: object | None) -> str | None:
    """The new text; None where there is none that says what it must and keeps all else as it was."""
    try:
        wanted = copy.deepcopy(content)
        _put(wanted, at, value, lambda above, last: {})
        wanted_plain = _plain(wanted)
    except (RecursionError, ValueError):
        return None
    for way in (_added, _in_document):
        try:
            changed = way(text, content, at, value)
            if changed is not None and _plain(tomllib.loads(changed)) == wanted_plain:
                return changed
        except (TOMLKitError, RecursionError, ValueError, TypeError, AttributeError, LookupError):
            continue
    return None


def as_toml(value: object) -> str:
    """A value as it is written behind `=`."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return str(tomlkit.item(value).as_string())


def _added(text: str, content: dict[str, Any], at: tuple[str, ...], value: object | None) -> str | None:
    """A setting that the file has not yet, below its remark or the last of its section, or in a new section at the end:
    the library takes the remarks above a section for a part of the one before."""
    *sections, name = at
    lines, header, place, remarked = text.split("\n"), list[str](), 0, False
    if value is None or ((held := _at(content, sections)) is not None and name in held):
        return None
    for line, statement in statements(text):
        if statement.lstrip().startswith("["):
            header = _header(tomllib.loads(statement))
            begins = header == sections
        elif header != sections or remarked:
            continue
        else:
            remarked = re.match(rf"\s*#\s*{re.escape(name)}\s*=", statement) is not None
            begins = remarked or not re.match(r"\s*(#|$)", statement)
        place = line + statement.count("\n") if begins else place
    written = f"{name} = {as_toml(value)}"
    if place:
        return "\n".join([*lines[:place], written, *lines[place:]]).rstrip("\n") + "\n"
    above = text.rstrip("\n")
    return (f"{above}\n\n" if above else "") + f"[{'.'.join(sections)}]\n{written}\n"


def _in_document(text: str, content: dict[str, Any], at: tuple[str, ...], value: object | None) -> str | None:
    """By the library that keeps remarks and order."""
    document = tomlkit.parse(text)
    _put(document, at, value, _new_table)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _new_table(above: Any, last: bool) -> Any:
    return tomlkit.inline_table() if isinstance(above, InlineTable) else tomlkit.table(is_super_table=not last)


def _header(table: Any) -> list[str]:
    """The names that a header, read alone, consists of."""
    names = []
    while isinstance(table, Mapping) and table:
        ((name, table),) = table.items()
        names.append(name)
    return names


def _at(content: Any, sections: list[str]) -> Mapping[str, Any] | None:
    for section in sections:
        content = content.get(section) if isinstance(content, Mapping) else None
    return content if isinstance(content, Mapping) else None


def _put(table: Any, at: tuple[str, ...], value: object | None, new: Callable[[Any, bool], Any]) -> None:
    """Set or take out what stands at `at`; `new` makes a table, told above it and whether it is to hold settings."""
    *sections, last = at
    for section in sections:
        if not isinstance(table.get(section), Mapping):
            if value is None:
                return
            table[section] = new(table, section == sections[-1])
        table = table[section]
    if value is None:
        table.pop(last, None)
    else:
        table[last] = value


def _plain(content: Mapping[str, Any]) -> str:
    """What it says, whatever its order; sections with nothing in them say nothing."""
    return json.dumps(_full(content), sort_keys=True, default=repr)


def _full(content: Mapping[str, Any]) -> dict[str, Any]:
    full = {name: _full(value) if isinstance(value, Mapping) else value for name, value in content.items()}
    return {name: value for name, value in full.items() if value != {}}
