"""What the user chose, in visavis.toml and on the command line."""

from conversation.user_settings.loading import Flag, Loaded, key, load, parsed, save
from conversation.user_settings.resolve import conversation_settings, engines, engines_in_use
from conversation.user_settings.schema import Key, keys

__all__ = [
    "Flag",
    "Key",
    "Loaded",
    "conversation_settings",
    "engines",
    "engines_in_use",
    "key",
    "keys",
    "load",
    "parsed",
    "save",
]
