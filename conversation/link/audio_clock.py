"""Which sample does the listener hear when? The loudspeaker's clock, in shared memory.

The playback callback writes (sample, monotonic time, latency); everybody else extrapolates from that. Together with
FaceTrack this is the lip sync: each image asks which sample will be heard when it is seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from conversation.link.shared import SharedBlock


class AudioClock:
    """Sample position of the loudspeaker as a function of monotonic time."""

    def __init__(self, block: SharedBlock) -> None:
        self._block = block
        self._integers: npt.NDArray[Any] = block.array(np.int64, 3)  # rate, sample, monotonic ns
        self._latency: npt.NDArray[Any] = block.array(np.float64, 1, 24)
        self._last_time = 0
        self._last_sample = float("-inf")

    @classmethod
    def create(cls, sample_rate: int = 24_000) -> AudioClock:
        """A clock that has not started; this process unlinks it on close."""
        block = SharedBlock.create(32)
        block.array(np.int64, 1)[0] = sample_rate
        return cls(block)

    @classmethod
    def attach(cls, name: str) -> AudioClock:
        """The clock that another process created; raises LinkClosedError if it is gone."""
        return cls(SharedBlock.attach(name))

    @property
    def name(self) -> str:
        """What `attach` takes in another process."""
        return self._block.name

    @property
    def sample_rate(self) -> int:
        """Samples a second of the loudspeaker."""
        return int(self._integers[0])

    def update(self, sample: int, monotonic_ns: int, latency_s: float) -> None:
        """At `monotonic_ns` the device took `sample`; the listener hears it `latency_s` later."""

        def change() -> None:
            self._integers[1] = sample
            self._integers[2] = monotonic_ns
            self._latency[0] = latency_s

        self._block.write(change)

    def heard_at(self, monotonic_ns: int) -> float:
        """The sample that the listener hears then; before playback started, a negative number.

        Monotone: a later time never gives an earlier sample, whatever the last callback corrected. It goes on past
        the last callback, so that a face whose voice was lost eases to rest instead of freezing.
        """
        read = self._read()
        if read is None:
            return self._last_sample
        sample, stamp, latency = read
        if stamp == 0:
            return -1.0
        rate = self.sample_rate
        heard = sample + ((monotonic_ns - stamp) * 1e-9 - latency) * rate
        if monotonic_ns >= self._last_time:
            heard = max(heard, self._last_sample)
            self._last_time, self._last_sample = monotonic_ns, heard
        return heard

    def time_of(self, sample: float) -> float | None:
        """Monotonic ns at which the listener hears this sample, as far as it is known now; None before playback."""
        read = self._read()
        if read is None or read[1] == 0:
            return None
        taken, stamp, latency = read
        return stamp + ((sample - taken) / self.sample_rate + latency) * 1e9

    def close(self) -> None:
        """Let go of the memory; the process that created it also removes it."""
        self._integers = self._latency = np.zeros(0)
        self._block.close()

    def _read(self) -> tuple[int, int, float] | None:
        """Sample, monotonic ns, latency; None where a writer died while it wrote."""
        return self._block.read(lambda: (int(self._integers[1]), int(self._integers[2]), float(self._latency[0])))
