"""What a conversation is made of: devices, engines, words."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from assets.catalogue import model_dir
from conversation.audio.barge_in import BargeInSettings
from conversation.audio.endpoint import EndpointSettings
from conversation.audio.sound import DeviceNames, Source
from conversation.errors import ConversationError, EngineError
from conversation.processes.supervision import Supervision
from conversation.speech_text import CutSettings, EmojiSpeech
from conversation.turns.end import TurnEndSettings

Duplex = Literal["full", "half"]
"""full: the avatar listens while it speaks, and can be interrupted by voice; half: it does not."""

SYSTEM_PROMPT = (
    "You are Visavis, a friendly person who talks with the user face to face. "
    "Answer aloud in one or two short, plain sentences."
)


@dataclass(frozen=True)
class EngineSpec:
    """Names an engine without importing it: a spec travels to the process that runs the engine."""

    factory: str
    """`module:callable`; called with the model's folder (if `model` is given) and the options."""
    model: str | None = None
    """Name in assets.catalogue."""
    options: dict[str, Any] = field(default_factory=dict)

    def load(self) -> Any:
        """The engine; raises EngineError, or ModelMissingError where the model is not on this machine."""
        module, _, name = self.factory.partition(":")
        try:
            factory = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise EngineError(f"The engine {self.factory} cannot be imported ({error}).") from None
        folder = () if self.model is None else (model_dir(self.model),)
        try:
            return factory(*folder, **self.options)
        except ConversationError:
            raise
        except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
            raise EngineError(
                f"The model {self.model or self.factory} could not be loaded ({error}); "
                "remove it and run `visavis models get`."
            ) from error


@dataclass(frozen=True)
class Engines:
    """One engine for each stage."""

    voice_activity: EngineSpec = EngineSpec("conversation.engines.silero:SileroVad", "silero-vad")
    recogniser: EngineSpec = EngineSpec("conversation.engines.asr.whisper:WhisperBase", "whisper-base")
    language_model: EngineSpec = EngineSpec("conversation.processes.language_model:RemoteLanguageModel", "smollm2-135m")
    synthesiser: EngineSpec = EngineSpec("conversation.engines.tts.hibari:Hibari", "hibari")
    face_driver: EngineSpec = EngineSpec("conversation.engines.a2bs.learned:A2bs", "visavis-a2bs")


@dataclass(frozen=True)
class ConversationSettings:
    """Everything that `Conversation` needs to know."""

    system_prompt: str = SYSTEM_PROMPT
    persona: str = ""
    """Who the avatar is beyond that, in the user's words; follows the system prompt."""
    welcome: str | None = None
    """Said once when all is ready."""
    memory: Path | None = None
    """The file in which the avatar keeps what the user asks it to remember; None: it remembers nothing for good."""
    keep_history: bool = False
    """Whether what was said is kept there, too, and the next conversation goes on from it."""
    max_tokens: int = 96
    """Length of an answer at most; speech is slower than reading."""
    microphone: Source = "auto"
    speaker: Source = "auto"
    devices: DeviceNames = field(default_factory=DeviceNames)
    record_to: Path | None = None
    """Folder for a Recording, written on close."""
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)
    turn_end: TurnEndSettings = field(default_factory=TurnEndSettings)
    """How long a silence is waited for, by what was said before it."""
    cut: CutSettings = field(default_factory=CutSettings)
    """How long a clause is that is said in one go, the first above all."""
    emoji: EmojiSpeech = "dropped"
    """Whether the names of emoji are said."""
    unknown_languages: Mapping[str, str] = field(default_factory=dict)
    """What the user is told, once, who speaks a language that an engine does not know; by its code."""
    voice: bool = True
    """Whether it listens and speaks; if not, questions are typed, answers read, and no engine for sound is loaded."""
    push_to_talk: bool = False
    """Whether the microphone is shut but for while a key is held (Talk)."""
    unspoken_languages: Mapping[str, str] = field(default_factory=dict)
    """What the user is told, once, when an answer is written in a language that the voice does not know."""
    duplex: Duplex = "full"
    spatial: bool = True
    """Whether a stereo device plays the voice from where the avatar's mouth is."""
    room: bool = False
    """Whether a small room answers it there."""
    barge_in: BargeInSettings = field(default_factory=BargeInSettings)
    tail_s: float = 0.25
    """In half duplex the microphone is ignored for so long after playback's end: the room still speaks."""
    supervision: Supervision = field(default_factory=Supervision)
    """How long each part is waited for, and how often it is started again."""
    engines: Engines = field(default_factory=Engines)
