"""Where the avatar stands: put down, moved, called, kept, and out of the way."""

from xr_app.placement.spot import DISTANCE, in_front_of

__all__ = ["DISTANCE", "in_front_of"]
