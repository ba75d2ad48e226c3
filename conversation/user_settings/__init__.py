"""What the user chose, in visavis.toml and on the command line.

The conversation knows its own sections; an app adds its own to them: `Schema({**SECTIONS, "panels": PanelKeys})`.
"""

from conversation.user_settings.keys import Key, Schema
from conversation.user_settings.loading import Flag, Loaded, check, load, load_last_right, parsed, save
from conversation.user_settings.resolve import conversation_settings, engines, engines_in_use
from conversation.user_settings.schema import SCHEMA, SECTIONS

__all__ = [
    "SCHEMA",
    "SECTIONS",
    "Flag",
    "Key",
    "Loaded",
    "Schema",
    "check",
    "conversation_settings",
    "engines",
    "engines_in_use",
    "load",
    "load_last_right",
    "parsed",
    "save",
]
