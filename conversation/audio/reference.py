"""What the loudspeaker put out, laid beside what the microphone took: the reference of the echo canceller.

Both devices stamp their blocks with monotonic time, and both stamps jitter by milliseconds, where a canceller wants
samples that keep their places. So both streams are counted, the stamps only say where sample 0 of each lies on the
clock (the median of the last second), and the reference slips, a sample a frame, once it is more than two
milliseconds off: two devices' clocks drift by tens of parts in a million.

The loudspeaker's thread, which must be quick, only leaves its blocks here; whoever takes frames lays them out first.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin, upfirdn

from conversation.audio.base import MICROPHONE_RATE, SPEAKER_RATE

F32 = npt.NDArray[np.float32]

FRAME: Final = MICROPHONE_RATE // 100
"""Samples of a frame, 10 ms: what the canceller takes at once."""
_KEPT_S: Final = 4.0
_NS: Final = 1_000_000_000
_LEFT: Final = 64
"""Blocks of the loudspeaker that may lie about, 0.6 s, where nobody takes frames."""
_STAMPS: Final = 100
_SLIP: Final = MICROPHONE_RATE // 500
_SLIPPED: Final = MICROPHONE_RATE // 4000
_JUMP: Final = MICROPHONE_RATE // 50
_UP, _DOWN = 2, 3
_TAPS: Final = 47
_PAST: Final = 24
assert SPEAKER_RATE * _UP == MICROPHONE_RATE * _DOWN


class Downsampler:
    """A stream at SPEAKER_RATE to MICROPHONE_RATE with half a millisecond's delay (soxr's stream holds back 40 ms)."""

    delay_s: Final = (_TAPS - 1) / 2 / (SPEAKER_RATE * _UP)

    def __init__(self) -> None:
        self._filter = (_UP * firwin(_TAPS, 7200, fs=SPEAKER_RATE * _UP)).astype(np.float32)
        self._past: F32 = np.zeros(_PAST, np.float32)  # and what did not fill a group of three yet

    def __call__(self, block: F32) -> F32:
        """The next samples (n,); what they complete."""
        samples = np.concatenate([self._past, block.astype(np.float32)])
        whole = (len(samples) - _PAST) // _DOWN * _DOWN
        self._past = samples[whole:]
        first = _PAST * _UP // _DOWN
        made: F32 = upfirdn(self._filter, samples[: _PAST + whole], _UP, _DOWN)[first : first + whole * _UP // _DOWN]
        return made


class _Epoch:
    """Where sample 0 of a counted stream lies on the clock, from jittering stamps."""

    def __init__(self) -> None:
        self._stamps: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, sample: int, time_ns: int) -> None:
        """`sample` was stamped with this time."""
        stamp = time_ns - sample * (_NS / MICROPHONE_RATE)
        if len(self._stamps) == _STAMPS:
            del self._sorted[bisect_left(self._sorted, self._stamps.popleft())]
        self._stamps.append(stamp)
        insort(self._sorted, stamp)

    @property
    def ns(self) -> float | None:
        """Monotonic ns of sample 0, the median; None before the first stamp."""
        count = len(self._sorted)
        return (self._sorted[(count - 1) // 2] + self._sorted[count // 2]) / 2 if count else None


class Reference:
    """`played` is called from the loudspeaker's thread, everything else from one other."""

    def __init__(self) -> None:
        self._downsample = Downsampler()
        self._lock = threading.Lock()
        self._ring: F32 = np.zeros(round(_KEPT_S * MICROPHONE_RATE), np.float32)
        self._left: list[F32] = []  # what came and is not in the ring yet
        self._put_out = 0  # samples that came, at SPEAKER_RATE
        self._count = 0  # samples that came
        self._sounded = 0  # from this sample on all in the ring is silence
        self._played = _Epoch()
        self._heard = _Epoch()
        self._taken = 0  # samples of the microphone that frames were taken for
        self._next: int | None = None  # the sample of the reference that the next frame begins with
        self._slipping = False
        self.lead = 0
        """Samples by which the reference is taken earlier than the stamps say: what they do not know of."""

    def played(self, block: F32, time_ns: int, latency_s: float) -> None:
        """(n,) or (n, channels) at SPEAKER_RATE, taken by the loudspeaker at `time_ns`, sounding `latency_s` later.

        Of channels the mean: what a microphone as far from all of them hears, and as one voice is in all, a filter
        makes of it what it is elsewhere.
        """
        with self._lock:
            self._played.add(self._count, time_ns + round((latency_s - Downsampler.delay_s) * _NS))
            self._left.append(block)
            self._put_out += len(block)
            self._count = self._put_out // _DOWN * _UP
            if len(self._left) >= _LEFT:
                self._lay_out()

    def heard(self, sample: int, time_ns: int) -> None:
        """The microphone's `sample` (counted from its first) was taken at this time."""
        with self._lock:
            self._heard.add(sample, time_ns)

    def ready(self) -> bool:
        """Whether all of the next frame has come (or nothing was ever played)."""
        with self._lock:
            wanted = self._wanted()
            return wanted is None or (self._next if self._next is not None else wanted) + FRAME <= self._count

    def take(self) -> F32:
        """(FRAME,) that sounded while the microphone took its next frame; zeros where nothing is known of."""
        with self._lock:
            wanted = self._wanted()
            self._taken += FRAME
            if wanted is None:
                return np.zeros(FRAME, np.float32)
            self._lay_out()
            self._next = self._aligned(wanted)
            first, self._next = self._next, self._next + FRAME
            if first >= self._sounded:
                return np.zeros(FRAME, np.float32)
            places = np.arange(first, first + FRAME)
            known = (places >= max(0, self._count - len(self._ring))) & (places < self._count)
            return np.where(known, self._ring[places % len(self._ring)], np.float32(0))

    def _lay_out(self) -> None:
        if not self._left:
            return
        samples = self._downsample(np.concatenate([b if b.ndim == 1 else b.mean(axis=1) for b in self._left]))
        self._left.clear()
        first = self._count - len(samples)
        self._ring[np.arange(first, self._count) % len(self._ring)] = samples
        sounds = np.flatnonzero(samples)
        if len(sounds):
            self._sounded = first + int(sounds[-1]) + 1

    def _wanted(self) -> int | None:
        played, heard = self._played.ns, self._heard.ns
        if played is None or heard is None:
            return None
        return self._taken + self.lead + round((heard - played) * (MICROPHONE_RATE / _NS))

    def _aligned(self, wanted: int) -> int:
        """Where the next frame begins: where the last one ended, unless that has gone wrong."""
        if self._next is None or abs(wanted - self._next) > _JUMP:
            return wanted
        off = wanted - self._next
        self._slipping = abs(off) > (_SLIPPED if self._slipping else _SLIP)
        return self._next + int(np.sign(off)) if self._slipping else self._next
