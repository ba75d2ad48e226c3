"""Through what a talk is seen."""

from enum import StrEnum


class Headset(StrEnum):
    """As `visavis run --headset` takes it."""

    AUTO = "auto"
    """The OpenXR runtime that is active, else a simulated headset."""
    SIMULATED = "simulated"
    WINDOW = "window"
    NONE = "none"
    """Nobody looks: for a film."""

    @property
    def worn(self) -> bool:
        """Whether an OpenXR runtime shows it."""
        return self in (Headset.AUTO, Headset.SIMULATED)
