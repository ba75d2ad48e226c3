"""What visavis.toml may say of the app, beside the conversation's sections.

A setting is one field with its meaning, in the Struct of its section; a section is one Struct, in SECTIONS. Page,
template, commands, checks and messages follow from them (docs/settings.md, "For developers").
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from conversation.user_settings import SECTIONS as CONVERSATION
from conversation.user_settings import Schema


class AvatarKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[avatar]: who stands before you."""

    name: Annotated[
        str,
        Meta(
            max_length=4096,
            description="Who stands before you: a name, as `visavis avatar list` says it, or the path of a file; "
            "empty: mira, who comes with visavis.",
        ),
    ] = ""


SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {"avatar": AvatarKeys}
SCHEMA: Final = Schema({**SECTIONS, **CONVERSATION})
"""All that visavis.toml may say."""


def chosen_avatar(settings: Any) -> Path | None:
    """The file or name of the avatar that a file's settings choose; None for the one that comes with visavis."""
    name = settings.avatar.name
    return Path(name).expanduser() if name else None
