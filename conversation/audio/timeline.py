"""The playback timeline: every clause has an absolute place among the samples that the loudspeaker takes.

Voice and face are scheduled together, at the end of what is queued or `lead` ahead of now, so that the display, which
looks ahead by a frame or two, never comes too late for a first lip movement. `fill` runs in the device's thread, all
else in the audio process's loop; one lock keeps them apart, and it is held for microseconds.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from conversation.audio.levels import first_audible
from conversation.link.audio_clock import AudioClock
from conversation.link.audio_events import PlaybackCut, PlaybackEnded, PlaybackStarted

F32 = npt.NDArray[np.float32]

LEAD_S: Final = 0.06
FADE_S: Final = 0.005
"""A cut fades out over this time: a step in the waveform clicks."""
DUCKED: Final = 10 ** (-12 / 20)
"""Gain while the user seems to speak: soft enough to speak against, loud enough to go on from."""
DUCK_S: Final = 0.03
"""From one loudness to the other."""

PlaybackEvent = PlaybackStarted | PlaybackEnded


class FaceSink(Protocol):
    """Takes the face of what is scheduled: FaceTrack, and the recording's copy of it."""

    def write(self, first_sample: int, samples_per_frame: float, frames: F32) -> None:
        """As FaceTrack.write."""
        ...

    def cut(self, at_sample: int) -> None:
        """As FaceTrack.cut."""
        ...


@dataclass
class _Piece:
    turn: int
    clause: int
    start: int
    samples: F32
    opens: bool
    """First of its turn."""

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


