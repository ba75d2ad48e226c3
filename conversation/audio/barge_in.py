"""Whether the user really speaks into the avatar's voice: it lasts, and is not a cough or a click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conversation.audio.base import MICROPHONE_RATE
from conversation.link.audio_events import SpeechStarted, SpeechSustained

_NS: Final = 1_000_000_000


@dataclass(frozen=True)
class BargeInSettings:
    """When voice during playback counts as sustained; all times in seconds."""

    sustained_s: float = 0.3
    """A voice that lasts so long is no cough."""
    gap_s: float = 0.2
    """A silence that is longer begins the count anew: two coughs are no sentence. A shorter one, as words have before
    their plosives, is a part of the voice once that goes on."""
    stay_probability: float = 0.35
    """A window is voiced from this probability of speech on."""


class BargeIn:
    """Counts how long the voice of one utterance lasts while playback is busy."""

    def __init__(self, settings: BargeInSettings, window: int) -> None:
        self._settings = settings
        self._window_ns = window * _NS // MICROPHONE_RATE
        self._utterance = 0
        self._lasts_ns = 0
        self._silent_ns = 0
        self._told = True

    def begin(self, started: SpeechStarted, now_ns: int) -> None:
        """An utterance began: what was voiced before it was told counts."""
        self._utterance, self._told = started.utterance, False
        self._lasts_ns, self._silent_ns = now_ns - started.time, 0

    def push(self, probability: float, end_ns: int, *, playing: bool) -> SpeechSustained | None:
        """One more window of the open utterance; the message, once an utterance, where it has lasted long enough."""
        if self._told:
            return None
        if probability >= self._settings.stay_probability:
            self._lasts_ns += self._window_ns + (self._silent_ns if self._lasts_ns else 0)
            self._silent_ns = 0
        else:
            self._silent_ns += self._window_ns
            if self._silent_ns > self._settings.gap_s * _NS:
                self._lasts_ns = 0
        if not playing or self._lasts_ns < self._settings.sustained_s * _NS:
            return None
        self._told = True
        return SpeechSustained(self._utterance, end_ns)

    def end(self) -> None:
        """The utterance is over."""
        self._told = True
