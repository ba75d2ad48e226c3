"""The engines that can be chosen, by stage and name: what each needs, what can be set, and how it is loaded.

A new engine is one `Engine` here. Its options are then settings in visavis.toml, `visavis run` takes its name, and
`visavis models list` shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, get_args

import msgspec

from assets import catalogue
from conversation.engines.llm import llm_folder
from conversation.engines.llm.sampling import Sampling
from conversation.engines.options import (
    A2bsOptions,
    BertVits2Options,
    ChatOptions,
    FolderOptions,
    HibariOptions,
    KokoroOptions,
    Options,
    PiperOptions,
    ServerOptions,
    SmolOptions,
    SupertonicOptions,
    UnitalkerOptions,
    WhisperOptions,
    ZipformerOptions,
)
from conversation.errors import SettingsError
from conversation.settings import EngineSpec

Stage = Literal["asr", "llm", "tts", "a2bs"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
Language = Literal["auto", "en", "zh"]
"""What the user speaks; auto: whichever is heard."""


@dataclass(frozen=True)
class Engine:
    """One engine that a stage can have."""

    stage: Stage
    name: str
    title: str
    options: type[Options]
    spec: Callable[[Any, Language], EngineSpec]
    """From its options and the language spoken; SettingsError where one that it needs is not set."""
    models: tuple[str, ...] = ()
    """Names in assets.catalogue; a folder among the options stands for them."""
    modules: tuple[str, ...] = ()
    """Python modules that visavis does not bring."""
    settings: tuple[str, ...] = ()
    """Settings without which it cannot run."""
    languages: tuple[str, ...] = ()
    """Those that it knows, where it does not know all that are spoken here."""

    def models_for(self, options: Options | None = None) -> tuple[str, ...]:
        """Models that it needs, with these options."""
        return () if getattr(options, "folder", "") else self.models

    def missing(self, options: Options | None = None) -> list[str]:
        """Models and modules that it needs and this machine lacks."""
        models = [name for name in self.models_for(options) if not catalogue.is_ready(name)]
        return models + [name for name in self.modules if find_spec(name) is None]


def _whisper(options: WhisperOptions, language: Language) -> EngineSpec:
    settings = {"threads": options.threads, "languages": _languages(options.chinese, language)}
    return EngineSpec("conversation.engines.asr.whisper:WhisperBase", "whisper-base", settings)


def _zipformer(options: ZipformerOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.asr.zipformer:Zipformer", "zipformer-zh-en", _transducer(options, language))


def _folder(options: FolderOptions, language: Language) -> EngineSpec:
    settings = _transducer(options, language) | {"model_dir": _path(options, "transducer")}
    return EngineSpec("conversation.engines.asr.zipformer:Zipformer", options=settings)


def _sherpa(options: FolderOptions, language: Language) -> EngineSpec:
    settings = _transducer(options, language) | {"model_dir": _path(options, "sherpa")}
    return EngineSpec("conversation.engines.asr.sherpa:Sherpa", options=settings)


def _transducer(options: ZipformerOptions, language: Language) -> dict[str, Any]:
    settings = {name: getattr(options, name) for name in ("threads", "paths", "hotwords", "hotword_reward")}
    return settings | {"languages": _languages(options.chinese, language)}


def _path(options: FolderOptions, name: str) -> Path:
    if not options.folder:
        raise SettingsError(f"The recogniser {name} has no model: set asr.{name}.folder to the folder that holds it.")
    return Path(options.folder).expanduser()


def _languages(chinese: str, language: Language) -> tuple[str, ...]:
    """Codes as engines take them: the region says how Chinese is written."""
    written = {"simplified": "zh-CN", "traditional": "zh-TW"}.get(chinese, "zh")
    return {"auto": ("en", written), "zh": (written,), "en": ("en",)}[language]


def _smollm2(options: SmolOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.processes.language_model:RemoteLanguageModel", "smollm2-135m", _dialogue(options))


def _mnn(options: ChatOptions, language: Language) -> EngineSpec:
    if not options.model:
        raise SettingsError("No language model is named: set llm.mnn.model, or give --llm-model.")
    settings = _dialogue(options) | {"examples": (), "thinking": options.thinking, "writes_notes": True}
    if not llm_folder.is_folder(options.model):
        return EngineSpec("conversation.processes.language_model:RemoteLanguageModel", options.model, settings)
    settings |= {"model_dir": llm_folder.folder_at(options.model), "recorded": False}
    return EngineSpec("conversation.processes.language_model:RemoteLanguageModel", options=settings)


def _dialogue(options: SmolOptions) -> dict[str, Any]:
    return {
        "threads": options.threads,
        "exact": options.exact,
        "sentences": options.sentences or None,
        "context": options.context,
        "lora": options.lora,
        "sampling": Sampling(
            temperature=options.temperature,
            top_k=options.top_k,
            top_p=options.top_p,
            repetition_penalty=options.repetition_penalty,
            seed=options.seed or None,
        ),
    }


def _server(options: ServerOptions, language: Language) -> EngineSpec:
    if not options.url:
        raise SettingsError("The language model on a server has no address: set llm.server.url, or give --llm-url.")
    settings = msgspec.structs.asdict(options)
    settings |= {"model": options.model or None, "context": options.context or None}
    return EngineSpec("conversation.engines.llm.openai_server:OpenAiServer", options=settings)


def _hibari(options: HibariOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.tts.hibari:Hibari", "hibari", msgspec.structs.asdict(options))


def _kokoro(options: KokoroOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.tts.kokoro:Kokoro", "kokoro", msgspec.structs.asdict(options))


def _piper(options: PiperOptions, language: Language) -> EngineSpec:
    if not options.path:
        raise SettingsError("No Piper voice is set: set tts.piper.path to its .onnx.")
    return EngineSpec("conversation.engines.tts.piper:load_piper", options=msgspec.structs.asdict(options))


def _supertonic(options: SupertonicOptions, language: Language) -> EngineSpec:
    return _downloaded("conversation.engines.tts.supertonic:Supertonic", "supertonic", options)


def _bert_vits2(options: BertVits2Options, language: Language) -> EngineSpec:
    return _downloaded("conversation.engines.tts.bert_vits2:BertVits2", "bert-vits2", options)


def _downloaded(factory: str, model: str, options: SupertonicOptions | BertVits2Options) -> EngineSpec:
    """The engine on the user's own folder, or on the one that `visavis models get` fetched."""
    settings = msgspec.structs.asdict(options)
    if options.folder:
        return EngineSpec(factory, options=settings)
    del settings["folder"]
    return EngineSpec(factory, model, settings)


