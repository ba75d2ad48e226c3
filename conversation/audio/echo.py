"""Echo cancellation: takes the avatar's own voice out of the microphone, so that it can listen while it speaks.

WebRTC's AEC3 (pywebrtc-audio), and a linear filter beside it, with what playback really put out as reference. The
devices' stamps say how both lie to each other; where the stamps are wrong, the delay is measured by correlation and
the reference moved. While nothing is played there is nothing to take out, and both rest.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.linear_echo import LinearEcho
from conversation.audio.reference import FRAME, Reference
from conversation.audio.residue import Residue
from conversation.errors import NoEchoCancellerError

F32 = npt.NDArray[np.float32]

_NS: Final = 1_000_000_000
_PATIENCE: Final = 4 * FRAME
"""A frame whose reference is late waits for so many samples more."""
_MEASURED_S: Final = 1.0
_EVERY_S: Final = 0.5
_TRIES: Final = 6
"""After so many measurements in vain there is no echo: somebody wears headphones."""
_EARLIEST_S: Final = -0.3
_LATEST_S: Final = 1.0
_GOOD_S: Final = (0.001, 0.04)
"""Delays that leave the linear filter enough of its length for the room."""
_AIM_S: Final = 0.01
_CLEAR: Final = 20.0
"""A peak counts from so many times the mean height on: echoes have 30 and more, strangers 14 at most."""
_ACTIVE: Final = 1e-6
_RESTS: Final = 1000
"""Frames of silence that are played before AEC3 rests: ten seconds, which no dialogue's pause is."""
_CAUGHT_UP: Final = 50
"""Frames of the microphone that it is told when it goes on: the newest of what it missed."""
_TALKS: Final = 0.3
"""A measurement is worth its while where so many frames were played at -60 dBFS or more."""


@dataclass(frozen=True)
class Frame:
    """10 ms of the microphone without the echo, (FRAME,) each."""

    clean: F32
    """As AEC3 leaves it: the purest silence, and less of the user where both talk. As it came while AEC3 rests."""
    left: F32
    """As a linear filter leaves it, with the user whole: what voice is looked for in, and what is transcribed."""
    doubt: float
    """Mean square of the echo that may be in `left`; 0 where nothing was played."""
    end_ns: int
    """Monotonic ns of the last sample."""


