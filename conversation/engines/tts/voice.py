"""What every voice has in common: pieces said one after the other, at one loudness, with the pauses that their
punctuation asks for, and settings that hold from the next piece on.

A voice says how it cuts a text (`pieces`) and how a piece sounds (`say`). Here silence before and behind a piece is
cut off and measured anew, long silence inside it is shortened, its ends fade in and out, and its loudness is made the
same as that of any other: clauses made one by one then follow each other as if they had been said in one go.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation.engines.base import F32, Cancelled, Speech, never
from conversation.engines.tts.loudness import levelled, limited
from conversation.errors import EngineError

LOUDNESS: Final = -20.0
"""LUFS of every clause at volume 1."""
SLOWEST: Final = 0.5
FASTEST: Final = 2.0
PAUSES: Final = {**dict.fromkeys(".!?…。！？", 0.30), **dict.fromkeys(",;:—，；：、", 0.12)}
"""Seconds after a piece, by its last letter."""
NO_PAUSE: Final = 0.04
LONGEST_SILENCE: Final = 0.32
"""Seconds, inside a piece."""
_BLOCK_S: Final = 0.005
_LEAD_BLOCKS: Final = 2
_AUDIBLE: Final = 10 ** (-55 / 20)
"""Root mean square of a block that somebody hears, of speech at LOUDNESS."""
_CLOSING: Final = "”’」』）》】\"')] "


@dataclass(frozen=True)
class VoiceSettings:
    """How a voice speaks; may change at any time and holds from the next piece on."""

    speed: float = 1.0
    """1 is the voice's own pace, 2 twice as fast."""
    volume: float = 1.0
    """1 is LOUDNESS, 0.5 half the amplitude; above 1 peaks are held below the ceiling."""
    voice: str = ""
    """One of `Voice.voices`; "" is the engine's first choice for the language."""

    def __post_init__(self) -> None:
        if not SLOWEST <= self.speed <= FASTEST:
            raise EngineError(f"A voice cannot speak at {self.speed} times its pace: choose from 0.5 to 2.")
        if not 0.0 <= self.volume <= 4.0:
            raise EngineError(f"A voice cannot speak at {self.volume} times its volume: choose from 0 to 4.")


class Voice(ABC):
    """A SpeechSynthesiser that is Paced; a subclass has `pieces` and `say`."""

    sample_rate: int
    voices: tuple[str, ...] = ()
    """Names that VoiceSettings.voice may have."""

    def __init__(self, settings: VoiceSettings) -> None:
        self.settings = settings
        self.pace = 1.0

    @property
    def settings(self) -> VoiceSettings:
        """What holds now; setting it raises EngineError where the engine has no such voice."""
        return self._settings

    @settings.setter
    def settings(self, settings: VoiceSettings) -> None:
        if settings.voice and settings.voice not in self.voices:
            there = f"choose one of {', '.join(self.voices)}" if self.voices else "it has one voice only"
            raise EngineError(f"There is no voice {settings.voice!r} in this engine: {there}.")
        self._settings = settings

    def find_voices(self) -> None:  # noqa: B027
        """Add to `voices` those that came since they were read, where there can be any; may be called while another
        thread says something. Raises EngineError where one cannot be read."""

    @abstractmethod
    def pieces(self, text: str) -> Iterator[str]:
        """`text` in what is said in one go, each with its punctuation."""

    @abstractmethod
    def say(self, piece: str, settings: VoiceSettings) -> F32:
        """A piece as the model says it, (n,); empty where there is nothing to say."""

    def synthesise(self, text: str, *, cancelled: Cancelled = never) -> Speech:
        """`text` aloud; cancelled between pieces. Nothing to say gives no samples."""
        parts = [np.zeros(0, np.float32)]
        for piece in self.pieces(text):
            if cancelled():
                break
            settings = replace(self._settings, speed=min(max(self._settings.speed * self.pace, SLOWEST), FASTEST))
            samples = finished(self.say(piece, settings), self.sample_rate, pause_after(piece))
            parts.append(limited(np.asarray(samples * settings.volume, np.float32), self.sample_rate))
        return Speech(np.concatenate(parts), self.sample_rate)


def pause_after(piece: str) -> float:
    """Seconds of silence that the end of a piece asks for."""
    return PAUSES.get(piece.rstrip(_CLOSING)[-1:], NO_PAUSE)


def finished(samples: F32, rate: int, pause: float) -> F32:
    """A piece at LOUDNESS without silence before it, `pause` seconds after it, none longer than LONGEST_SILENCE in it,
    and ends that fade; empty where nothing is heard."""
    block = max(1, round(_BLOCK_S * rate))
    # Twice: what is silence is told at speech's loudness, and that is measured without the silence around it.
    for _ in range(2):
        samples = levelled(samples, rate, LOUDNESS)
        blocks = samples[: len(samples) // block * block].reshape(-1, block)
        audible = np.sqrt((blocks**2).mean(axis=1)) > _AUDIBLE
        places = np.flatnonzero(audible)
        if not len(places):
            return samples[:0]
        first, last = max(0, places[0] - _LEAD_BLOCKS), min(len(blocks), places[-1] + 1 + _LEAD_BLOCKS)
        samples, audible = samples[first * block : last * block], audible[first:last]
    kept = np.concatenate(list(_without_long_silence(samples, audible, block, rate)))
    fade = np.linspace(0, 1, min(block, len(kept)), dtype=np.float32)
    kept[: len(fade)] *= fade
    kept[len(kept) - len(fade) :] *= fade[::-1]
    silence = max(0, round(pause * rate) - _LEAD_BLOCKS * block)
    return np.concatenate([kept, np.zeros(silence, np.float32)])


def _without_long_silence(samples: F32, audible: NDArray[np.bool_], block: int, rate: int) -> Iterator[F32]:
    """`samples`; of a silence longer than LONGEST_SILENCE its two ends, joined softly."""
    longest = round(LONGEST_SILENCE * rate / block)
    start = 0
    edges = [int(edge) for edge in np.flatnonzero(np.diff(audible.astype(np.int8))) + 1]
    for begin, end in pairwise(edges):
        if not audible[begin] and end - begin > longest:
            stop, resume = (begin + longest // 2) * block, (end - (longest - longest // 2)) * block
            fade = np.linspace(0, 1, block, dtype=np.float32)
            yield samples[start:stop]
            yield samples[stop : stop + block] * (1 - fade) + samples[resume : resume + block] * fade
            start = resume + block
    yield samples[start:]
