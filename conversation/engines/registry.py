"""The engines that can be chosen, by stage and name: what each needs, what can be set, and how it is loaded.

A new engine is one `Engine` here. Its options are then settings in visavis.toml, `visavis run` takes its name, and
`visavis models list` shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta

from assets import catalogue
from conversation.engines.sampling import Sampling
from conversation.errors import SettingsError
from conversation.settings import EngineSpec

Stage = Literal["asr", "llm", "tts", "a2bs"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
Language = Literal["auto", "en", "zh"]
"""What the user speaks; auto: whichever is heard."""

Chinese = Annotated[
    Literal["simplified", "traditional", "as heard"],
    Meta(description="How Chinese is written; `as heard`: as the model happens to."),
]
Threads = Annotated[int, Meta(ge=1, le=64, description="Threads that it computes with.")]
Sentences = Annotated[
    int, Meta(ge=0, le=20, description="An answer ends after so many sentences; 0: when the model ends it.")
]
Temperature = Annotated[
    float, Meta(ge=0, le=2, description="How freely it chooses its words; 0: always the likeliest.")
]
TopP = Annotated[float, Meta(gt=0, le=1, description="… and of these among the fewest that are so likely together.")]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be set of an engine: one section of visavis.toml."""


class WhisperOptions(Options, frozen=True):
    """Whisper base."""

    threads: Threads = 1
    chinese: Chinese = "simplified"


class ZipformerOptions(Options, frozen=True):
    """A streaming Zipformer transducer."""

    threads: Threads = 1
    chinese: Chinese = "simplified"
    paths: Annotated[
        int, Meta(ge=1, le=16, description="Ways to hear an utterance that it follows at once; 1: the likeliest alone.")
    ] = 4
    hotwords: Annotated[
        list[Annotated[str, Meta(max_length=200)]],
        Meta(max_length=1000, description="Names and words to expect; they need more than one path."),
    ] = []
    hotword_reward: Annotated[
        float, Meta(ge=0, le=20, description="How much likelier each part of such a word is taken to be, in nats.")
    ] = 1.5


class FolderOptions(ZipformerOptions, frozen=True):
    """The same from a folder."""

    folder: Annotated[
        str, Meta(max_length=4096, description="Holds `*encoder*.mnn`, `*decoder*.mnn`, `*joiner*.mnn`, `tokens.txt`.")
    ] = ""


class SmolOptions(Options, frozen=True):
    """SmolLM2-135M."""

    threads: Threads = 1
    exact: Annotated[
        bool, Meta(description="Whether it computes with float32 weights: three times slower, a little nearer to them.")
    ] = False
    sentences: Sentences = 2
    context: Annotated[int, Meta(ge=256, le=2048, description="Tokens of the dialogue that it sees.")] = 1024
    temperature: Temperature = Sampling.temperature
    top_k: Annotated[int, Meta(ge=1, le=1000, description="It chooses among so many likeliest tokens …")] = (
        Sampling.top_k
    )
    top_p: TopP = Sampling.top_p
    repetition_penalty: Annotated[
        float, Meta(ge=1, le=2, description="How much it shuns what it said already; 1: not at all.")
    ] = Sampling.repetition_penalty


class ChatOptions(SmolOptions, frozen=True):
    """Any language model for MNN that speaks ChatML, as Qwen2.5-Instruct does."""

    model: Annotated[str, Meta(description="Its name, as `visavis models list` says it.")] = ""
    sentences: Sentences = 0
    context: Annotated[int, Meta(ge=256, le=32768, description="Tokens of the dialogue that it sees.")] = 2048
    temperature: Temperature = 0.7
    top_p: TopP = 0.8


