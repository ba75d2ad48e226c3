"""The models that `visavis models get NAME` downloads from a hub.

A repository's revision moves and its hashes are not known to this release: the hub's own listing gives size and hash
of every file as it is fetched, and `model.json` holds them from then on (trust on first use). `bytes` is about what
the download comes to; the hub's listing has the exact number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Hub(StrEnum):
    """Where repositories are kept."""

    huggingface = "huggingface"
    modelscope = "modelscope"


@dataclass(frozen=True)
class HubModel:
    """A folder of files that a hub keeps, the same under its name at every hub that has it."""

    name: str
    title: str
    licence: str
    bytes: int
    """What the download comes to, about."""
    repositories: dict[Hub, str]
    """The name (`owner/name`) at each hub that keeps it."""
    files: tuple[str, ...]
    """Files without which the model is not complete."""
    include: tuple[str, ...] = ("*",)
    """Patterns (fnmatch) of the paths that are fetched."""
    revision: int = 1
    """Counts changes of this entry: a folder fetched for an older one is fetched again."""


def _mnn_team(name: str) -> dict[Hub, str]:
    """The two places where MNN's makers publish `name`."""
    return {Hub.huggingface: f"taobao-mnn/{name}", Hub.modelscope: f"MNN/{name}"}


_LLM_FILES: Final = ("config.json", "llm_config.json", "llm.mnn", "llm.mnn.weight")
_BERT_VITS2_FILES: Final = (
    "common/mnn_models/chinese_bert.mnn",
    "common/text_processing_jsons/cn_bert_token.bin",
    "common/text_processing_jsons/pinyin_to_symbol_map.bin",
    "common/text_processing_jsons/default_tone_words.json",
)
_READ_THE_CARD: Final = "not stated here: read the repository's card"

DOWNLOADS: Final[tuple[HubModel, ...]] = (
    HubModel(
        name="qwen2.5-1.5b",
        title="Qwen2.5-1.5B-Instruct: thinks of an answer, English and Chinese (recommended)",
        licence="Apache-2.0",
        bytes=879_484_183,
        repositories=_mnn_team("Qwen2.5-1.5B-Instruct-MNN"),
        files=_LLM_FILES,
    ),
    HubModel(
        name="qwen2.5-0.5b",
        title="Qwen2.5-0.5B-Instruct: thinks of an answer, English and Chinese",
        licence="Apache-2.0",
        bytes=556_808_791,
        repositories=_mnn_team("Qwen2.5-0.5B-Instruct-MNN"),
        files=_LLM_FILES,
    ),
    HubModel(
        name="zipformer-zh-en",
        title="Streaming Zipformer 2023-02-20: turns speech into text, Chinese and English",
        licence="Apache-2.0",
        bytes=295_334_711,
        repositories=_mnn_team("sherpa-mnn-streaming-zipformer-bilingual-zh-en-2023-02-20"),
        files=("tokens.txt",),
    ),
    HubModel(
        name="zipformer-en",
        title="Streaming Zipformer 2023-02-21: turns speech into text, English",
        licence="Apache-2.0",
        bytes=296_187_698,
        repositories=_mnn_team("sherpa-mnn-streaming-zipformer-en-2023-02-21"),
        files=("tokens.txt",),
    ),
    HubModel(
        name="bert-vits2",
        title="Bert-VITS2: speaks Chinese and English",
        licence=_READ_THE_CARD,
        bytes=418_902_000,
        repositories=_mnn_team("bert-vits2-MNN"),
        files=("config.json", *_BERT_VITS2_FILES),
        # English BERT is 930 MB that MNN's own app loads and does not listen to.
        include=(
            "config.json",
            "tts_generator*",
            *_BERT_VITS2_FILES,
            "*/chinese_bert.mnn.weight",
            "README*",
            "LICENSE*",
        ),
    ),
    HubModel(
        name="supertonic",
        title="Supertonic: speaks English",
        licence="OpenRAIL-M",
        bytes=133_700_000,
        repositories={Hub.huggingface: "yunfengwang/supertonic-tts-mnn", Hub.modelscope: "MNN/supertonic-tts-mnn"},
        files=tuple(
            f"mnn_models/fp16/{part}.mnn"
            for part in ("duration_predictor", "text_encoder", "vector_estimator", "vocoder")
        ),
        include=("mnn_models/fp16/*", "mnn_models/*.json", "voice_styles/*", "config.json", "README*", "LICENSE*"),
    ),
    HubModel(
        name="unitalker",
        title="UniTalker: moves the face with the voice",
        licence=_READ_THE_CARD,
        bytes=368_000_000,
        repositories={Hub.modelscope: "MNN/UniTalker-MNN"},
        files=("audio2verts.mnn",),
    ),
)