class EchoCanceller:
    """`reference.played` is fed by the loudspeaker's thread, `process` called from another.

    Raises NoEchoCancellerError where pywebrtc-audio is not installed.
    """

    def __init__(self, *, noise_suppression: int | None = None) -> None:
        try:
            from pywebrtc_audio import AudioProcessor
        except ImportError as error:
            raise NoEchoCancellerError(
                f"The avatar cannot listen while it speaks ({error}); to let it, run: pip install pywebrtc-audio"
            ) from None
        self._processor = AudioProcessor(
            sample_rate=MICROPHONE_RATE,
            echo_cancellation=True,
            noise_suppression=noise_suppression is not None,
            ns_level=noise_suppression or 0,
        )
        self.reference = Reference()
        self.residue = Residue()
        self._linear = LinearEcho()
        self._delay = DelayMeter()
        self._count = 0
        self._silent = _RESTS  # frames since anything was played
        self._missed: deque[F32] = deque(maxlen=_CAUGHT_UP)
        self._waiting: F32 = np.zeros(0, np.float32)

    @property
    def delay_s(self) -> float | None:
        """What was measured last: the echo's delay behind the reference, as it was before it was moved."""
        return self._delay.delay_s

    @property
    def waiting(self) -> int:
        """Samples of the microphone that are not processed yet."""
        return len(self._waiting)

    def judge(self, probability: float) -> float:
        """A window's probability of speech; 0 where that is the avatar's, or where nobody can tell yet."""
        return self.residue.judge(probability) if self._delay.known or not self._linear.doubt else 0.0

    def process(self, block: F32, start_ns: int) -> list[Frame]:
        """The microphone's next samples (n,), the first of them taken at `start_ns`; the frames they complete."""
        self.reference.heard(self._count, start_ns)
        self._count += len(block)
        end_ns = start_ns + len(block) * _NS // MICROPHONE_RATE
        self._waiting = np.concatenate([self._waiting, block])
        frames: list[Frame] = []
        while len(self._waiting) >= FRAME and (self.reference.ready() or len(self._waiting) > _PATIENCE):
            near, self._waiting = self._waiting[:FRAME].astype(np.float32), self._waiting[FRAME:]
            frames.append(self._cancel(near, end_ns - len(self._waiting) * _NS // MICROPHONE_RATE))
        return frames

    def _cancel(self, near: F32, end_ns: int) -> Frame:
        far = self.reference.take()
        wrong = self._delay.push(near, far)
        if wrong is not None:
            self.reference.lead += round((_AIM_S - wrong) * MICROPHONE_RATE)
            self._delay.clear()
            # What was learnt belongs to another delay; beginning anew is faster than learning it over.
            self._processor.reset()
            self._linear = LinearEcho()
        left = self._linear(near, far, moved=self.residue.moved)
        clean = self._clean(near, far)
        power = _power(left)
        self.residue.push(power, power if clean is left else _power(clean), self._linear.doubt)
        return Frame(clean, left, self._linear.doubt, end_ns)

    def _clean(self, near: F32, far: F32) -> F32:
        """What AEC3 leaves of a frame."""
        self._silent = 0 if far.any() else self._silent + 1
        if self._silent > _RESTS:
            self._missed.append(near)
            return near
        # To AEC3 the rest did not happen; of the room's noise it hears the newest.
        while self._missed:
            self._processor.process(self._missed.popleft(), np.zeros(FRAME, np.float32))
        clean: F32 = self._processor.process(near, far)
        return clean


class DelayMeter:
    """The echo's delay behind its reference, by correlation with the phase alone (GCC-PHAT, Knapp and Carter 1976)."""

    def __init__(self) -> None:
        frames = round(_MEASURED_S * MICROPHONE_RATE) // FRAME
        self._near: deque[F32] = deque(maxlen=frames)
        self._far: deque[F32] = deque(maxlen=frames)
        self._since = 0
        self._tries = 0
        self._found: float | None = None
        self.delay_s: float | None = None

    @property
    def known(self) -> bool:
        """The delay was measured, or there seems to be no echo."""
        return self.delay_s is not None or self._tries >= _TRIES

    def push(self, near: F32, far: F32) -> float | None:
        """A frame of both; the delay where two measurements, half a second apart, say that it is none to live with."""
        self._near.append(near)
        self._far.append(far)
        self._since += FRAME
        if self._since < _EVERY_S * MICROPHONE_RATE or len(self._near) < (self._near.maxlen or 0):
            return None
        self._since = 0
        played = np.stack(self._far)
        if np.mean(np.mean(played**2, axis=1) > _ACTIVE) < _TALKS:
            return None
        self._tries += 1
        before, self._found = self._found, correlate(np.concatenate(self._near), played.reshape(-1))
        if before is None or self._found is None or abs(before - self._found) > 0.002:
            return None
        self.delay_s = self._found
        return None if _GOOD_S[0] <= self._found <= _GOOD_S[1] else self._found

    def clear(self) -> None:
        """The reference was moved: what was collected is worth nothing."""
        self._near.clear()
        self._far.clear()
        self._found = None


def correlate(near: F32, far: F32) -> float | None:
    """Seconds from `far` to its echo in `near` ((n,) each, the same n); None where none stands out."""
    size = 1 << (len(near) + round((_LATEST_S - _EARLIEST_S) * MICROPHONE_RATE)).bit_length()
    cross = np.fft.rfft(near, size) * np.conj(np.fft.rfft(far, size))
    height = np.abs(np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-12), size))
    earliest, latest = round(_EARLIEST_S * MICROPHONE_RATE), round(_LATEST_S * MICROPHONE_RATE)
    heights = np.concatenate([height[earliest:], height[:latest]])
    peak = int(np.argmax(heights))
    return (peak + earliest) / MICROPHONE_RATE if heights[peak] > _CLEAR * heights.mean() else None


def _power(samples: F32) -> float:
    return float(np.dot(samples, samples)) / len(samples)
