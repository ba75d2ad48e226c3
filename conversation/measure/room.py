"""A room that is calculated: loudspeaker, walls, noise and microphone between playback and the ear.

The walls are those of a shoebox, by image sources (Allen and Berkley 1979, as pyroomacoustics calculates them). The
loudspeaker has no bass, and its cone moves less the further it moves. Blocks go in and out at the pace of the devices,
each with the stamps that devices would give, so that what stands behind the microphone cannot tell it from a real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt, sosfilt_zi

from conversation.audio.base import MICROPHONE_RATE, SPEAKER_RATE
from conversation.audio.reference import FRAME, Downsampler
from conversation.errors import ConversationError

F32 = npt.NDArray[np.float32]
Place = tuple[float, float, float]

BLOCK: Final = SPEAKER_RATE // 100
BLOCK_NS: Final = 10_000_000
_LOUD: Final = 0.11
"""Active level of the voice that playback is given, as a root mean square: what levels in the room relate to."""


_MOVE: Final = (0.06, -0.05, 0.03)
_ORDER: Final = 40
"""Reflections of a sound at most: what is left after them is softer by 40 dB and more."""


@dataclass(frozen=True)
class RoomPlan:
    """A room and what stands in it; metres, seconds, and decibels of full scale at the microphone."""

    name: str
    size: Place
    reverberation_s: float
    loudspeaker: Place
    microphone: Place
    user: Place
    radio: Place
    """Where music comes from that is not the avatar's."""
    echo_db: float
    """Level of the avatar's voice."""
    user_db: float
    noise_db: float
    latency_s: float
    """From taking a sample to sounding it, as the device says."""
    hidden_s: float
    """What the device does not say of its latency; negative where it says too much."""
    jitter_s: float
    """Of every stamp: standard deviation."""
    distortion: float
    """Share of the cone's way at which it has a tenth less: larger is cleaner."""


ROOMS: Final = (
    RoomPlan(
        "desk", (4.0, 3.2, 2.6), 0.35, (1.6, 1.4, 0.9), (2.1, 1.5, 0.9), (2.3, 2.1, 1.2), (3.6, 0.4, 1.0),
        echo_db=-26, user_db=-26, noise_db=-60, latency_s=0.04, hidden_s=0.02, jitter_s=0.001, distortion=2.0,
    ),
    RoomPlan(
        "headset", (5.0, 4.0, 2.6), 0.45, (2.50, 2.00, 1.58), (2.50, 2.09, 1.55), (2.50, 2.10, 1.50), (0.5, 3.5, 0.8),
        echo_db=-32, user_db=-24, noise_db=-62, latency_s=0.02, hidden_s=0.005, jitter_s=0.0005, distortion=1.4,
    ),
    RoomPlan(
        "living room", (6.5, 4.6, 2.7), 0.55, (1.0, 2.0, 1.0), (3.4, 2.3, 0.8), (4.0, 2.6, 1.2), (1.0, 4.0, 1.0),
        echo_db=-24, user_db=-27, noise_db=-56, latency_s=0.05, hidden_s=0.08, jitter_s=0.002, distortion=1.7,
    ),
)  # fmt: skip


class Room:
    """10 ms after 10 ms: what playback gives goes in, what the microphone takes comes out."""

    def __init__(self, plan: RoomPlan, seed: int = 0) -> None:
        self.plan = plan
        (self._here, self._user, self._radio), (self._there, *_) = _impulse_responses(plan)
        self._echo = Convolution(self._here)
        self._rng = np.random.default_rng(seed)
        self._noise = _Noise(self._rng)
        self._cone = _Loudspeaker(plan.distortion)
        self._downsample = Downsampler()
        self._delay = np.zeros(round((plan.latency_s + plan.hidden_s) * MICROPHONE_RATE), np.float32)

    def spoken(self, dry: F32) -> F32:
        """Speech at the user's place as it arrives at the microphone: (n,) at MICROPHONE_RATE, active level user_db."""
        return _placed(dry, self._user, self.plan.user_db)

    def aired(self, dry: F32, level_db: float) -> F32:
        """Sound from the radio's place as it arrives at the microphone."""
        return _placed(dry, self._radio, level_db)

    def move(self) -> None:
        """The microphone is put elsewhere, or back: all of the echo changes at once."""
        self._here, self._there = self._there, self._here
        self._echo.change(self._here)

    def echo_of(self, block: F32) -> F32:
        """(FRAME,) of the avatar's voice at the microphone, while playback takes `block` (BLOCK,)."""
        sound = np.concatenate([self._delay, self._downsample(block)])
        now, self._delay = sound[:FRAME], sound[FRAME:]
        return self._echo(self._cone(now)) * np.float32(10 ** (self.plan.echo_db / 20) / _LOUD)

    def noise(self) -> F32:
        """(FRAME,) of what is always there."""
        return self._noise(FRAME) * np.float32(10 ** (self.plan.noise_db / 20))

    def stamp(self, time_ns: int) -> int:
        """What a device says when it is this time: late by some jitter, never early."""
        return time_ns + round(abs(self._rng.normal()) * self.plan.jitter_s * 1e9)


