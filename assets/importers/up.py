"""Which way is up in a file."""

from enum import StrEnum


class Up(StrEnum):
    """The axis of a file that points up in the world."""

    x = "x"
    y = "y"
    z = "z"
    minus_x = "-x"
    minus_y = "-y"
    minus_z = "-z"
