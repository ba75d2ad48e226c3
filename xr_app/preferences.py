"""What a user prefers, beyond what is said and who stands there: kept in visavis.toml, changed from the menu.

Whoever obeys one asks for them in every frame, so that a change holds from the next one on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Literal

from xr_app.input.inputs import Side

Foveate = Literal["auto", "off", "low", "medium", "high"]
"""How much coarser pictures are towards their edges; auto: as much as the runtime finds needful."""


@dataclass(frozen=True)
class Preferences:
    """All of them; fields that are named as SETTINGS has them."""

    text_size: float = 1.0
    """Of panels, as seen, beside what they are made for."""
    hand: Side = "right"
    """Which points; the other one's palm opens the menu."""
    detent: bool = True
    """Whether human size catches while the avatar's size is changed."""
    fade: float = 0.6
    """Metres between the user's head and the avatar at which it begins to fade."""
    dynamic_resolution: bool = True
    """Whether the avatar is drawn with fewer pixels where the frame rate cannot be held else."""
    least_scale: float = 0.4
    """With how few, as a share of width and height."""
    foveation: Foveate = "auto"
    mirror: bool = False
    """Whether onlookers see in a window what the headset shows."""

    @property
    def lowest_scale(self) -> float:
        """Share of width and height at which the avatar may be drawn."""
        return self.least_scale if self.dynamic_resolution else 1.0


SETTINGS: Final[Mapping[str, str]] = {
    "text_size": "panels.text_size",
    "hand": "input.hand",
    "detent": "placement.detent",
    "fade": "placement.fade",
    "dynamic_resolution": "display.dynamic_resolution",
    "least_scale": "display.least_scale",
    "foveation": "display.foveation",
    "mirror": "display.mirror",
}
"""What each is called in visavis.toml."""

Preferred = Callable[[], Preferences]
"""Those of now."""


def usual() -> Preferences:
    """Those of somebody who chose nothing."""
    return Preferences()


def chosen_preferences(settings: Any) -> Preferences:
    """What a file's settings (`Loaded.values`) prefer."""
    return Preferences(**{name: attrgetter(setting)(settings) for name, setting in SETTINGS.items()})
