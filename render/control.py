"""Which level of detail and which resolution hold the frame rate.

Each frame says what it is about to see (render/load.py), and is answered with a quality; the times of earlier frames
come in whenever they are known. Deterministic: time, loads and measurements are all handed in.

Cost is foretold as `gain` x what `Costs` says of this load, `gain` being what the last frames took beside what was said
of them. So a wearer who walks up close is answered in the same frame, before anything was late; a GPU that slows down,
after three of four frames that missed the display; one slow frame alone changes nothing.

Of what fits, the quality that loses least of the picture is taken, a step of the level counting for more than it
loses, since it shows as a pop. Quality falls at once, to where there is room; it rises one step at a time, after it
would have fitted for a while, and each rise that had to be taken back makes the next wait longer: where the costs are
wrong, or nothing fits, this settles instead of hunting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np

from render.load import Costs, Load, Quality, loss

CAP: Final = 0.85
"""Share of the display period that nine of ten frames shall not exceed; the rest is the runtime's."""
FALL_TO: Final = 0.7
"""Share that a lower quality may fill."""
RISE_TO: Final = 0.64
"""Share that a higher one may."""
SCALES: Final = (0.4, 0.48, 0.57, 0.68, 0.82, 1.0)
WAIT_S: Final = 2.0
"""For which a better quality must have fitted before it is taken."""
LONGEST_WAIT_S: Final = 60.0
PROBATION_S: Final = 10.0
"""Besides two waits, after which a rise has proved itself."""
STEP: Final = 1.2
"""By how much a frame's cost may grow at once, where a smaller step is any better."""
BETTER: Final = 0.8
"""Share of the present loss under which another quality is worth a change."""
POP: Final = 1.25
"""By which another level's loss counts for more."""

_REMEMBERED: Final = 120
_WARM_UP: Final = 10
"""Measurements that count for nothing, as shaders are compiled and caches filled."""
_FIRST: Final = 4
"""Measurements after those before the costs as given are believed no more."""
_OFTEN: Final = 0.9
"""The share of frames that shall keep to the cap."""
_IN_FLIGHT: Final = 32


