"""What visavis.toml may say of the app, beside the conversation's sections.

A setting is one field with its meaning, in the Struct of its section; a section is one Struct, in SECTIONS. Page,
template, commands, checks and messages follow from them (docs/settings.md, "For developers").
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from conversation.user_settings import SECTIONS as CONVERSATION
from conversation.user_settings import Schema

if TYPE_CHECKING:
    from xr_app.panels.choices import Choices
    from xr_app.surroundings.asked import Asked


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


class RoomKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[room]: what is around the avatar."""

    passthrough: Annotated[
        bool, Meta(description="Whether your own room is seen, where the headset can show it; if not, a stage.")
    ] = True
    brightness: Annotated[float, Meta(ge=0.1, le=4, description="How bright the avatar is lit; 1: as it was made.")] = (
        1.0
    )
    temperature: Annotated[
        float, Meta(ge=1500, le=15000, description="Of that light, kelvin: 2700 as a light bulb's, 6500 as daylight.")
    ] = 6500.0
    estimate: Annotated[
        bool, Meta(description="Whether that light follows your room's, where the headset knows it.")
    ] = True


class PlacementKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[placement]: where and how large the avatar stands."""

    detent: Annotated[
        bool, Meta(description="Whether human size catches while both your hands change the avatar's size.")
    ] = True
    fade: Annotated[
        float,
        Meta(
            ge=0.3,
            le=1.2,
            description="Metres between your head and the avatar at which it begins to fade, and does not fill your "
            "view.",
        ),
    ] = 0.6


class InputKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[input]: your hands."""

    hand: Annotated[
        Literal["left", "right"],
        Meta(description="The hand that you point with; the open palm of the other one opens the menu."),
    ] = "right"


class DisplayKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[display]: how the headset shows it."""

    refresh_rate: Annotated[
        Literal["auto", 72, 80, 90, 120],
        Meta(
            description="Pictures a second, or the nearest that the headset offers; `auto`: as many as the machine "
            "holds."
        ),
    ] = "auto"
    dynamic_resolution: Annotated[
        bool, Meta(description="Whether the avatar is drawn with fewer pixels where the machine would drop frames.")
    ] = True
    least_scale: Annotated[
        float, Meta(ge=0.4, le=1, description="With how few at least: a share of the picture's width and height.")
    ] = 0.4
    foveation: Annotated[
        Literal["auto", "off", "low", "medium", "high"],
        Meta(
            description="How much coarser the edges of the eyes' pictures are, where the headset can have them so; "
            "`auto`: as much as saves it work that it has no time for."
        ),
    ] = "auto"
    mirror: Annotated[
        bool, Meta(description="Whether a window shows onlookers what the headset shows (also `--mirror`).")
    ] = False


class PanelKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[panels]: what can be read beside the avatar."""

    captions: Annotated[bool, Meta(description="Whether what you say and what is answered can be read.")] = True
    figures: Annotated[
        bool, Meta(description="Whether figures are shown: time of a frame, level of detail, how long answers take.")
    ] = False
    text_size: Annotated[float, Meta(ge=0.8, le=1.6, description="How large all of it is seen; 1: as it was made.")] = (
        1.0
    )


SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {
    "avatar": AvatarKeys,
    "room": RoomKeys,
    "panels": PanelKeys,
    "placement": PlacementKeys,
    "input": InputKeys,
    "display": DisplayKeys,
}
SCHEMA: Final = Schema({**SECTIONS, **CONVERSATION})
"""All that visavis.toml may say."""


def chosen_avatar(settings: Any) -> Path | None:
    """The file or name of the avatar that a file's settings choose; None for the one that comes with visavis."""
    name = settings.avatar.name
    return Path(name).expanduser() if name else None


def voice_key(settings: Any) -> str | None:
    """The setting that says which voice the chosen engine speaks with; None where it has no choice."""
    name = f"tts.{settings.tts.engine}.voice"
    return name if any(key.name == name for key in SCHEMA.keys) else None


def chosen_room(settings: Any) -> Asked:
    """What a file's settings ask of the avatar's surroundings."""
    # What draws is loaded for a talk only.
    from xr_app.surroundings.asked import Asked
    from xr_app.surroundings.light import RoomLight

    room = settings.room
    return Asked(room.passthrough, RoomLight(room.brightness, room.temperature), room.estimate)


def chosen_entries(settings: Any) -> Choices:
    """How a file's settings have the menu's entries stand."""
    from xr_app.panels.choices import Choices
    from xr_app.preferences import chosen_preferences

    panels = settings.panels
    return Choices(captions=panels.captions, figures=panels.figures, preferences=chosen_preferences(settings))


def chosen_rate(settings: Any) -> float | None:
    """Pictures a second that a file's settings choose; None for what the frames hold."""
    rate = settings.display.refresh_rate
    return None if rate == "auto" else float(rate)
