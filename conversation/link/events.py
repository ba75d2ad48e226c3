"""What the app and the processes of a conversation say to each other, by who says it. What audio and conversation
process have between them alone is in audio_events.

Times are monotonic nanoseconds; turns and utterances are numbers that only grow. A turn is one answer (the welcome
included), an utterance is one stretch of the user's speech.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from conversation.timings import TurnTimings

State = Literal["idle", "listening", "thinking", "speaking", "interrupted"]


class Message(msgspec.Struct, frozen=True, tag=True):
    """Base of every message."""


# What the app is told (by the conversation process, unless it says otherwise).


class Ready(Message, frozen=True):
    """All engines are loaded and sound runs: the avatar listens."""


class Loading(Message, frozen=True):
    """An engine begins to load."""

    stage: str


class Voices(Message, frozen=True):
    """What the voice that speaks may be changed to, and which it is; empty is the engine's own choice for each
    language. Told where there are several, when they are loaded and after each ChangeVoice and ListVoices."""

    names: tuple[str, ...]
    chosen: str


class StateChanged(Message, frozen=True):
    """Where the conversation stands now."""

    state: State
    turn: int


class Partial(Message, frozen=True):
    """What the user seems to have said so far."""

    utterance: int
    text: str


class Transcript(Message, frozen=True):
    """What the user said; the question of a turn."""

    turn: int
    text: str


class ReplyText(Message, frozen=True):
    """The answer so far, as the language model writes it."""

    turn: int
    text: str


class CaptionWord(msgspec.Struct, frozen=True):
    """A written word and the samples of playback in which it is said (AudioClock's count)."""

    text: str
    begin: int
    end: int


class Caption(Message, frozen=True):
    """A clause of the answer is queued for playback: its words in time, and the mood that it is said in.

    `mood` is a MoodName, `strength` in [0, 1]. Playback may be cut before its last sample.
    """

    turn: int
    clause: int
    first: int
    samples: int
    words: tuple[CaptionWord, ...]
    mood: str
    strength: float


class TurnDone(Message, frozen=True):
    """A turn is over: spoken to its end, or interrupted."""

    timings: TurnTimings


class Failure(Message, frozen=True):
    """Something does not work: one sentence to show, and the name of its type in conversation.errors."""

    stage: str
    error: str
    message: str
    fatal: bool = False
    """The conversation cannot go on at all."""


class Beat(Message, frozen=True):
    """A sign of life, every second: how much waits in each queue of the process. Conversation keeps the newest."""

    queues: dict[str, int]


class DeviceBack(Message, frozen=True):
    """The "microphone" or "speaker" that was missing is there again, and in use."""

    kind: str


class RecordingDone(Message, frozen=True):
    """The audio process has written the recording to this folder."""

    folder: str


class SpeechPaused(Message, frozen=True):
    """The user is silent, perhaps only for a moment: all audio so far was sent; worth a transcript.

    speech_end: last voiced sample; time: now.
    """

    utterance: int
    speech_end: int
    time: int


class SpeechResumed(Message, frozen=True):
    """The user, who had paused, goes on in the same utterance."""

    utterance: int
    time: int


# What the app says, to the conversation process (Typed, Interrupt, Greet, ChangeVoice, ListVoices,
# ChangeLora) or the audio process (the rest).


class Typed(Message, frozen=True):
    """A question in writing: asked at once, whoever speaks; "stop" is no question, but an Interrupt."""

    text: str


class Interrupt(Message, frozen=True):
    """Stop the answer now."""


class Greet(Message, frozen=True):
    """The avatar meets the user: say this as soon as all is loaded, unless somebody has the floor then."""

    text: str


class ChangeVoice(Message, frozen=True):
    """Speak otherwise from the next sentence on; None leaves a setting as it is (see VoiceSettings)."""

    speed: float | None = None
    volume: float | None = None
    voice: str | None = None


class ListVoices(Message, frozen=True):
    """Tell Voices again, with those that have come meanwhile; nothing where there is no choice."""


class ChangeLora(Message, frozen=True):
    """Think with this LoRA from the next answer on (see SmolLM2.use_lora); empty: without any."""

    file: str


class Ask(Message, frozen=True):
    """Play this sound file as the user's voice, as soon as the avatar listens (microphone from files only)."""

    path: str
    over: bool = False
    """Do not wait for that: talk over what it says."""


class Mute(Message, frozen=True):
    """Shut the microphone, or open it again; what was being said is dropped."""

    on: bool


class Talk(Message, frozen=True):
    """The key to talk is pressed, or released; the audio process passes it on.

    A press takes the floor from an avatar that speaks. As long as it is held no silence ends the question; the release
    does at once. With push to talk nothing else is listened to.
    """

    on: bool


class Stop(Message, frozen=True):
    """End the process in good order."""


class NewPeer(Message, frozen=True):
    """A connection to a new conversation process follows on this pipe."""


AppEvent = (
    Ready
    | Loading
    | Voices
    | StateChanged
    | Partial
    | Transcript
    | ReplyText
    | Caption
    | TurnDone
    | Failure
    | DeviceBack
    | RecordingDone
    | SpeechPaused
    | SpeechResumed
)
"""What Conversation.poll gives."""
FromChild = AppEvent | Beat
"""What a process sends to the app."""
Command = Typed | Interrupt | Greet | ChangeVoice | ListVoices | ChangeLora | Ask | Mute | Talk
"""What Conversation.send takes."""
ConversationInput = Typed | Interrupt | Greet | ChangeVoice | ListVoices | ChangeLora | Stop
"""What the app sends to the conversation process."""
AudioInput = Ask | Mute | Talk | Stop | NewPeer
"""What the app sends to the audio process."""
