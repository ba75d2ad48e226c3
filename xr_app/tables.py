"""Tables on the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A titled table, one row a line."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def print_figures(figures: Mapping[str, Any], as_json: bool) -> None:
    """Nested figures, as JSON or as one line each with a dotted name; rows of a table by their first figure."""
    if as_json:
        print(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    table = Table(show_header=False)
    for name, value in _flat(figures):
        table.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value))
    Console().print(table)


def _flat(figures: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            lines += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            for row in value:
                (_, first), *others = _flat(row)
                lines.append((f"{prefix}{name}.{first}", ", ".join(f"{key} {figure}" for key, figure in others)))
        else:
            lines.append((f"{prefix}{name}", value))
    return lines
