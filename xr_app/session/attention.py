"""Whether the wearer looks."""

from enum import StrEnum


class Attention(StrEnum):
    """What the wearer does, as far as the runtime tells."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    """Something else is in front, such as the headset's own menu, and has the hands."""
    AWAY = "away"
    """The headset is not on a head."""
