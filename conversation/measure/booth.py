"""The audio process's own parts, playback timeline and ear, in a calculated room and on a clock of their own.

Nothing here waits: ten minutes take as long as the work they make. Who has the floor is decided as the turn machine
does, from the voice alone: one that begins ducks playback, one that lasts cuts it, one that pauses before that lets
playback go on as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.base import SPEAKER_RATE
from conversation.audio.ear import Ear
from conversation.audio.echo import EchoCanceller, Frame
from conversation.audio.recording import FaceLog
from conversation.audio.reference import FRAME
from conversation.audio.timeline import Timeline
from conversation.engines.base import VoiceActivity
from conversation.link.audio_clock import AudioClock
from conversation.link.audio_events import SpeechDropped, SpeechEnded, SpeechStarted, SpeechSustained
from conversation.link.events import SpeechPaused, SpeechResumed
from conversation.link.face_track import CHANNELS
from conversation.measure.room import BLOCK, BLOCK_NS, Room
from conversation.settings import ConversationSettings

F32 = npt.NDArray[np.float32]

_START_NS: Final = 1_000_000_000
_AHEAD: Final = SPEAKER_RATE // 2
_FACE_RATE: Final = 50.0
_OPEN: Final = 0.5
_REST: Final = 0.02
_HEARD: Final = 1e-4
"""A sample of playback that is not silence: -80 dBFS."""


@dataclass
class Cut:
    """One interruption that was obeyed; monotonic ns."""

    time: int
    silent: int = 0
    """When the listener hears the last of it."""
    at_rest: int = 0
    """When the face that the listener sees is at rest."""


@dataclass
class Taken:
    """What went through the microphone in a passage; (n,) each at MICROPHONE_RATE."""

    echo: list[F32] = field(default_factory=list)
    near: list[F32] = field(default_factory=list)
    left: list[F32] = field(default_factory=list)
    """By the linear filter."""
    clean: list[F32] = field(default_factory=list)
    """By AEC3."""


class Booth:
    """One room, one avatar that talks in it, one ear; `step` is 10 ms."""

    def __init__(self, room: Room, voice: VoiceActivity) -> None:
        settings = ConversationSettings()
        self._room = room
        self._canceller = _Tapped()
        self._ear = Ear(voice, settings.endpoint, settings.barge_in, self._canceller, settings.tail_s)
        self._clock = AudioClock.create(SPEAKER_RATE)
        self._face = FaceLog()
        self._timeline = Timeline(SPEAKER_RATE, self._clock, [self._face], lambda _: None)
        self._turn, self._clause, self._queued = 1, 0, 0
        self._block = 0
        self._sounded = 0  # samples of playback up to the last one that could be heard
        self.obeys = True
        """Whether a voice ducks and cuts playback."""
        self.ducks: list[int] = []
        """When playback was ducked; monotonic ns."""
        self.cuts: list[Cut] = []
        self.taken = Taken()

    def close(self) -> None:
        """Let go of the clock."""
        self._clock.close()

    @property
    def now_ns(self) -> int:
        """Monotonic ns of the block that comes next."""
        return _START_NS + self._block * BLOCK_NS

    @property
    def delay_s(self) -> float | None:
        """The echo's delay as it was measured."""
        return self._canceller.delay_s

    def begin(self) -> Taken:
        """A new passage: what goes through the microphone from now on."""
        self.taken = self._canceller.taken = Taken()
        return self.taken

    def play(self, voice: Iterator[F32] | None, near: F32) -> None:
        """Go on for as long as `near` (n,) lasts; the avatar says what `voice` gives, as long as it has the floor."""
        for first in range(0, len(near) - FRAME + 1, FRAME):
            if voice is not None and self._queued - self._block * BLOCK < _AHEAD:
                self._say(next(voice))
            self._step(near[first : first + FRAME])

    def move(self) -> None:
        """The microphone moves."""
        self._room.move()

    def fall_silent(self) -> None:
        """The avatar has said enough."""
        self._cut(self.now_ns)

    def next_turn(self) -> None:
        """The avatar may speak again."""
        self._turn += 1
        self._clause, self._queued = 0, 0

    def _say(self, samples: F32) -> None:
        frames = np.full((round(len(samples) / SPEAKER_RATE * _FACE_RATE), CHANNELS), _OPEN, np.float32)
        self._timeline.schedule(self._turn, self._clause, samples, frames, _FACE_RATE, self.now_ns)
        self._clause += 1
        self._queued = max(self._queued, self._block * BLOCK) + len(samples)

    def _step(self, near: F32) -> None:
        now, plan = self.now_ns, self._room.plan
        block = self._timeline.fill(BLOCK, now, plan.latency_s)
        self._ear.played(block, self._room.stamp(now), plan.latency_s)
        loud = np.flatnonzero(np.abs(block) > _HEARD)
        if len(loud):
            self._sounded = self._block * BLOCK + int(loud[-1]) + 1
        echo = self._room.echo_of(block)
        self.taken.echo.append(echo)
        self.taken.near.append(near)
        taken = echo + near + self._room.noise()
        self._block += 1
        for message in self._ear.hear(taken, self._room.stamp(now), busy=self._timeline.busy):
            if self.obeys:
                self._obey(message)

    def _obey(self, message: object) -> None:
        match message:
            case SpeechStarted() | SpeechResumed() if self._timeline.busy:
                self.ducks.append(self.now_ns)
                self._timeline.duck(True)
            case SpeechPaused() | SpeechEnded() | SpeechDropped():
                self._timeline.duck(False)
            case SpeechSustained():
                self._cut(self.now_ns)
                self.cuts.append(Cut(self.now_ns))

    def _cut(self, now_ns: int) -> None:
        self._timeline.cut(self._turn, now_ns)
        self._queued = 0

    def settle(self, cut: Cut) -> None:
        """Some time after a cut: when sound and face came to rest, as the listener heard and saw them."""
        later_ns = round((self._room.plan.latency_s + self._room.plan.hidden_s) * 1e9)
        cut.silent = _START_NS + self._sounded * 1_000_000_000 // SPEAKER_RATE + later_ns
        curve = self._face.curve()
        sample = (cut.time - _START_NS) * SPEAKER_RATE // 1_000_000_000
        while curve.at(float(sample)).max() > _REST:
            sample += SPEAKER_RATE // 1000
        cut.at_rest = _START_NS + sample * 1_000_000_000 // SPEAKER_RATE + later_ns


class _Tapped(EchoCanceller):
    """A canceller that keeps what it gives."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = Taken()

    def process(self, block: F32, start_ns: int) -> list[Frame]:
        frames = super().process(block, start_ns)
        self.taken.left += [frame.left for frame in frames]
        self.taken.clean += [frame.clean for frame in frames]
        return frames


def looped(parts: Iterable[F32]) -> Iterator[F32]:
    """The parts again and again."""
    kept = list(parts)
    while True:
        yield from kept
