"""Microphone and loudspeaker without devices: files and silence behind the same interface, paced in real time.

Block k belongs to start + k * 10 ms on the monotonic clock whenever the thread really gets to run, so that a busy
machine neither slows the stream down nor shifts any stamp.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from conversation.audio.base import BLOCK_S, MICROPHONE_RATE, SPEAKER_RATE, Deliver, Fill
from conversation.audio.levels import voiced_span
from conversation.errors import AudioFileError

F32 = npt.NDArray[np.float32]

_BLOCK_NS: Final = round(BLOCK_S * 1e9)
_LONGEST_S: Final = 600.0


@dataclass(frozen=True)
class Question:
    """A spoken question: (n,) at MICROPHONE_RATE, with its first and last voiced sample."""

    path: Path
    samples: F32
    first_voiced: int
    last_voiced: int


def read_question(path: Path) -> Question:
    """A sound file as the microphone would give it; raises AudioFileError if it is none, or silent."""
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > _LONGEST_S * file.samplerate:
                raise AudioFileError(f"{path} is longer than {_LONGEST_S / 60:.0f} minutes; use a single question.")
            samples = file.read(dtype="float32", always_2d=True).mean(axis=1)
            rate = file.samplerate
    except (soundfile.LibsndfileError, OSError, RuntimeError, TypeError) as error:
        why = (
            "there is no such file" if not Path(path).exists() else f"it is not a sound file that can be read ({error})"
        )
        raise AudioFileError(f"{path} cannot be played: {why}.") from None
    if rate != MICROPHONE_RATE:
        samples = soxr.resample(samples, rate, MICROPHONE_RATE)
    samples = np.nan_to_num(samples.astype(np.float32), posinf=0.0, neginf=0.0)
    span = voiced_span(samples, MICROPHONE_RATE)
    if span is None:
        raise AudioFileError(f"{path} holds no sound; record the question again.")
    return Question(Path(path), samples, *span)


class FileMicrophone:
    """Silence in real time, until it is told to play a question."""

    def __init__(self) -> None:
        self._pace: _Pace | None = None
        self._lock = threading.Lock()
        self._next_block = 0
        self._pending: F32 = np.zeros(0, np.float32)
        self._pending_block = 0

    def start(self, deliver: Deliver) -> None:
        """Begin with silence."""
        size = round(MICROPHONE_RATE * BLOCK_S)

        def block(index: int, start_ns: int) -> None:
            deliver(self._cut_block(index, size), start_ns)

        # A microphone gives a block when it is over, not when it begins.
        self._pace = _Pace("file-microphone", block, delay_ns=_BLOCK_NS)
        self._pace.start()

    def play(self, question: Question) -> int:
        """Play a question now, after what still plays; monotonic ns of its first sample."""
        if self._pace is None:
            raise AudioFileError(f"{question.path} cannot be played before the microphone has started.")
        size = round(MICROPHONE_RATE * BLOCK_S)
        with self._lock:
            if not len(self._pending):
                self._pending_block = max(self._next_block, self._pace.block_now() + 1)
            start = self._pending_block * size + len(self._pending)
            self._pending = np.concatenate([self._pending, question.samples])
        return self._pace.start_ns + start * 1_000_000_000 // MICROPHONE_RATE

    @property
    def playing(self) -> bool:
        """A question has not been played to its end."""
        with self._lock:
            return len(self._pending) > 0

    @property
    def alive(self) -> bool:
        """Files do not go away."""
        return True

    def close(self) -> None:
        """End; no block is delivered afterwards."""
        if self._pace is not None:
            self._pace.stop()

    def _cut_block(self, index: int, size: int) -> F32:
        block = np.zeros(size, np.float32)
        with self._lock:
            self._next_block = index + 1
            if len(self._pending) and index >= self._pending_block:
                part = self._pending[:size]
                block[: len(part)] = part
                self._pending = self._pending[size:]
                self._pending_block = index + 1
        return block


class FileSpeaker:
    """Takes sound in real time and lets nobody hear it; the recording keeps it."""

    def __init__(self) -> None:
        self._pace: _Pace | None = None

    def start(self, fill: Fill) -> None:
        """Begin to take blocks."""
        size = round(SPEAKER_RATE * BLOCK_S)

        def block(index: int, start_ns: int) -> None:
            fill(size, start_ns, 0.0, 1)

        self._pace = _Pace("file-speaker", block, delay_ns=0)
        self._pace.start()

    @property
    def alive(self) -> bool:
        """Files do not go away."""
        return True

    def close(self) -> None:
        """End; no block is taken afterwards."""
        if self._pace is not None:
            self._pace.stop()


class _Pace:
    """Calls `block(k, start + k * 10 ms)` from a thread, `delay_ns` after that time; late blocks follow at once."""

    def __init__(self, name: str, block: Callable[[int, int], None], *, delay_ns: int) -> None:
        self._block = block
        self._delay_ns = delay_ns
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.start_ns = 0

    def start(self) -> None:
        self.start_ns = time.monotonic_ns()
        self._thread.start()

    def block_now(self) -> int:
        return (time.monotonic_ns() - self.start_ns) // _BLOCK_NS

    def stop(self) -> None:
        self._ended = True
        self._thread.join()

    def _run(self) -> None:
        index = 0
        while True:
            start_ns = self.start_ns + index * _BLOCK_NS
            wait_ns = start_ns + self._delay_ns - time.monotonic_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / 1e9)
            if self._ended:
                return
            self._block(index, start_ns)
            index += 1
