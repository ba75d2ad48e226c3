"""What is asked of the avatar's surroundings, whatever shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xr_app.surroundings.light import AS_BAKED, RoomLight


@dataclass(frozen=True)
class Asked:
    """By the user, through settings and menu."""

    see_through: bool = True
    """Whether their own room is asked for, be there a way to see it or not."""
    light: RoomLight = AS_BAKED
    """On the avatar, and on a stage."""
    estimate: bool = True
    """Whether that follows the light of their room, where a headset knows it."""


USUAL: Final = Asked()
"""What holds until somebody asks for something else."""
