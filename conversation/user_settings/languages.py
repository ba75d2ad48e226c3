"""What somebody is told who speaks a language that an engine of the conversation does not know."""

from __future__ import annotations

from typing import Any, Final

from conversation.engines.registry import STAGES, Engine, Stage, engines_of
from conversation.speech_text import Language
from conversation.user_settings.schema import chosen_engine, options_of

_SPOKEN: Final[dict[Language, dict[str, str]]] = {
    "en": {"zh": "Chinese", "en": "English"},
    "zh": {"zh": "中文", "en": "英语"},
}
_PARTS: Final[dict[Language, dict[str, str]]] = {
    "en": {"llm": "the language model", "tts": "the voice"},
    "zh": {"llm": "语言模型", "tts": "语音"},
}


def unknown_languages(settings: Any, reader: Language) -> dict[str, str]:
    """By language code, one sentence for `reader` with what to get; only languages that the chosen engines lack."""
    told = {}
    for language in _SPOKEN["en"]:
        needed, name = _steps(settings, language, reader), _SPOKEN[reader][language]
        if not needed:
            continue
        heard = settings.conversation.voice
        if reader == "zh":
            told[language] = (
                f"{'我听到您说' if heard else '您写的是'}{name}，但目前的设置不懂{name}：请{'；'.join(needed)}。"
            )
        else:
            told[language] = (
                f"{'I hear' if heard else 'You write'} {name}, which I am not set up for: {', and '.join(needed)}."
            )
    return told


def unspoken_languages(settings: Any, reader: Language) -> dict[str, str]:
    """By language code, one sentence for `reader` where the chosen voice cannot say what is written in it."""
    told = {}
    for language, name in _SPOKEN[reader].items():
        if _knows(chosen_engine(settings, "tts")[0], language):
            continue
        other = next((one for one in engines_of("tts") if _knows(one, language)), None)
        step = _change("tts", other, settings, reader)
        if reader == "zh":
            told[language] = f"回答里有{name}，而所选的语音不会说{name}：请{step}。"
        else:
            told[language] = f"The answer has {name} in it, which the voice leaves out: {step}."
    return told


def _steps(settings: Any, language: str, reader: Language) -> list[str]:
    """What to do, stage by stage; in writing, the language model is all there is."""
    steps = []
    heard = settings.conversation.voice
    if heard and settings.conversation.language not in ("auto", language):
        steps.append(_run("visavis settings set conversation.language auto", reader))
    for stage in STAGES if heard else ("llm",):
        if _knows(chosen_engine(settings, stage)[0], language):
            continue
        other = next((one for one in engines_of(stage) if _knows(one, language)), None)
        steps.append(_change(stage, other, settings, reader))
    return steps


def _change(stage: Stage, engine: Engine | None, settings: Any, reader: Language) -> str:
    part = _PARTS[reader].get(stage, stage)
    if engine is None:
        return f"{part}尚无可用引擎" if reader == "zh" else f"there is no engine yet for {part}"
    missing = engine.missing(options_of(settings, engine))
    commands = [f"visavis models get {name}" for name in engine.models if name in missing]
    commands += [f"visavis settings set {name} …" for name in engine.settings]
    commands.append(f"visavis settings set {stage}.engine {engine.name}")
    return (f"为{part}" if reader == "zh" else f"for {part} ") + _run("` → `".join(commands), reader)


def _run(command: str, reader: Language) -> str:
    return f"运行 `{command}`" if reader == "zh" else f"run `{command}`"


def _knows(engine: Engine, language: str) -> bool:
    return not engine.languages or language in engine.languages
