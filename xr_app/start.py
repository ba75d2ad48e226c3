"""How long it takes from the command to each step of a talk's start."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

STEPS: Final = ("loaded", "display", "figure", "avatar", "ready_to_draw", "first_picture", "listening")
"""The program is loaded, the display is open, the first picture is submitted, a figure of light in the avatar's place;
the avatar is read, sooner or later than those; it is on the GPU, its own first picture is submitted, and the
conversation listens."""
PATIENCE_S: Final = 1.0


class Start:
    """Notes when each step was reached for the first time, and says when the engines' turn is."""

    def __init__(self, begun_ns: int | None = None) -> None:
        """begun_ns: monotonic time of the command; when this process began if not given."""
        self._begun_ns = process_begun_ns() if begun_ns is None else begun_ns
        self.reached_ms: dict[str, float] = {}
        """Milliseconds from the command to each of STEPS that was reached."""
        self.computed_ms: dict[str, float] = {}
        """How much of that this process computed, with all its threads: what stays the same on a busy machine."""
        self.engines_begun = False
        self._asked_s: float | None = None

    def reach(self, step: str) -> None:
        """Now, unless it was before."""
        if step not in self.reached_ms:
            self.reached_ms[step] = round((time.monotonic_ns() - self._begun_ns) / 1e6, 1)
            self.computed_ms[step] = round(time.process_time_ns() / 1e6, 1)

    def engines_turn(self, now_s: float, *, prepared: bool = True) -> bool:
        """True once: when the avatar is seen, or could have been seen for a second and nobody was there; prepared:
        whether it can be drawn. Engines take all that a machine has to load, and would keep its picture waiting."""
        if self._asked_s is None or not prepared:
            self._asked_s = now_s
        if self.engines_begun or ("first_picture" not in self.reached_ms and now_s - self._asked_s < PATIENCE_S):
            return False
        self.engines_begun = True
        return True


def process_begun_ns() -> int:
    """Monotonic time at which this process began, to a clock tick (10 ms); where the system does not tell, now."""
    try:
        # proc_pid_stat(5): field 22 is the start in clock ticks since boot; the name before may hold anything.
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        since_boot_ns = int(fields[19]) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        age_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - since_boot_ns
    except (OSError, AttributeError, ValueError, IndexError):
        age_ns = 0
    return time.monotonic_ns() - age_ns
