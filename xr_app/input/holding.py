"""For how long something has been held."""

from __future__ import annotations


class Holding:
    """Of one hand's `select`."""

    def __init__(self) -> None:
        self._began_s: float | None = None

    def update(self, held: bool, time_s: float) -> tuple[float, bool]:
        """Seconds since it began, 0 while it is not held, and whether it ended now."""
        if not held:
            return 0.0, self.end()
        if self._began_s is None:
            self._began_s = time_s
        return time_s - self._began_s, False

    def end(self) -> bool:
        """It is not held from now on; whether it was."""
        was, self._began_s = self._began_s is not None, None
        return was
