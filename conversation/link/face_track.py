"""The face beside the voice: a ring of face frames in shared memory, each stamped with its audio sample.

One writer (the audio process) and any number of readers (the app). The ring holds about 80 s at 100 frames a second;
older frames are overwritten, and asking for them gives rest.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from conversation.link.face_curve import RELEASE_S, FaceKey, between
from conversation.link.shared import SharedBlock

F32 = npt.NDArray[np.float32]

CHANNELS: Final = 52
_HEADER: Final = 4  # int64: capacity, rate, count (frames now), high (most frames ever: what the ring overwrote)


class FaceTrack:
    """Face frames (52 ARKit channels) by audio sample."""

    def __init__(self, block: SharedBlock) -> None:
        self._block = block
        self._header: npt.NDArray[Any] = block.array(np.int64, _HEADER)
        self._capacity = int(self._header[0])
        self._rate = int(self._header[1])
        stamps_at = _HEADER * 8
        frames_at = stamps_at + self._capacity * 8
        self._stamps: npt.NDArray[Any] = block.array(np.float64, self._capacity, stamps_at)
        self._frames: npt.NDArray[Any] = block.array(np.float32, (self._capacity, CHANNELS), frames_at)
        self._last: F32 = np.zeros(CHANNELS, np.float32)

    @classmethod
    def create(cls, capacity: int = 8192, *, rate: int = 24_000) -> FaceTrack:
        """A track of `capacity` frames for speech at `rate` Hz; this process unlinks it on close."""
        block = SharedBlock.create(_HEADER * 8 + capacity * (8 + CHANNELS * 4))
        block.array(np.int64, _HEADER)[:] = (capacity, rate, 0, 0)
        return cls(block)

    @classmethod
    def attach(cls, name: str) -> FaceTrack:
        """The track that another process created; raises LinkClosedError if it is gone."""
        return cls(SharedBlock.attach(name))

    @property
    def name(self) -> str:
        """What `attach` takes in another process."""
        return self._block.name

    @property
    def rate(self) -> int:
        """Audio samples a second."""
        return self._rate

    def write(self, first_sample: int, samples_per_frame: float, frames: F32) -> None:
        """Frame i of (n, 52) belongs to sample first_sample + i * samples_per_frame.

        Frames already there at or after first_sample are replaced.
        """
        if not len(frames):
            return
        stamps = first_sample + np.arange(len(frames)) * samples_per_frame
        kept = self._upto(first_sample - 0.5)

        def change() -> None:
            slots = (kept + np.arange(len(frames))) % self._capacity
            self._stamps[slots] = stamps
            self._frames[slots] = frames
            self._set_count(kept + len(frames))

        self._block.write(change)

    def cut(self, at_sample: int) -> None:
        """Speech stops at this sample: from what is shown there all of the face, moods too, is at rest in RELEASE_S."""
        shown = self.at(at_sample)
        kept = self._upto(at_sample - 0.5)
        if kept == int(self._header[2]):
            return

        def change() -> None:
            for slot, (stamp, face) in enumerate(((at_sample, shown), (at_sample + RELEASE_S * self._rate, 0.0)), kept):
                self._stamps[slot % self._capacity] = stamp
                self._frames[slot % self._capacity] = face
            self._set_count(kept + 2)

        self._block.write(change)

    def at(self, sample: float) -> F32:
        """(52,) at an audio sample; never waits: if the writer never stands still, the face read last."""
        keys = self._block.read(lambda: self._neighbours(sample))
        if keys is not None:
            self._last = between(*keys, sample, rate=self._rate, channels=CHANNELS)
        return self._last

    def close(self) -> None:
        """Let go of the memory; the process that created it also removes it."""
        empty = np.zeros(0)
        self._header = self._stamps = self._frames = empty
        self._block.close()

    def _neighbours(self, sample: float) -> tuple[FaceKey | None, FaceKey | None]:
        count, oldest = int(self._header[2]), self._oldest()
        after = self._upto(sample)
        return (
            self._key(after - 1) if after > oldest else None,
            self._key(after) if oldest <= after < count else None,
        )

    def _key(self, index: int) -> FaceKey:
        slot = index % self._capacity
        return FaceKey(float(self._stamps[slot]), self._frames[slot].copy())

    def _upto(self, sample: float) -> int:
        """Number of frames with a stamp <= sample (by bisection: stamps ascend)."""
        low, high = self._oldest(), int(self._header[2])
        while low < high:
            middle = (low + high) // 2
            if float(self._stamps[middle % self._capacity]) <= sample:
                low = middle + 1
            else:
                high = middle
        return low

    def _oldest(self) -> int:
        return max(0, int(self._header[3]) - self._capacity)

    def _set_count(self, count: int) -> None:
        self._header[2] = count
        self._header[3] = max(int(self._header[3]), count)