class ServerOptions(Options, frozen=True):
    """A language model on a server with the OpenAI chat API (docs/servers.md)."""

    url: Annotated[
        str,
        Meta(pattern=r"^(https?://\S+)?$", description="Its address, such as `http://192.168.1.20:8000/v1`."),
    ] = ""
    model: Annotated[str, Meta(description="The model's name there; empty: the first that the server lists.")] = ""
    context: Annotated[
        int, Meta(ge=0, le=10_000_000, description="Tokens of dialogue that the model takes; 0: what the server says.")
    ] = 0
    temperature: Annotated[float, Meta(ge=0, le=2, description="How freely it chooses its words.")] = 0.7
    key_variable: Annotated[
        str, Meta(min_length=1, description="The environment variable that holds the key, if the server wants one.")
    ] = "VISAVIS_LLM_KEY"
    silence_s: Annotated[float, Meta(gt=0, le=3600, description="So many seconds the server may say nothing.")] = 30.0
    start_s: Annotated[float, Meta(gt=0, le=3600, description="So many seconds it may load its model.")] = 60.0
    notes_s: Annotated[
        float, Meta(ge=0, le=60, description="So many seconds an answer may wait for notes of what leaves the context.")
    ] = 3.0
    extra: Annotated[
        dict[str, Any], Meta(description="More fields of every request, as a table `[llm.server.extra]`.")
    ] = {}


class HibariOptions(Options, frozen=True):
    """hibari."""

    threads: Threads = 1
    speed: Annotated[float, Meta(ge=0.5, le=2, description="How fast it speaks; 1: as it was trained.")] = 1.0
    volume: Annotated[float, Meta(ge=0, le=4, description="How loud it speaks; 1: as any other voice.")] = 1.0


class KokoroOptions(Options, frozen=True):
    """Kokoro-82M: Chinese and English."""

    threads: Threads = 1
    speed: Annotated[float, Meta(ge=0.5, le=2, description="How fast it speaks; 1: as it was trained.")] = 1.0
    volume: Annotated[float, Meta(ge=0, le=4, description="How loud it speaks; 1: as any other voice.")] = 1.0
    voice: Annotated[
        str, Meta(description="One of its voices, such as `zf_xiaoxiao`; empty: one for each language.")
    ] = ""


class PiperOptions(Options, frozen=True):
    """A Piper voice."""

    path: Annotated[
        str, Meta(description="Its `.onnx`, with the `.onnx.json` beside it; converted when first used.")
    ] = ""
    threads: Threads = 1
    speed: Annotated[float, Meta(ge=0.5, le=2, description="How fast it speaks; 1: as it was trained.")] = 1.0
    volume: Annotated[float, Meta(ge=0, le=4, description="How loud it speaks; 1: as any other voice.")] = 1.0
    voice: Annotated[str, Meta(description="One of its persons, where it has several; empty: the first.")] = ""


class SupertonicOptions(Options, frozen=True):
    """Supertonic-MNN, English."""

    folder: Annotated[str, Meta(description="Its folder, with `mnn_models` in it.")] = ""
    threads: Threads = 1
    steps: Annotated[int, Meta(ge=1, le=50, description="Steps from noise to speech: more sound better.")] = 5
    speed: Annotated[float, Meta(ge=0.5, le=2, description="How fast it speaks; 1: as it was trained.")] = 1.0
    volume: Annotated[float, Meta(ge=0, le=4, description="How loud it speaks; 1: as any other voice.")] = 1.0
    voice: Annotated[str, Meta(description="One of its voices, such as `M1`; empty: the first.")] = ""


class A2bsOptions(Options, frozen=True):
    """Visavis A2BS."""

    threads: Threads = 1


class UnitalkerOptions(Options, frozen=True):
    """UniTalker-MNN, which you bring."""

    folder: Annotated[str, Meta(description="The folder that holds its `audio2verts.mnn`.")] = ""
    avatar: Annotated[
        str,
        Meta(
            description="An avatar file imported with --flame: its table tells what FLAME's expressions are; "
            "empty: only the jaw moves."
        ),
    ] = ""
    threads: Threads = 1


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
    """Names in assets.catalogue."""
    modules: tuple[str, ...] = ()
    """Python modules that visavis does not bring."""
    settings: tuple[str, ...] = ()
    """Settings without which it cannot run."""
    languages: tuple[str, ...] = ()
    """Those that it knows, where it does not know all that are spoken here."""

    def missing(self) -> list[str]:
        """Models and modules that it needs and this machine lacks."""
        models = [name for name in self.models if not catalogue.is_ready(name)]
        return models + [name for name in self.modules if find_spec(name) is None]


