"""A value that wavers, made into yes or no: hysteresis, and patience in both directions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Switch:
    """On once the value has been at `on_at` or above for `on_after_s`, off once below `off_at` for `off_after_s`."""

    on_at: float
    off_at: float
    on_after_s: float = 0.0
    off_after_s: float = 0.0
    on: bool = False
    _since_s: float | None = None
    """When the value first spoke for the other state."""

    def update(self, value: float, time_s: float) -> bool:
        """The state at a time, which must not run backwards."""
        against = value < self.off_at if self.on else value >= self.on_at
        if not against:
            self._since_s = None
            return self.on
        if self._since_s is None:
            self._since_s = time_s
        if time_s - self._since_s >= (self.off_after_s if self.on else self.on_after_s):
            self.on, self._since_s = not self.on, None
        return self.on

    def reset(self) -> None:
        """Off at once."""
        self.on, self._since_s = False, None
