"""User settings → what a conversation is started with."""

from __future__ import annotations

from typing import Any

import msgspec

from assets.paths import memory_file
from conversation.audio.sound import DeviceNames
from conversation.engines.registry import STAGES, Engine, Stage
from conversation.processes.supervision import Supervision
from conversation.settings import ConversationSettings, Engines, EngineSpec
from conversation.speech_text import Language
from conversation.user_settings.languages import unknown_languages, unspoken_languages
from conversation.user_settings.schema import chosen_engine


def conversation_settings(settings: Any, *, reader: Language = "en") -> ConversationSettings:
    """Of what a file says; files and recording are the caller's. `reader`: the language of what is told in
    writing. SettingsError where an engine lacks a setting that it cannot do without."""
    talk = settings.conversation
    return ConversationSettings(
        system_prompt=talk.system_prompt,
        persona=talk.persona,
        welcome=talk.welcome or None,
        memory=None if talk.remembers == "nothing" else memory_file(),
        keep_history=talk.remembers == "everything",
        max_tokens=talk.max_tokens,
        voice=talk.voice,
        push_to_talk=settings.audio.push_to_talk,
        spatial=settings.audio.spatial,
        room=settings.audio.room,
        duplex=talk.duplex,
        devices=DeviceNames(settings.audio.microphone, settings.audio.speaker),
        emoji=talk.emoji,
        unknown_languages=unknown_languages(settings, reader),
        unspoken_languages=unspoken_languages(settings, reader),
        supervision=Supervision(**msgspec.structs.asdict(settings.supervision)),
        engines=engines(settings),
    )


def engines(settings: Any) -> Engines:
    """The engines that a file's settings choose."""
    return Engines(
        recogniser=_spec(settings, "asr"),
        language_model=_spec(settings, "llm"),
        synthesiser=_spec(settings, "tts"),
        face_driver=_spec(settings, "a2bs"),
    )


def engines_in_use(settings: Any) -> list[Engine]:
    """One a stage."""
    return [chosen_engine(settings, stage)[0] for stage in STAGES]


def _spec(settings: Any, stage: Stage) -> EngineSpec:
    engine, options = chosen_engine(settings, stage)
    return engine.spec(options, settings.conversation.language)