def _whisper(options: WhisperOptions, language: Language) -> EngineSpec:
    settings = {"threads": options.threads, "languages": _languages(options.chinese, language)}
    return EngineSpec("conversation.engines.whisper:WhisperBase", "whisper-base", settings)


def _zipformer(options: ZipformerOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.zipformer:Zipformer", "zipformer-zh-en", _transducer(options, language))


def _folder(options: FolderOptions, language: Language) -> EngineSpec:
    settings = _transducer(options, language) | {"model_dir": _path(options, "transducer")}
    return EngineSpec("conversation.engines.zipformer:Zipformer", options=settings)


def _sherpa(options: FolderOptions, language: Language) -> EngineSpec:
    settings = _transducer(options, language) | {"model_dir": _path(options, "sherpa")}
    return EngineSpec("conversation.engines.sherpa:Sherpa", options=settings)


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
    return EngineSpec("conversation.llm_process:RemoteLanguageModel", "smollm2-135m", _dialogue(options))


def _mnn(options: ChatOptions, language: Language) -> EngineSpec:
    if not options.model:
        raise SettingsError("No language model is named: set llm.mnn.model, or give --llm-model.")
    settings = _dialogue(options) | {"examples": ()}
    return EngineSpec("conversation.llm_process:RemoteLanguageModel", options.model, settings)


def _dialogue(options: SmolOptions) -> dict[str, Any]:
    return {
        "threads": options.threads,
        "exact": options.exact,
        "sentences": options.sentences or None,
        "context": options.context,
        "sampling": Sampling(
            temperature=options.temperature,
            top_k=options.top_k,
            top_p=options.top_p,
            repetition_penalty=options.repetition_penalty,
        ),
    }


def _server(options: ServerOptions, language: Language) -> EngineSpec:
    if not options.url:
        raise SettingsError("The language model on a server has no address: set llm.server.url, or give --llm-url.")
    settings = msgspec.structs.asdict(options)
    settings |= {"model": options.model or None, "context": options.context or None}
    return EngineSpec("conversation.engines.openai_server:OpenAiServer", options=settings)


def _hibari(options: HibariOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.hibari:Hibari", "hibari", msgspec.structs.asdict(options))


def _kokoro(options: KokoroOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.kokoro:Kokoro", "kokoro", msgspec.structs.asdict(options))


def _piper(options: PiperOptions, language: Language) -> EngineSpec:
    if not options.path:
        raise SettingsError("No Piper voice is set: set tts.piper.path to its .onnx.")
    return EngineSpec("conversation.engines.piper:load_piper", options=msgspec.structs.asdict(options))


def _supertonic(options: SupertonicOptions, language: Language) -> EngineSpec:
    if not options.folder:
        raise SettingsError("Supertonic-MNN has no folder: get it from ModelScope and set tts.supertonic.folder.")
    return EngineSpec("conversation.engines.supertonic:Supertonic", options=msgspec.structs.asdict(options))


def _a2bs(options: A2bsOptions, language: Language) -> EngineSpec:
    return EngineSpec("conversation.engines.a2bs:A2bs", "visavis-a2bs", msgspec.structs.asdict(options))


def _unitalker(options: UnitalkerOptions, language: Language) -> EngineSpec:
    if not options.folder:
        raise SettingsError("UniTalker-MNN has no folder: get it from ModelScope and set a2bs.unitalker.folder.")
    settings = {"folder": options.folder, "avatar": options.avatar or None, "threads": options.threads}
    return EngineSpec("conversation.engines.unitalker:UniTalker", options=settings)


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
        *("tts", "supertonic", "Supertonic-MNN, English", SupertonicOptions, _supertonic),
        settings=("tts.supertonic.folder",),
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
