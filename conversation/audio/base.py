"""What the audio process needs of a microphone and a loudspeaker, real or from files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

MICROPHONE_RATE: Final = 16_000
SPEAKER_RATE: Final = 24_000
BLOCK_S: Final = 0.01

Deliver = Callable[[F32, int], None]
"""Takes one block (n,) at MICROPHONE_RATE and the monotonic ns of its first sample; called from the device's thread."""
Fill = Callable[[int, int, float, int], F32]
"""Gives `count` samples at SPEAKER_RATE for a device that takes them at `time_ns`, sounds them `latency_s` later, and
has so many channels: (count,) where all are alike, or (count, channels), left and right."""


class Microphone(Protocol):
    """A source of sound at MICROPHONE_RATE, mono, in blocks of 10 ms."""

    def start(self, deliver: Deliver) -> None:
        """Begin; raises NoMicrophoneError."""
        ...

    @property
    def alive(self) -> bool:
        """False once a device that was started went away."""
        ...

    def close(self) -> None:
        """End; no block is delivered afterwards."""
        ...


class Speaker(Protocol):
    """Takes sound at SPEAKER_RATE, mono or stereo, in blocks of 10 ms."""

    def start(self, fill: Fill) -> None:
        """Begin; raises NoSpeakerError."""
        ...

    @property
    def alive(self) -> bool:
        """False once a device that was started went away."""
        ...

    def close(self) -> None:
        """End; no block is taken afterwards."""
        ...
