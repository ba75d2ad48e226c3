"""What the menu lets choose: how everything stands now, and what a press asks for. Plain data, kept on tapes, too."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from xr_app.preferences import SETTINGS, Preferences


class Does(StrEnum):
    """What an entry changes; preferences are called as Preferences calls them."""

    MUTE = "mute"
    CAPTIONS = "captions"
    PASSTHROUGH = "passthrough"
    AVATAR = "avatar"
    VOICE = "voice"
    PLACE = "place"
    FIGURES = "figures"
    SETTINGS = "settings"
    """Nothing by itself: there are more entries behind it."""
    TEXT_SIZE = "text_size"
    HAND = "hand"
    DETENT = "detent"
    FADE = "fade"
    RESOLUTION = "dynamic_resolution"
    LEAST = "least_scale"
    FOVEATION = "foveation"
    MIRROR = "mirror"
    OPEN = "open"
    """The menu was opened, or the page of a list: what it lists may be others by now."""
    LEAVE = "leave"


Value = bool | float | str
MirrorAt = Literal["", "later", "now"]
"""Where the headset's view can be shown to onlookers: nowhere, from the next start on, at once."""


@dataclass(frozen=True)
class Action:
    """An entry was pressed: what it does, and the new value, where there is one (bool of a switch, key of a choice)."""

    does: Does
    value: Value | None = None

    @property
    def setting(self) -> str | None:
        """What is kept of it is called so in visavis.toml; None where nothing is, or where others keep it."""
        if self.does in (Does.CAPTIONS, Does.FIGURES):
            return f"panels.{self.does}"
        return "room.passthrough" if self.does is Does.PASSTHROUGH else SETTINGS.get(self.does)


@dataclass(frozen=True)
class Choices:
    """Everything that the menu shows as it is now; `avatars` and `voices` are pairs of key and title."""

    muted: bool = False
    captions: bool = True
    passthrough: bool | None = None
    """None where there is none to switch."""
    figures: bool = False
    avatar: str = ""
    avatars: tuple[tuple[str, str], ...] = ()
    voice: str = ""
    voices: tuple[tuple[str, str], ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    foveates: bool = False
    """Whether the display can have coarser edges."""
    mirror_at: MirrorAt = ""

    def after(self, action: Action) -> Choices:
        """As it is once that was done."""
        changed: Any = {action.does.value: action.value}
        match action:
            case Action(Does.MUTE, bool(on)):
                return replace(self, muted=on)
            case Action(Does.CAPTIONS | Does.PASSTHROUGH | Does.FIGURES, bool()):
                return replace(self, **changed)
            case Action(Does.AVATAR | Does.VOICE, str()):
                return replace(self, **changed)
            case Action(does, bool() | float() | str()) if does in SETTINGS:
                return replace(self, preferences=replace(self.preferences, **changed))
        return self
