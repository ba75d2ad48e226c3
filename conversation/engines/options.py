"""What can be set of each engine: sections of visavis.toml such as `[tts.hibari]`, with default, bounds, meaning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from conversation.engines.llm.sampling import Sampling

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
Speed = Annotated[float, Meta(ge=0.5, le=2, description="How fast it speaks; 1: as it was trained.")]
Volume = Annotated[float, Meta(ge=0, le=4, description="How loud it speaks; 1: as any other voice.")]
Person = Annotated[str, Meta(description="One of its persons, where it has several; empty: the first.")]
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
    seed: Annotated[
        int,
        Meta(ge=0, le=2**32 - 1, description="The same one chooses the same words again; 0: others in each talk."),
    ] = 0
    lora: Annotated[
        str, Meta(max_length=4096, description="A LoRA of `visavis models lora`, for this model; empty: none.")
    ] = ""


class ChatOptions(SmolOptions, frozen=True):
    """Any language model for MNN that speaks ChatML, as Qwen2.5-Instruct does."""

    model: Annotated[
        str, Meta(max_length=4096, description="Its name, as `visavis models list` says it, or the path of its folder.")
    ] = ""
    thinking: Annotated[
        bool, Meta(description="Whether a model that can think before it answers does; you wait longer then.")
    ] = False
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
    speed: Speed = 1.0
    volume: Volume = 1.0


class KokoroOptions(Options, frozen=True):
    """Kokoro-82M: Chinese and English."""

    threads: Threads = 1
    speed: Speed = 1.0
    volume: Volume = 1.0
    voice: Annotated[
        str, Meta(description="One of its voices, such as `zf_xiaoxiao`; empty: one for each language.")
    ] = ""


class PiperOptions(Options, frozen=True):
    """A Piper voice."""

    path: Annotated[
        str, Meta(description="Its `.onnx`, with the `.onnx.json` beside it; converted when first used.")
    ] = ""
    threads: Threads = 1
    speed: Speed = 1.0
    volume: Volume = 1.0
    voice: Person = ""


class SupertonicOptions(Options, frozen=True):
    """Supertonic-MNN, English."""

    folder: Annotated[
        str, Meta(description="Your own, with `mnn_models` in it; empty: what `visavis models get supertonic` fetched.")
    ] = ""
    threads: Threads = 1
    steps: Annotated[int, Meta(ge=1, le=50, description="Steps from noise to speech: more sound better.")] = 5
    speed: Speed = 1.0
    volume: Volume = 1.0
    voice: Annotated[str, Meta(description="One of its voices, such as `M1`; empty: the first.")] = ""


class BertVits2Options(Options, frozen=True):
    """Bert-VITS2-MNN: Chinese and English."""

    folder: Annotated[
        str,
        Meta(description="Your own, with `config.json` in it; empty: what `visavis models get bert-vits2` fetched."),
    ] = ""
    threads: Threads = 1
    speed: Speed = 1.0
    volume: Volume = 1.0
    voice: Person = ""


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
