"""What a tape keeps in words: its header, and what happened beside the numbers (rows.py), one line of JSON each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

import msgspec

from conversation.link.events import AppEvent
from render.raster.rasteriser import RasteriserName
from render.stages.sort import SortShape
from xr_app.panels.choices import Choices, MirrorAt
from xr_app.panels.hud import Figures
from xr_app.session.attention import Attention
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.mode import Mode

Vector = tuple[float, float, float]


class Note(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all: what was taken when so many frames had begun."""

    frame: int


class Opened(Note, frozen=True):
    """A display on which the frames from now on are shown."""

    runtime: str
    renderer: str
    api: Literal["gl", "gles"]
    painted: bool
    """Whether panels are drawn into the pictures."""
    eye_sizes: tuple[tuple[int, int], ...]
    start_ns: int
    awaited: str
    """What is said until the avatar is there."""
    foveates: bool = False
    mirror_at: MirrorAt = ""


class Arrived(Note, frozen=True):
    """The avatar is there from the next frame on."""

    rasteriser: RasteriserName
    sort_shape: SortShape | None
    gaussians: int
    """The most that are drawn."""
    start_ns: int
    """Of the body's motion, where it begins anew."""


class Told(Note, frozen=True):
    """An event of the conversation."""

    now_ns: int
    event: AppEvent


class Attended(Note, frozen=True):
    """What the wearer does from now on."""

    attention: Attention


class Around(Note, frozen=True):
    """What is around the avatar from now on; drawn: known when that was drawn, else at the frame's begin."""

    drawn: bool
    mode: Mode
    light: Vector
    can_see_through: bool
    asked: Asked


class Surveyed(Note, frozen=True):
    """What is known of the room from this frame on: where feet stand, ends of walls (x, z), outlines of things."""

    floor: float
    walls: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    things: tuple[tuple[tuple[float, float], ...], ...]


class Sought(Note, frozen=True):
    """The place of last time: whether it may still be found, and what of it is known now."""

    searching: bool
    found: tuple[float, float, float, float] | None
    """x, z, yaw, scale."""


class Measured(Note, frozen=True):
    """Figures of the frames, after this one."""

    figures: Figures


class Pictured(Note, frozen=True):
    """The pictures of this frame, as the beginnings of their SHA-256."""

    hashes: tuple[str, ...]


AnyNote = Opened | Arrived | Told | Attended | Around | Surveyed | Sought | Measured | Pictured


class Member(msgspec.Struct, frozen=True):
    """One file of the tape."""

    size: int
    sha256: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole tape is about."""

    format: int
    visavis: str
    avatar: str
    avatar_sha256: str
    seed: int
    height: float
    """Of the avatar, metres."""
    attended: bool
    """Whether the user puts the avatar somewhere; else it stands at once."""
    voice: bool
    push_to_talk: bool
    choices: Choices
    """How the menu's entries stood at first."""
    frames: int
    complete: bool
    """False where recording had to stop before the session."""
    members: dict[str, Member]

    def figures(self) -> dict[str, Any]:
        """For people and programs to read."""
        plain = {name: getattr(self, name) for name in self.__struct_fields__ if name not in ("members", "choices")}
        return {**plain, "choices": asdict(self.choices)}