class Convolution:
    """A stream through an impulse response, in blocks of FRAME (overlap-add)."""

    def __init__(self, response: F32) -> None:
        self._size = 1 << (len(response) + FRAME).bit_length()
        self._spectrum = np.fft.rfft(response, self._size)
        self._rest = np.zeros(self._size)

    def change(self, response: F32) -> None:
        """Go on with another response of the same length; what sounds already fades as it would have."""
        self._spectrum = np.fft.rfft(response, self._size)

    def __call__(self, block: F32) -> F32:
        """The next (FRAME,)."""
        if block.any():
            self._rest += np.fft.irfft(np.fft.rfft(block, self._size) * self._spectrum, self._size)
        made = self._rest[:FRAME].astype(np.float32)
        self._rest = np.concatenate([self._rest[FRAME:], np.zeros(FRAME)])
        return made


class _Loudspeaker:
    """Small: nothing below 200 Hz, and a cone with a soft end."""

    def __init__(self, reach: float) -> None:
        self._reach = reach
        self._sections = butter(2, 200, "high", fs=MICROPHONE_RATE, output="sos")
        self._state = sosfilt_zi(self._sections) * 0

    def __call__(self, block: F32) -> F32:
        bent = self._reach * np.tanh(block / self._reach)
        made, self._state = sosfilt(self._sections, bent, zi=self._state)
        return np.asarray(made, np.float32)


class _Noise:
    """Of a room with a fan: white noise that loses 6 dB an octave from 500 Hz on; root mean square 1."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._sections = butter(1, 500, "low", fs=MICROPHONE_RATE, output="sos")
        self._state = sosfilt_zi(self._sections) * 0
        self._gain = 1 / np.sqrt(np.mean(sosfilt(self._sections, np.random.default_rng(1).normal(size=65536)) ** 2))

    def __call__(self, count: int) -> F32:
        made, self._state = sosfilt(self._sections, self._rng.normal(size=count), zi=self._state)
        return np.asarray(made * self._gain, np.float32)


def active_level(samples: F32) -> float:
    """Root mean square of the blocks of 20 ms that lie within 25 dB of the loudest ones; 0 where there is nothing."""
    size = MICROPHONE_RATE // 50
    power = np.mean(samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64) ** 2, axis=1)
    if not len(power) or not power.any():
        return 0.0
    return float(np.sqrt(power[power > np.percentile(power, 95) * 10**-2.5].mean()))


def _placed(dry: F32, response: F32, level_db: float) -> F32:
    size = len(dry) + len(response) - 1
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(response, size), size).astype(np.float32)
    return wet * np.float32(10 ** (level_db / 20) / max(active_level(wet), 1e-9))


def _impulse_responses(plan: RoomPlan) -> list[list[F32]]:
    """From loudspeaker, user and radio to the microphone where it stands, and to where it is moved.

    Each has energy 1, so that speech keeps its level.
    """
    try:
        import pyroomacoustics as acoustics
    except ImportError:
        raise ConversationError(
            "The room of this bench needs pyroomacoustics; install it with: pip install 'visavis[bench]'."
        ) from None
    absorption, order = acoustics.inverse_sabine(plan.reverberation_s, plan.size)
    walls = acoustics.Material(absorption)
    box = acoustics.ShoeBox(plan.size, fs=MICROPHONE_RATE, materials=walls, max_order=min(order, _ORDER))
    for place in (plan.loudspeaker, plan.user, plan.radio):
        box.add_source(place)
    for step in ((0.0, 0.0, 0.0), _MOVE):
        box.add_microphone(np.add(plan.microphone, step))
    box.compute_rir()
    early = acoustics.constants.get("frac_delay_length") // 2  # its filters for parts of a sample begin before time 0
    length = max(len(response) for responses in box.rir for response in responses) - early
    made = [[np.zeros(length, np.float32) for _ in responses] for responses in box.rir]
    for padded, responses in zip(made, box.rir, strict=True):
        for whole, response in zip(padded, responses, strict=True):
            whole[: len(response) - early] = response[early:]
            whole /= np.sqrt(np.sum(whole**2))
    return made