def _a2bs(options: A2bsOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.a2bs.learned:A2bs", "visavis-a2bs", msgspec.structs.asdict(options))


def _unitalker(options: UnitalkerOptions, language: Language) -> EngineSpec:
    if not options.folder:
        raise SettingsError("UniTalker-MNN has no folder: get it from ModelScope and set a2bs.unitalker.folder.")
    settings = {"folder": options.folder, "avatar": options.avatar or None, "threads": options.threads}
    return EngineSpec("conversation.engines.a2bs.unitalker:UniTalker", options=settings)


ENGINES: Final[tuple[Engine, ...]] = (
    Engine("asr", "whisper", "Whisper base, English and Chinese", WhisperOptions, _whisper, ("whisper-base",)),
    Engine(
        "asr",
        "zipformer",
        "streaming Zipformer, Chinese and English",
        ZipformerOptions,
        _zipformer,
        ("zipformer-zh-en",),
    ),
    Engine(
        "asr",
        "transducer",
        "any streaming Zipformer in a folder",
        FolderOptions,
        _folder,
        settings=("asr.transducer.folder",),
    ),
    Engine(
        "asr",
        "sherpa",
        "the same through sherpa_mnn",
        FolderOptions,
        _sherpa,
        modules=("sherpa_mnn",),
        settings=("asr.sherpa.folder",),
    ),
    Engine(
        "llm", "smollm2", "SmolLM2-135M-Instruct, English", SmolOptions, _smollm2, ("smollm2-135m",), languages=("en",)
    ),
    Engine("llm", "mnn", "any ChatML model for MNN", ChatOptions, _mnn, settings=("llm.mnn.model",)),
    Engine("llm", "server", "any OpenAI-compatible server", ServerOptions, _server, settings=("llm.server.url",)),
    Engine("tts", "hibari", "hibari, English", HibariOptions, _hibari, ("hibari",), languages=("en",)),
    Engine("tts", "kokoro", "Kokoro-82M, Chinese and English", KokoroOptions, _kokoro, ("kokoro",)),
    Engine("tts", "piper", "any Piper voice (.onnx)", PiperOptions, _piper, settings=("tts.piper.path",)),
    Engine(
        *("tts", "supertonic", "Supertonic-MNN, English", SupertonicOptions, _supertonic, ("supertonic",)),
        languages=("en",),
    ),
    Engine(
        *("tts", "bertvits2", "Bert-VITS2-MNN, Chinese and English", BertVits2Options, _bert_vits2, ("bert-vits2",)),
    ),
    Engine("a2bs", "visavis", "Visavis A2BS", A2bsOptions, _a2bs, ("visavis-a2bs",)),
    Engine("a2bs", "unitalker", "UniTalker-MNN", UnitalkerOptions, _unitalker, settings=("a2bs.unitalker.folder",)),
)
"""The first of each stage is what runs where nothing is set."""


def engines_of(stage: Stage) -> tuple[Engine, ...]:
    """The engines that `stage` can have."""
    return tuple(engine for engine in ENGINES if engine.stage == stage)


def engine(stage: Stage, name: str) -> Engine:
    """The engine called `name`; SettingsError where the stage has none of that name."""
    for known in engines_of(stage):
        if known.name == name:
            return known
    names = ", ".join(known.name for known in engines_of(stage))
    raise SettingsError(f"There is no engine called {name!r} for {stage}: choose one of {names}.")