class QualityController:
    """Picks a quality for every frame."""

    def __init__(
        self,
        levels: Sequence[int],
        whole: int,
        costs: Costs,
        period_ms: float,
        *,
        scales: Sequence[float] = SCALES,
        now_s: float = 0.0,
    ) -> None:
        """levels: those that may be drawn, of `whole` Gaussians; period_ms: the time that a frame may take; scales:
        those allowed."""
        self._allowed, self._qualities, self._now = sorted(levels), list[Quality](), 0
        self.allow(scales)
        self._whole, self._costs = whole, costs
        self.hold(period_ms)
        self.needed_ms = 0.0
        """What the best quality is foretold to take of what was seen last."""
        self._ratios: deque[float] = deque(maxlen=_REMEMBERED)
        self._to_skip = _WARM_UP
        self._said: dict[int, float] = {}
        self._cost_ms = 0.0
        """What is said of a frame of the quality and the load of now."""
        self._changed_s = self._fits_since_s = now_s
        self._wait_s = WAIT_S
        self._rose_to: tuple[float, float] | None = None
        """When it last rose, and to what cost as given."""
        self.switches = 0
        """How often the quality has changed."""
        self.level_switches = 0
        """How often the level did."""

    def follow(self, before: QualityController) -> None:
        """Begin with what the one for the avatar before found out of this device."""
        self._ratios.extend(before._ratios)
        self._to_skip = before._to_skip

    def allow(self, scales: Sequence[float]) -> None:
        """These scales alone from now on: at once the nearest to that of now."""
        now = self._qualities[self._now] if self._qualities else Quality(self._allowed[-1], 1.0)
        self._qualities = [Quality(level, scale) for level in self._allowed for scale in sorted(scales)]
        self._levels, self._scales = (np.array(column, np.float64) for column in zip(*self._qualities, strict=True))
        same_level = self._levels == now.gaussians
        self._now = int(np.where(same_level, np.abs(self._scales - now.scale), np.inf).argmin())

    def hold(self, period_ms: float) -> None:
        """A frame may take so long from now on."""
        self._period = period_ms
        self._cap, self._fall_to, self._rise_to = CAP * period_ms, FALL_TO * period_ms, RISE_TO * period_ms

    @property
    def quality(self) -> Quality:
        """As chosen last."""
        return self._qualities[self._now]

    @property
    def gain(self) -> float:
        """What nine of ten of the last frames took at most, beside what was foretold of them with a gain of 1."""
        if len(self._ratios) < _FIRST:
            return 1.0
        return sorted(self._ratios)[round(_OFTEN * (len(self._ratios) - 1))]

    def choose(self, frame: int, now_s: float, load: Load) -> Quality:
        """The quality for `frame`, any number that `took` will name it by, which sees `load`."""
        costs = self._costs.of(load, self._whole, self._levels, self._scales)
        losses = loss(load, self._whole, self._levels, self._scales)
        losses = np.where(self._levels == self._levels[self._now], losses, POP * losses)
        gain = max(self.gain, self._lately(float(costs[self._now])))
        foretold = gain * costs
        self.needed_ms = float(foretold[-1])
        if foretold[self._now] > self._cap:
            self._fall(now_s, float(costs[self._now]), _best(foretold, losses, self._fall_to))
        else:
            self._rise(now_s, foretold, losses, gain)
        self._cost_ms = float(costs[self._now])
        return self.again(frame)

    def again(self, frame: int) -> Quality:
        """The same quality for `frame`, which sees no other load than that which was chosen for last."""
        self._said[frame] = self._cost_ms
        if len(self._said) > _IN_FLIGHT:
            del self._said[next(iter(self._said))]
        return self.quality

    def took(self, frame: int, milliseconds: float) -> None:
        """Take in how long a frame took; one that is not known (any more) is passed over."""
        said = self._said.pop(frame, None)
        if self._to_skip:
            self._to_skip -= 1
        elif said and milliseconds > 0:
            self._ratios.append(milliseconds / said)

    def _lately(self, cost: float) -> float:
        """What three of the last four frames took at least, where that is to miss the display."""
        if len(self._ratios) < 4:
            return 0.0
        last = [self._ratios[-back] for back in (4, 3, 2, 1)]
        least = sorted(last)[1]
        if least * cost <= self._period:
            return 0.0
        self._ratios.clear()  # what came before says no more how fast this GPU is
        self._ratios.extend(last)
        return least

    def _fall(self, now_s: float, cost: float, to: int) -> None:
        if self._rose_to is not None:
            at_s, risen_cost = self._rose_to
            # The same view costs more than it was thought to when it rose: think longer before the next time.
            if now_s - at_s < PROBATION_S + 2 * self._wait_s and cost < 1.1 * risen_cost:
                self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
            self._rose_to = None
        self._change(now_s, to)

    def _rise(self, now_s: float, foretold: np.ndarray, losses: np.ndarray, gain: float) -> None:
        if self._rose_to is not None and now_s - self._rose_to[0] >= PROBATION_S + 2 * self._wait_s:
            self._rose_to, self._wait_s = None, WAIT_S
        present = losses[self._now]

        def best(limit: float) -> int | None:
            found = _best(foretold, losses, limit)
            better = foretold[found] <= limit and losses[found] < BETTER * present
            return found if better else None

        to = best(self._rise_to)
        if to is None:
            self._fits_since_s = now_s
        elif now_s - max(self._fits_since_s, self._changed_s) >= self._wait_s:
            step = best(min(self._rise_to, STEP * float(foretold[self._now])))
            to = to if step is None else step
            self._rose_to = now_s, float(foretold[to]) / gain
            self._change(now_s, to)

    def _change(self, now_s: float, to: int) -> None:
        if to != self._now:
            self.switches += 1
            self.level_switches += int(self._levels[to] != self._levels[self._now])
            self._now = to
            self._changed_s = self._fits_since_s = now_s


def _best(foretold: np.ndarray, losses: np.ndarray, limit: float) -> int:
    """The quality that loses least of those within `limit`, or costs least where none is."""
    fits = foretold <= limit
    return int(np.where(fits, losses, np.inf).argmin() if fits.any() else foretold.argmin())
