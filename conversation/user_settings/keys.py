"""What a settings file may say: sections, composed of those who read them, and every setting in them.

A section is a frozen msgspec Struct; each of its fields is a setting, with default, bounds and meaning beside it.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import inspect

from conversation.errors import SettingsError

Path = tuple[str, ...]
"""Of a setting or a section: `("llm", "server", "url")`."""


@dataclass(frozen=True)
class Key:
    """One setting."""

    name: str
    """With its sections: `llm.server.url`."""
    type: Any
    """As its section declares it, with its bounds."""
    default: Any

    @property
    def kind(self) -> inspect.Type:
        """Its type without what is said about it."""
        kind = inspect.type_info(self.type)
        return kind.type if isinstance(kind, inspect.Metadata) else kind

    @property
    def meaning(self) -> str:
        """What it is for, in a sentence."""
        kind = inspect.type_info(self.type)
        said = kind.extra_json_schema if isinstance(kind, inspect.Metadata) else None
        return str((said or {}).get("description", ""))

    @property
    def takes(self) -> str:
        """What it can be, in words: `a whole number from 1 to 64`."""
        return _in_words(self.kind)

    def right(self, value: object) -> bool:
        """Whether it can be that."""
        try:
            msgspec.convert(value, self.type)
            msgspec.json.encode(value)  # refuses what a terminal makes of bytes that are no UTF-8
        except (msgspec.ValidationError, UnicodeEncodeError):
            return False
        return True


class Schema:
    """Sections by name, and what follows from them."""

    def __init__(self, sections: Mapping[str, type[msgspec.Struct]]) -> None:
        self.file: Final = msgspec.defstruct(
            "visavis_toml",
            [(name, section, section()) for name, section in sections.items()],
            frozen=True,
            forbid_unknown_fields=True,
        )
        """The whole file, as a Struct of the sections."""
        found = [one for name, section in sections.items() for one in _keys(section, section(), (name,))]
        self.keys: Final = tuple(found)
        """Every setting, in the order of the sections."""
        self._by_path = {tuple(key.name.split(".")): key for key in found}
        self._sections = {path[:n] for path in self._by_path for n in range(1, len(path))}

    def key(self, name: str) -> Key:
        """The setting called `name`; SettingsError, with the nearest name, where there is none."""
        found = self._by_path.get(tuple(name.split(".")))
        if found is None:
            raise SettingsError(f"There is no setting called {name!r}; {self._nearest((), name)}")
        return found

    def problems(self, content: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, str]]:
        """Where `content` is not right, and in words what is not."""
        for part, value in content.items():
            path = (*above, part)
            name = ".".join(path)
            if path in self._sections:
                if isinstance(value, Mapping):
                    yield from self.problems(value, path)
                else:
                    yield path, f"{name} is a section; write [{name}], and its settings below."
            elif (key := self._by_path.get(path)) is None:
                yield path, f"there is no setting called {name!r}; {self._nearest(above, name)}"
            elif not key.right(value):
                yield path, f"{name} is {_shown(value)} and must be {key.takes}."

    def _nearest(self, above: Path, name: str) -> str:
        there = [key.name for path, key in self._by_path.items() if path[: len(above)] == above]
        near = difflib.get_close_matches(name, there, 1, 0.5)
        return f"did you mean {near[0]}?" if near else "`visavis settings show` lists them."


def _keys(section: type[msgspec.Struct], defaults: Any, path: Path) -> Iterator[Key]:
    for field, declared in get_type_hints(section, include_extras=True).items():
        default = getattr(defaults, field)
        if isinstance(default, msgspec.Struct):
            yield from _keys(type(default), default, (*path, field))
        else:
            yield Key(".".join((*path, field)), declared, default)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) < 60 else f"{shown[:56]} …"


def _in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(json.dumps(value) for value in values)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return f"a whole number from {kind.ge} to {kind.le}"
        case inspect.FloatType():
            return f"a number {f'above {kind.gt:g}' if kind.ge is None else f'from {kind.ge:g}'} to {kind.le:g}"
        case inspect.StrType(pattern=str()):
            return "an address with http:// or https://, in quotes"
        case inspect.StrType():
            return f"text in quotes, at most {kind.max_length} letters long" if kind.max_length else "text in quotes"
        case inspect.ListType():
            return "a list of texts in quotes"
        case _:
            return "a table"
