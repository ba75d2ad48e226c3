"""What placement asks of whoever remembers where the avatar stands (keeping.py does, or a tape)."""

from __future__ import annotations

from typing import Protocol

from xr_app.placement.spot import Spot


class Keeper(Protocol):
    """Keeps a spot beyond the session."""

    def keep(self, spot: Spot) -> None:
        """From now on this is the place."""
        ...

    def found(self) -> Spot | None:
        """The place in the space of now, where more is known of it than when this was last asked."""
        ...

    @property
    def searching(self) -> bool:
        """Whether the place of last time may still be found."""
        ...