class Timeline:
    """Queue of clauses by absolute sample; sample `first` is the first that the loudspeaker takes."""

    def __init__(
        self,
        rate: int,
        clock: AudioClock,
        faces: Sequence[FaceSink],
        notify: Callable[[PlaybackEvent], None],
        *,
        lead_s: float = LEAD_S,
        first: int = 0,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._faces = faces
        self._notify = notify
        self._lead = round(lead_s * rate)
        self._lock = threading.Lock()
        self._pieces: deque[_Piece] = deque()
        self._taken = first
        self._latency_s = 0.0
        self._stamp: tuple[int, int] | None = None  # sample and time of the block taken last
        self._turn = 0  # the newest turn
        self._opened = 0  # the newest turn of which samples were scheduled
        self._complete = 0  # no more clauses of this turn, or of any before it
        self._ended = 0  # the turn whose end was told
        self._cut = 0  # nothing of this turn, or of any before it, plays any more
        self._gain = 1.0
        self._ducked = False
        self._heard: tuple[int, int] = (-1, 0)  # clause of the newest turn, samples taken of it

    @property
    def busy(self) -> bool:
        """Speech is queued, plays, or is still to come in a turn that has begun."""
        with self._lock:
            return bool(self._pieces) or self._turn > max(self._ended, self._cut)

    @property
    def turn(self) -> int:
        """The newest turn."""
        return self._turn

    @property
    def latency_s(self) -> float:
        """From taking a sample to hearing it."""
        return self._latency_s

    def schedule(
        self, turn: int, clause: int, samples: F32, frames: F32, frame_rate: float, now_ns: int, first: int = 0
    ) -> int | None:
        """Queue one clause with its face, whose frame 0 is at sample `first`; the sample at which the clause begins.

        None where nothing is queued: its turn was cut, or it has no samples.
        """
        with self._lock:
            if turn <= self._cut:
                return None
            if turn > self._turn:
                self._turn, self._heard = turn, (-1, 0)
            if not len(samples):
                return None
            tail = self._pieces[-1].end if self._pieces else 0
            start = max(tail, self._position(now_ns) + self._lead)
            follows = start == tail and turn == self._opened
            self._pieces.append(_Piece(turn, clause, start, samples, opens=turn > self._opened))
            self._opened = max(self._opened, turn)
            step = self._rate / frame_rate
            # After a gap the face was at rest meanwhile: what belongs before the clause is late, and left out.
            late = 0 if follows else min(ceil(max(-first, 0) / step), len(frames))
            for face in self._faces:
                face.write(round(start + first + late * step), step, frames[late:])
            return start

    def complete(self, turn: int, now_ns: int) -> None:
        """No more clauses of this turn: playback ends with what is queued."""
        with self._lock:
            self._complete = max(self._complete, turn)
            self._turn = max(self._turn, turn)
            self._tell_end(now_ns)

    def cut(self, turn: int, now_ns: int) -> PlaybackCut:
        """Silence after a fade of 5 ms: nothing of this turn and of those before it is played any more."""
        with self._lock:
            self._cut = max(self._cut, turn)
            clause, played = self._heard if self._turn == turn else (-1, 0)
            kept = deque(piece for piece in self._pieces if piece.turn > turn)
            fade = round(FADE_S * self._rate)
            playing = next((p for p in self._pieces if p.turn <= turn and p.start <= self._taken < p.end), None)
            if playing is not None:
                rest = playing.samples[self._taken - playing.start :][:fade]
                ramp = np.linspace(1, 0, len(rest), dtype=np.float32)
                kept.appendleft(_Piece(playing.turn, playing.clause, self._taken, rest * ramp, opens=False))
            if len(kept) != len(self._pieces) or playing is not None:
                for face in self._faces:
                    face.cut(self._taken + fade)
            self._pieces = kept
            self._ducked = False
            return PlaybackCut(turn, clause, played, now_ns)

    def duck(self, on: bool) -> None:
        """From the next block on, play softly (or as it was again) after a short ramp."""
        with self._lock:
            self._ducked = on

    def fill(self, count: int, time_ns: int, latency_s: float) -> F32:
        """The next `count` samples, for a device that takes them at `time_ns`."""
        with self._lock:
            first, end = self._taken, self._taken + count
            block = np.zeros(count, np.float32)
            while self._pieces and self._pieces[0].start < end:
                piece = self._pieces[0]
                a, b = max(piece.start, first), min(piece.end, end)
                block[a - first : b - first] = piece.samples[a - piece.start : b - piece.start]
                if piece.opens and a == piece.start:
                    self._tell_start(piece, first, time_ns)
                if piece.turn == self._turn and piece.turn > self._cut:
                    self._heard = (piece.clause, b - piece.start)
                if piece.end > end:
                    break
                self._pieces.popleft()
                self._tell_end(time_ns + (piece.end - first) * 1_000_000_000 // self._rate)
            block *= self._gains(count)
            self._taken, self._stamp = end, (first, time_ns)
            self._latency_s = latency_s
            self._clock.update(first, time_ns, latency_s)
        return block

    def _gains(self, count: int) -> F32 | float:
        """The gain of each of the next `count` samples, on its way to where `duck` wants it."""
        wanted = DUCKED if self._ducked else 1.0
        if self._gain == wanted:
            return wanted
        step = (1.0 - DUCKED) / (DUCK_S * self._rate)
        ramp = self._gain + np.copysign(step, wanted - self._gain) * np.arange(1, count + 1)
        gains: F32 = np.clip(ramp, min(self._gain, wanted), max(self._gain, wanted)).astype(np.float32)
        self._gain = wanted if abs(ramp[-1] - self._gain) >= abs(wanted - self._gain) else float(ramp[-1])
        return gains

    def _position(self, now_ns: int) -> int:
        """The sample that the device takes now, even if its thread runs late."""
        if self._stamp is None:
            return self._taken
        sample, time_ns = self._stamp
        return max(self._taken, sample + (now_ns - time_ns) * self._rate // 1_000_000_000)

    def _tell_start(self, piece: _Piece, first: int, time_ns: int) -> None:
        def when(sample: int) -> int:
            return time_ns + (sample - first) * 1_000_000_000 // self._rate

        audible = first_audible(piece.samples)
        self._notify(
            PlaybackStarted(piece.turn, when(piece.start), None if audible is None else when(piece.start + audible))
        )

    def _tell_end(self, time_ns: int) -> None:
        """A turn ends once, when all of it came and all that came was taken."""
        queued = any(piece.turn == self._turn for piece in self._pieces)
        if self._turn <= self._complete and self._turn > max(self._ended, self._cut) and not queued:
            self._ended = self._turn
            self._notify(PlaybackEnded(self._turn, time_ns))
