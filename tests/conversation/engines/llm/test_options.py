"""What is set of a language model for MNN, told by what it then does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from assets import catalogue
from conversation.engines.llm.sampling import Sampler
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.engines.options import ChatOptions
from conversation.engines.registry import engine


def options_of(**settings: Any) -> dict[str, Any]:
    """As they reach the engine from visavis.toml."""
    return engine("llm", "mnn").spec(ChatOptions(model="smollm2-135m", **settings), "en").options


@pytest.fixture(scope="module")
def model() -> SmolLM2:
    return SmolLM2(catalogue.model_dir("smollm2-135m"), **options_of(context=256))


def said(model: SmolLM2, *, length: int = 14, **settings: Any) -> list[int]:
    """The tokens of an answer with these settings."""
    model._sampler = Sampler(options_of(**settings)["sampling"])
    model.begin("You tell stories.")
    list(model.reply("Tell me a story.", max_tokens=length))
    return list(model.history[model._dialogue.turns[-1].reply :]) if model._dialogue is not None else []


def test_a_seed_chooses_the_words(model: SmolLM2) -> None:
    free = {"temperature": 1.2, "top_p": 1.0}
    assert said(model, seed=7, **free) == said(model, seed=7, **free) != said(model, seed=8, **free)
    assert said(model, **free) != said(model, **free), "without one, every talk has words of its own"


def test_temperature_and_how_many_are_chosen_from(model: SmolLM2) -> None:
    likeliest = said(model, temperature=0)
    assert said(model, temperature=1.5, top_p=1.0, seed=7) != likeliest
    assert said(model, temperature=1.5, top_k=1, seed=7) == likeliest
    assert said(model, temperature=1.5, top_p=1e-6, seed=7) == likeliest
    assert said(model, temperature=0.01, top_p=1.0, seed=7) == likeliest


def test_the_penalty_keeps_it_from_repeating_itself(model: SmolLM2) -> None:
    def most_repeated(penalty: float) -> int:
        return max(Counter(said(model, temperature=0, repetition_penalty=penalty, length=40)).values())

    assert most_repeated(2.0) < most_repeated(1.0)


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
@pytest.mark.parametrize("threads", [1, 2])
def test_so_many_threads_compute(threads: int) -> None:
    code = (
        "import os, sys; from assets import catalogue; from conversation.engines.llm.smollm2 import SmolLM2\n"
        "from tests.conversation.engines.llm.test_options import options_of\n"
        "model = SmolLM2(catalogue.model_dir('smollm2-135m'), **options_of(threads=int(sys.argv[1])))\n"
        "model.begin('Some words to read. ' * 40)\n"
        "times = [int(open(f'/proc/self/task/{task}/stat').read().rpartition(')')[2].split()[11]) "
        "for task in os.listdir('/proc/self/task')]\n"
        "print(sum(time > max(times) / 5 for time in times))"  # loading has a thread of its own for a moment
    )
    run = subprocess.run([sys.executable, "-c", code, str(threads)], capture_output=True, text=True, check=True)
    assert int(run.stdout) == min(threads, os.cpu_count() or 1)  # MNN takes no more than there are
