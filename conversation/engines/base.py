"""What each stage of a conversation can do; one engine implements one of these Protocols in a file of its own.

Long calls take `cancelled`: an engine asks it often (between tokens, windows or layers' worth of work) and, once it
is true, returns soon with whatever it has. The caller throws that away. An engine that fails raises EngineError.
An engine is used by one thread at a time; different engines run in different threads at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from conversation.history.dialogue import Turn

F32 = npt.NDArray[np.float32]
Cancelled = Callable[[], bool]


def never() -> bool:
    """The `cancelled` of a call that nobody will cancel."""
    return False


@dataclass(frozen=True)
class Transcript:
    """What a recogniser heard."""

    text: str
    language: str
    tokens: int
    seconds: float
    """Length of the audio, not of the work."""
    repetition_stopped: bool = False
    """A loop of the decoder was cut off; what follows in the audio may be missing."""
    spoken: str = ""
    """The language that seems to be spoken, also one that the recogniser was not asked to write; "" where it cannot
    tell or is not sure."""
    over: bool | None = None
    """Whether by its own rules the speaker is done (`SpeechStream.endpoint`); None: it has no such rules."""


@dataclass(frozen=True)
class Speech:
    """Mono speech in [-1, 1]."""

    samples: F32
    sample_rate: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True)
class LanguageModelStats:
    """Work since the model was loaded: tokens read and written, and the seconds that each took."""

    prefill_tokens: int = 0
    prefill_s: float = 0.0
    decode_tokens: int = 0
    decode_s: float = 0.0


class VoiceActivity(Protocol):
    """Tells speech from silence, window by window, in one 16 kHz stream."""

    @property
    def window(self) -> int:
        """Samples that one call takes (512)."""
        ...

    def __call__(self, samples: F32) -> float:
        """Probability that `window` samples (16 kHz, mono) hold speech; keeps its own state between calls."""
        ...

    def reset(self) -> None:
        """Forget the stream so far."""
        ...


class SpeechRecogniser(Protocol):
    """Turns speech into text."""

    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        """Text of `samples` (n,), 16 kHz mono in [-1, 1]; guards itself against repetition loops.

        partial: the speaker has not finished; the text is only shown, so it must come soon rather than be perfect.
        """
        ...


class SpeechStream(Protocol):
    """One speaker's speech, as it comes."""

    @property
    def endpoint(self) -> bool:
        """By its own rules the speaker is done."""
        ...

    def feed(self, samples: F32, *, cancelled: Cancelled = never) -> None:
        """More of it, (n,) 16 kHz mono in [-1, 1]; what a cancelled call leaves is done by the next one."""
        ...

    def so_far(self) -> Transcript:
        """What was said up to now; later sound may still change its end."""
        ...

    def finish(self, *, cancelled: Cancelled = never) -> Transcript:
        """What was said if it ends here; the stream itself stays where it is, and may be fed on."""
        ...

    def reset(self) -> None:
        """Begin the next utterance of the same speaker."""
        ...


@runtime_checkable
class StreamingRecogniser(SpeechRecogniser, Protocol):
    """A recogniser that needs to hear nothing twice."""

    def stream(self, hotwords: Sequence[str] = ()) -> SpeechStream:
        """A new stream; `hotwords`: names and words to expect beside those of the engine's options."""
        ...


class LanguageModel(Protocol):
    """Continues a dialogue; keeps its KV cache from turn to turn."""

    @property
    def stats(self) -> LanguageModelStats:
        """Work done so far."""
        ...

    def begin(self, system: str, *, cancelled: Cancelled = never) -> None:
        """Forget the dialogue and read the system prompt."""
        ...

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        """Yield the answer in pieces, each complete UTF-8; joined they are the text.

        Closing the iterator or cancelling stops it between two tokens; user text and what was written stay in history.
        """
        ...

    def truncate_last_reply(self, heard_text: str) -> None:
        """Make history say that the last answer was `heard_text`: what came after it was never heard."""
        ...

    def take_back(self) -> None:
        """Forget the last question and its answer, as if it had never been asked; once for each question."""
        ...

    def weigh(self, text: str, *, cancelled: Cancelled = never) -> float | None:
        """How probable it is that the user, who said `text` and is silent, is done, in the dialogue as it stands.

        In [0, 1]; None where the model cannot tell (its interface does not say, or it does not know the language).
        Changes nothing.
        """
        ...

    def resume(self, turns: Sequence[Turn]) -> None:
        """Go on from turns of before, the newest of which stay where they are too many; call it after `begin`."""
        ...

    def close(self) -> None:
        """Free the model, and the process that it runs in."""
        ...


@runtime_checkable
class Patient(Protocol):
    """What a LanguageModel also is that notices by itself that nothing comes any more; it raises ProcessHungError."""

    patience_s: float
    """Seconds to the first piece, and from each to the next."""


@runtime_checkable
class Adaptable(Protocol):
    """What a LanguageModel also is that takes a LoRA while it talks."""

    def use_lora(self, file: str) -> None:
        """Speak with this LoRA from the next answer on, in the same dialogue; empty: without any."""
        ...


@runtime_checkable
class Waiting(Protocol):
    """What a LanguageModel also is that waits for somebody else, and says by itself when that was too long."""

    @property
    def waits_s(self) -> float:
        """Seconds that any call may say nothing."""
        ...


class SpeechSynthesiser(Protocol):
    """Turns text into speech."""

    @property
    def sample_rate(self) -> int:
        """Hz of what `synthesise` gives (24000)."""
        ...

    def synthesise(self, text: str, *, cancelled: Cancelled = never) -> Speech:
        """One clause or sentence, aloud; empty where there is nothing to say."""
        ...


@runtime_checkable
class Paced(Protocol):
    """What a SpeechSynthesiser also is where it can speak slower and faster from clause to clause."""

    pace: float
    """Times the voice's own speed, from the next call on; 1 at first."""


class FaceDriver(Protocol):
    """Turns speech into a moving face (audio to blend shapes); conversation.face makes replies of it."""

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        ...

    @property
    def past_s(self) -> float:
        """Seconds of sound before a frame that it hears."""
        ...

    @property
    def future_s(self) -> float:
        """Seconds of sound after a frame that it hears."""
        ...

    def curve(self, samples: F32, sample_rate: int) -> F32:
        """(frames, 52) ARKit channels in [0, 1]; frame i belongs to second i / frame_rate of `samples`.

        The sound is a part of something longer: silence is all that is known beyond its ends.
        """
        ...
