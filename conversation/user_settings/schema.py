"""What visavis.toml may say of the conversation, with its default, its bounds and its meaning.

Sections of the stages (`[asr]`, `[llm]`, `[tts]`, `[a2bs]`) are made from the registry of engines: `engine` says which
one runs, and a section under them (`[llm.server]`) holds the options of each, whether it runs or not.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from conversation.engines.registry import STAGES, Engine, Language, Stage, engines_of
from conversation.processes.supervision import Supervision
from conversation.settings import SYSTEM_PROMPT, Duplex
from conversation.speech_text import EmojiSpeech
from conversation.user_settings.keys import Schema

WELCOME: Final = "Hello! I am here. What would you like to talk about?"

_STAGE_MEANINGS: Final[dict[Stage, str]] = {
    "asr": "What turns your speech into text.",
    "llm": "What thinks of an answer.",
    "tts": "What speaks it.",
    "a2bs": "What moves the face with the voice.",
}


class TalkKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[conversation]: how the avatar talks with you."""

    language: Annotated[Language, Meta(description="What you speak; `auto`: whichever of them is heard.")] = "en"
    system_prompt: Annotated[
        str, Meta(max_length=8000, description="What the language model is told before you say a word.")
    ] = SYSTEM_PROMPT
    persona: Annotated[
        str, Meta(max_length=8000, description="Who the avatar is, in your words; follows the system prompt.")
    ] = ""
    welcome: Annotated[
        str, Meta(max_length=1000, description="Said once when the avatar is ready; empty: it waits for you.")
    ] = WELCOME
    remembers: Annotated[
        Literal["nothing", "facts", "everything"],
        Meta(
            description="What is kept for the next talk: `facts` that you ask it to remember, or `everything` that is "
            "said, from which it then goes on."
        ),
    ] = "facts"
    max_tokens: Annotated[int, Meta(ge=8, le=4096, description="Length of an answer at most.")] = 96
    duplex: Annotated[
        Duplex,
        Meta(description="`full`: your voice interrupts the avatar; `half`: while it speaks, it does not listen."),
    ] = "full"
    voice: Annotated[
        bool, Meta(description="Whether the avatar listens and speaks; if not, you type and read (docs/talking.md).")
    ] = True
    emoji: Annotated[EmojiSpeech, Meta(description="Whether the names of emoji are said.")] = "dropped"


class AudioKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[audio]: microphone and loudspeaker."""

    microphone: Annotated[
        str, Meta(description="A part of its name, as `visavis settings devices` says it; empty: the system's default.")
    ] = ""
    speaker: Annotated[str, Meta(description="The same of the loudspeaker.")] = ""
    push_to_talk: Annotated[
        bool, Meta(description="Whether it is listened to only while you hold a key (docs/talking.md).")
    ] = False
    spatial: Annotated[
        bool, Meta(description="Whether the voice comes from the avatar's mouth, on stereo devices (docs/spatial.md).")
    ] = True
    room: Annotated[
        bool, Meta(description="Whether a small room answers the voice there: the floor's echo, and a short tail.")
    ] = False


class SupervisionKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[supervision]: when a part of the conversation counts as hanging, and how often it is started again."""

    recogniser_s: Annotated[
        float, Meta(gt=0, le=3600, description="So many seconds the transcript of a question may take.")
    ] = Supervision.recogniser_s
    speech_s: Annotated[
        float, Meta(gt=0, le=3600, description="So many seconds the voice and the face of one clause may take.")
    ] = Supervision.speech_s
    language_s: Annotated[
        float,
        Meta(
            gt=0,
            le=3600,
            description="So many seconds a language model on this machine may say nothing: before an answer and in it.",
        ),
    ] = Supervision.language_s
    load_s: Annotated[float, Meta(gt=0, le=3600, description="So many seconds an engine may load.")] = (
        Supervision.load_s
    )
    process_s: Annotated[
        float, Meta(ge=2, le=3600, description="So many seconds a process may give no sign of life.")
    ] = Supervision.process_s
    restarts: Annotated[
        int, Meta(ge=0, le=100, description="So often within ten minutes each part is started again.")
    ] = Supervision.restarts


def _stage_section(stage: Stage) -> type[msgspec.Struct]:
    engines = engines_of(stage)
    names = Literal[tuple(engine.name for engine in engines)]  # type: ignore[valid-type]
    chosen = Annotated[names, Meta(description=_STAGE_MEANINGS[stage])]  # type: ignore[valid-type]
    return msgspec.defstruct(
        stage,
        [("engine", chosen, engines[0].name), *((engine.name, engine.options, engine.options()) for engine in engines)],
        frozen=True,
        forbid_unknown_fields=True,
    )


SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {
    "conversation": TalkKeys,
    "audio": AudioKeys,
    "supervision": SupervisionKeys,
    **{stage: _stage_section(stage) for stage in STAGES},
}
SCHEMA: Final = Schema(SECTIONS)
"""A file that holds the conversation's sections and no others."""


def chosen_engine(settings: Any, stage: Stage) -> tuple[Engine, Any]:
    """The engine that `settings` (of a file) names for a stage, and its options."""
    section = getattr(settings, stage)
    found = next(engine for engine in engines_of(stage) if engine.name == section.engine)
    return found, getattr(section, found.name)


def options_of(settings: Any, engine: Engine) -> Any:
    """What `settings` (of a file) says of an engine, chosen or not."""
    return getattr(getattr(settings, engine.stage), engine.name)
