"""Errors of the conversation, from microphone to face.

VisavisError                       root, in assets.errors
└── ConversationError              the avatar cannot hear, think or speak
    ├── AudioError                 sound cannot come in or go out
    │   ├── NoMicrophoneError      no microphone, or it went away
    │   ├── NoSpeakerError         no loudspeaker, or it went away
    │   ├── NoEchoCancellerError   the avatar cannot listen while it speaks
    │   └── AudioFileError         a sound file is missing, damaged or empty
    ├── EngineError                a model could not be loaded or failed while it ran
    │   ├── ContextFullError       a dialogue is longer than what its model takes
    │   ├── EngineHungError        a model does not answer
    │   ├── EngineBusyError        a model has more to do than it can
    │   └── LanguageError          a language is spoken that an engine does not know
    ├── SettingsError              visavis.toml, or a setting given as a flag, is not right
    │   └── BrokenSettingsError    visavis.toml is no TOML, as when half of it was written
    ├── PeerError                  an engine of others, which the bench compares with, cannot be had or does not run
    ├── MemoryFileError            the file with what was said before cannot be used
    ├── ProcessError               a process of the conversation
    │   ├── ProcessStartError      … did not start
    │   ├── ProcessDiedError       … ended without being asked to
    │   └── ProcessHungError       … does not answer
    └── LinkError                  what processes say to each other
        ├── LinkClosedError        the other side is gone
        └── BadMessageError        a message could not be read
"""

from assets.errors import VisavisError


class ConversationError(VisavisError):
    """The avatar cannot hear, think or speak."""


class AudioError(ConversationError):
    """Sound cannot come in or go out."""


class NoMicrophoneError(AudioError):
    """There is no microphone, or it went away."""


class NoSpeakerError(AudioError):
    """There is no loudspeaker, or it went away."""


class NoEchoCancellerError(AudioError):
    """What takes the avatar's own voice out of the microphone is not installed."""


class AudioFileError(AudioError):
    """A sound file is missing, damaged or empty."""


class EngineError(ConversationError):
    """A model could not be loaded, or failed while it ran."""


class ContextFullError(EngineError):
    """A dialogue is longer than what its model takes; `limit` is that length in tokens, where it is known."""

    def __init__(self, message: str = "", *, limit: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class EngineHungError(EngineError):
    """A model does not answer."""


class EngineBusyError(EngineError):
    """A model has more to do than it can."""


class SettingsError(ConversationError):
    """The file with the user's settings, or one given as a flag, is not right or cannot be read or written."""


class BrokenSettingsError(SettingsError):
    """The file with the user's settings is no TOML, as when half of it was written; `what` is that without advice."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what}; {advice}.")
        self.what = what


class PeerError(ConversationError):
    """An engine of others, which the bench compares with, cannot be had or does not run."""


class LanguageError(EngineError):
    """A language is spoken that one of the engines does not know."""


class MemoryFileError(ConversationError):
    """The file with what was said before is damaged, of a newer version, or cannot be written."""


class ProcessError(ConversationError):
    """A process of the conversation is not there."""


class ProcessStartError(ProcessError):
    """A process of the conversation did not start."""


class ProcessDiedError(ProcessError):
    """A process of the conversation ended without being asked to."""


class ProcessHungError(ProcessError):
    """A process of the conversation does not answer."""


class LinkError(ConversationError):
    """Two processes could not exchange a message."""


class LinkClosedError(LinkError):
    """The other side of a pipe is gone."""


class BadMessageError(LinkError):
    """A message was damaged or of an unknown type."""
