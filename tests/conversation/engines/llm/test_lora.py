"""A LoRA in conversation: switched in the middle of a dialogue, which stays. Merged weights: test_smollm2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assets import catalogue
from assets.errors import ModelError, ModelMissingError
from assets.progress import SilentProgress
from conversation.engines.llm.sampling import Sampling
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.engines.options import SmolOptions
from conversation.engines.registry import engine
from conversation.history.dialogue import Turn
from conversation.making.lora import make_lora
from conversation.processes.language_model import RemoteLanguageModel
from tests.conversation.engines.llm.adapters import adapter

SYSTEM = "You answer briefly."
MODEL = catalogue.model_dir("smollm2-135m")


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
    model.resume([Turn(f"Remember that I have {number} cats.", "I will.") for number in range(4)])
    while not model.notes and len(model.history) < 250:
        said(model, "And what now, after all that was said?", 6)
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
