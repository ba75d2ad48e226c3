"""Finds where the user's speech begins, pauses and ends, from the VAD's probability of each window.

Most utterances end earlier than by the ceiling here: `close` is called by who knows what was said. While the user holds
a key, silence means nothing: the utterance ends with its release (`end`), or where it is too long.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.base import MICROPHONE_RATE
from conversation.link.audio_events import SpeechDropped, SpeechEnded, SpeechStarted, UtteranceAudio
from conversation.link.events import SpeechPaused, SpeechResumed

F32 = npt.NDArray[np.float32]

_SEND_EVERY_S: Final = 0.1
"""An utterance travels in pieces of this length while it grows."""

Heard = SpeechStarted | UtteranceAudio | SpeechPaused | SpeechResumed | SpeechEnded | SpeechDropped


@dataclass(frozen=True)
class EndpointSettings:
    """When speech counts as begun and ended; all times in seconds."""

    begin_probability: float = 0.5
    stay_probability: float = 0.35
    """Speech goes on above this: the threshold to leave is lower than the one to enter."""
    onset_s: float = 0.12
    """A click is no speech: so long must speech last without a break to count as begun."""
    preroll_s: float = 0.3
    """Sound from before the onset that belongs to the utterance: soft first consonants."""
    pause_s: float = 0.1
    """After so much silence a transcript is worth making: most often the user is done."""
    resume_s: float = 0.06
    """So long must a voice last without a break to end a pause: a click or a breath does not."""
    hangover_s: float = 1.2
    """After so much silence the user is done, whatever was said."""
    shortest_s: float = 0.15
    """With less voiced sound than this it was no speech."""
    longest_s: float = 28.0
    """An utterance is ended here, whatever is said: what a recogniser takes at once."""


class Endpointer:
    """Windows of one stream in, messages about utterances out."""

    def __init__(self, settings: EndpointSettings, window: int) -> None:
        self._settings = settings
        self._window_s = window / MICROPHONE_RATE
        self._before: deque[F32] = deque(maxlen=self._count(settings.preroll_s) + self._count(settings.onset_s))
        self._onset = 0  # voiced windows in a row while nobody speaks yet
        self._utterance = 0
        self._open = False
        self._unsent: list[F32] = []
        self._voiced = 0
        self._windows = 0
        self._silent = 0
        self._last_voiced_ns = 0
        self._paused = False
        self._pauses = 0
        self._again = 0  # voiced windows in a row since the pause
        self.held = False
        """No silence is a pause or an end."""

    @property
    def open(self) -> bool:
        """An utterance has begun and not ended."""
        return self._open

    @property
    def patience(self) -> int:
        """Windows after which, at the earliest, there may be something to tell."""
        return 1 if self._open else self._count(self._settings.onset_s) - self._onset

    def push(self, window: F32, probability: float, end_ns: int) -> list[Heard]:
        """One window, its speech probability, and the monotonic ns of its last sample."""
        if not self._open:
            return self._wait(window, probability, end_ns)
        self._unsent.append(window)
        self._windows += 1
        heard: list[Heard] = []
        voiced = probability >= self._settings.stay_probability
        self._again = self._again + 1 if voiced else 0
        if self._paused and self._again == self._count(self._settings.resume_s):
            self._paused = False
            heard.append(SpeechResumed(self._utterance, end_ns))
            self._voiced += self._again - 1
        if self._pauses:
            self._before.append(window)
        if voiced and not self._paused:
            self._voiced += 1
            self._silent = 0
            self._last_voiced_ns = end_ns
        else:
            self._silent += 1
        pauses = self._silent >= self._count(self._settings.pause_s) and not self._paused and not self.held
        ends = self._silent >= self._count(self._settings.hangover_s) and not self.held
        ends |= self._windows >= self._count(self._settings.longest_s)
        if pauses or ends or len(self._unsent) >= self._count(_SEND_EVERY_S):
            heard.append(self._flush())
        if ends:
            heard.append(self._end(end_ns))
        elif pauses:
            self._paused = True
            self._pauses += 1
            self._before.clear()
            heard.append(SpeechPaused(self._utterance, self._last_voiced_ns, end_ns))
        return heard

    def close(self, utterance: int) -> None:
        """The user is done with this utterance; a voice that came since its last pause begins the next one."""
        if self._open and utterance == self._utterance:
            self._open = False
            self._onset = self._again
            self._unsent.clear()

    def end(self, end_ns: int) -> list[Heard]:
        """The user is done, and says so by other means than silence."""
        if not self._open:
            return []
        return [*([self._flush()] if self._unsent else []), self._end(end_ns)]

    def abandon(self) -> list[Heard]:
        """The microphone is no longer listened to: forget what was begun."""
        self._before.clear()
        self._onset = 0
        if not self._open:
            return []
        self._open = False
        self._unsent.clear()
        return [SpeechDropped(self._utterance)]

    def _wait(self, window: F32, probability: float, end_ns: int) -> list[Heard]:
        self._before.append(window)
        self._onset = self._onset + 1 if probability >= self._settings.begin_probability else 0
        if self._onset < self._count(self._settings.onset_s):
            return []
        self._open = True
        self._utterance += 1
        self._unsent = list(self._before)
        self._voiced, self._windows, self._silent = self._onset, len(self._before), 0
        self._last_voiced_ns, self._paused, self._pauses, self._again = end_ns, False, 0, 0
        start_ns = end_ns - round(self._onset * self._window_s * 1e9)
        self._before.clear()
        self._onset = 0
        return [SpeechStarted(self._utterance, start_ns), self._flush()]

    def _end(self, end_ns: int) -> Heard:
        self._open = False
        self._before.clear()
        if self._voiced < self._count(self._settings.shortest_s):
            return SpeechDropped(self._utterance)
        return SpeechEnded(self._utterance, self._last_voiced_ns, end_ns)

    def _count(self, seconds: float) -> int:
        """Windows in a time, at least one."""
        return max(1, round(seconds / self._window_s))

    def _flush(self) -> UtteranceAudio:
        samples = np.concatenate(self._unsent)
        self._unsent = []
        return UtteranceAudio(self._utterance, samples)
