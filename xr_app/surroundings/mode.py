"""What can be around the avatar."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """What is around the avatar."""

    CAMERAS = "cameras"
    """The wearer's room, as a layer beneath the pictures."""
    BLENDED = "blended"
    """The wearer's room, where the pictures are transparent."""
    ADDED = "added"
    """The wearer's room, to which the pictures' light is added."""
    STAGE = "stage"
    """A floor and a horizon that are drawn."""
