"""What the audio process and the conversation process say to each other, beside what the app is told, too (events).

Times are monotonic nanoseconds; turns and utterances are numbers that only grow. Arrays are float32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conversation.link.events import Message, SpeechPaused, SpeechResumed, Talk

if TYPE_CHECKING:
    import numpy.typing as npt

    F32 = npt.NDArray[np.float32]
else:
    F32 = np.ndarray

# Audio process → conversation process.


class SpeechStarted(Message, frozen=True):
    """The user began to speak; time: of the first voiced sample."""

    utterance: int
    time: int


class UtteranceAudio(Message, frozen=True, eq=False):
    """More of an utterance, 16 kHz; the first piece has the pre-roll."""

    utterance: int
    samples: F32


class SpeechSustained(Message, frozen=True):
    """The user's voice lasts while the avatar speaks: 300 ms of voiced time at `time`, so it is no cough."""

    utterance: int
    time: int


class SpeechEnded(Message, frozen=True):
    """The user was silent for longer than any sentence needs. speech_end: last voiced sample; time: now."""

    utterance: int
    speech_end: int
    time: int


class SpeechDropped(Message, frozen=True):
    """What began was no speech after all (too short)."""

    utterance: int


class QuestionLabelled(Message, frozen=True):
    """A question file begins to play; its first and last voiced samples are due at these times."""

    path: str
    first_voiced: int
    last_voiced: int


class ClausePlaced(Message, frozen=True):
    """A clause has its place in playback: samples `first` to `first + samples`."""

    turn: int
    clause: int
    first: int
    samples: int


class PlaybackStarted(Message, frozen=True):
    """The loudspeaker took the first sample of a turn; audible: the first that can be heard, None if none can."""

    turn: int
    time: int
    audible: int | None


class PlaybackEnded(Message, frozen=True):
    """All speech of a turn was played."""

    turn: int
    time: int


class PlaybackCut(Message, frozen=True):
    """Playback of a turn was cut; of `clause` (-1: none had begun) `played` samples were taken."""

    turn: int
    clause: int
    played: int
    time: int


# Conversation process → audio process.


class Listening(Message, frozen=True):
    """Whether the avatar waits for the user to speak: only then does a question from a file begin."""

    on: bool


class Speak(Message, frozen=True, eq=False):
    """One clause: samples at the speaker's rate and its face, frames (n, 52) at frame_rate.

    Frame 0 belongs to sample `first` of the clause; where that is negative, the frames before sample 0 replace those of
    the clause before, if nothing lies between the two.
    """

    turn: int
    clause: int
    samples: F32
    frames: F32
    frame_rate: float
    first: int = 0


class CloseUtterance(Message, frozen=True):
    """The user is done with this utterance, by what was said: a voice from now on begins another."""

    utterance: int


class SpeechComplete(Message, frozen=True):
    """No more clauses of this turn will come."""

    turn: int


class CutSpeech(Message, frozen=True):
    """Silence now: drop what is queued of this turn and of every turn before it."""

    turn: int


class Duck(Message, frozen=True):
    """Play the avatar's voice at -12 dB, or again as it was; a cut ends it, too."""

    on: bool


FromAudio = (
    SpeechStarted
    | UtteranceAudio
    | SpeechSustained
    | SpeechPaused
    | SpeechResumed
    | SpeechEnded
    | SpeechDropped
    | QuestionLabelled
    | Talk
    | ClausePlaced
    | PlaybackStarted
    | PlaybackEnded
    | PlaybackCut
)
"""What the audio process sends to the conversation process."""
ToAudio = Listening | Speak | SpeechComplete | CutSpeech | Duck | CloseUtterance
"""What the conversation process sends to the audio process."""
