"""A visavis.toml to begin with: every section, and every setting as a remark with its meaning and default."""

from __future__ import annotations

import textwrap
from typing import Final

from conversation.user_settings import Key, Schema
from conversation.user_settings.changed_text import as_toml

HEAD: Final = """\
# What is set here holds instead of the default. Take the sign # away before a setting that you change.
# `visavis settings check` tells what is not right; docs/settings.md holds the same list.
"""


def template(schema: Schema) -> str:
    """The file's text: right TOML that sets nothing."""
    lines, section = [HEAD], ""
    for key in schema.keys:
        table, _, name = key.name.rpartition(".")
        if table != section:
            lines.append(f"\n[{table}]\n")
            section = table
        lines += [f"# {line}\n" for line in textwrap.wrap(_said(key), 110)]
        lines.append(f"#{name} = {as_toml(key.default)}\n")
    return "".join(lines)


def _said(key: Key) -> str:
    return f"{key.meaning} Takes {key.takes}."
