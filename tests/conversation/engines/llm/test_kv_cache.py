"""The cache follows a text, and reads no more of it than it must; what it then says is what a fresh one says."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets import catalogue
from conversation.engines.base import never
from conversation.engines.llm.kv_cache import CHUNK, SMALLER, KvCache, Work
from conversation.engines.llm.mnn_llm import MnnLlm
from conversation.engines.llm.sampling import Sampling
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.history.dialogue import Turn

SYSTEM = "You answer briefly."
QUESTION = "Tell me about the sea."


@pytest.fixture(scope="module")
def exact() -> SmolLM2:
    folder = catalogue.model_dir("smollm2-135m")
    return SmolLM2(folder, exact=True, examples=(), sentences=None, sampling=Sampling(repetition_penalty=1.0))


class Paper:
    """Stands for the network: its logits are what it holds."""

    def __init__(self) -> None:
        self.held: list[int] = []
        self.fed = 0
        self.sizes = set[int]()

    def feed(self, tokens: list[int]) -> tuple[int, ...]:
        assert 0 < len(tokens) <= CHUNK
        self.held += tokens
        self.fed += len(tokens)
        self.sizes.add(len(tokens))
        return tuple(self.held)

    def rewind(self, length: int) -> None:
        del self.held[length:]


def test_few_lengths_are_read_and_what_is_left_of_a_text_counts_as_read() -> None:
    paper, work = Paper(), Work()
    cache = KvCache(paper, work)  # type: ignore[arg-type]
    for length in range(1, 100):
        cache.clear()
        assert cache.read(list(range(length)), never) == tuple(range(length))
    assert paper.sizes == {*range(1, 8), *SMALLER, CHUNK}
    assert work.stats.decode_tokens == 1 and work.stats.prefill_tokens == sum(range(2, 100))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.lists(st.integers(0, 2), max_size=90), st.integers(0, 4)), max_size=8))
def test_whatever_becomes_of_a_text_the_cache_holds_it(texts: list[tuple[list[int], int]]) -> None:
    paper, work = Paper(), Work()
    cache = KvCache(paper, work)  # type: ignore[arg-type]
    for text, looks in texts:
        lacking, fed, left = cache.lacks(text), paper.fed, iter([False] * looks)
        logits = cache.read(text, lambda left=left: next(left, True))  # type: ignore[misc]
        assert text[: len(paper.held)] == paper.held
        assert logits is None or tuple(text) == logits
        assert paper.fed - fed <= max(lacking, 1) and work.stats.prefill_tokens + work.stats.decode_tokens == paper.fed
        if looks == 4:
            assert logits is not None or not text


def test_after_an_interruption_only_what_is_new_is_read(exact: SmolLM2) -> None:
    """The answer is cut, what was not heard leaves the cache, and the next answer is that of a fresh reading."""
    exact.begin(SYSTEM)
    answer = exact.reply(QUESTION, max_tokens=40)
    heard = "".join(islice(answer, 9))
    written = heard + "".join(islice(answer, 7))
    answer.close()  # type: ignore[attr-defined]
    dialogue = len(exact.history)
    # Twice: what was still on its way to the reader, then what the listener did not hear.
    exact.truncate_last_reply(written.rpartition(" ")[0])
    exact.truncate_last_reply(heard.rpartition(" ")[0])
    before = exact.stats.prefill_tokens
    after = "".join(exact.reply("Why?", max_tokens=16))
    read = exact.stats.prefill_tokens - before
    new = [*exact._chat.closing, *exact._chat.question(exact._chat.text("Why?"))]
    assert read == len(new) < dialogue / 2
    talked = exact.history

    exact.begin(SYSTEM)
    exact.resume([Turn(QUESTION, heard.rpartition(" ")[0])])
    before = exact.stats.prefill_tokens
    assert "".join(exact.reply("Why?", max_tokens=16)) == after
    assert exact.history == talked
    fresh = exact.stats.prefill_tokens - before
    assert fresh > read + dialogue / 3, "without the cache the whole dialogue is read"


def test_a_second_cache_is_a_model_of_its_own(exact: SmolLM2) -> None:
    first, second = exact._llm, exact._llm.another()
    tokens = first.encode("The capital of France is Paris, and the capital of Italy is")
    first.rewind(0)
    alone = first.feed(tokens)
    second.feed(tokens[:5])
    first.feed(first.encode(" something else"))
    assert np.abs(second.feed(tokens[5:]) - alone).max() < 2e-3
    first.rewind(len(tokens) - 1)
    assert np.abs(first.feed(tokens[-1:]) - alone).max() < 2e-3


def test_a_second_cache_outlives_every_name_of_the_first() -> None:
    model = MnnLlm(catalogue.model_dir("smollm2-135m"))
    tokens = model.encode("The capital of France is")
    wanted = model.feed(tokens)
    model = model.another()
    assert np.array_equal(model.feed(tokens), wanted)
    cache = KvCache(model.another(), Work())
    assert np.array_equal(cache.read(tokens, never), wanted)


def test_whatever_order_garbage_is_collected_in_the_weights_go_last() -> None:
    code = (
        "import gc, sys; from pathlib import Path; from conversation.engines.llm.mnn_llm import MnnLlm\n"
        "gc.disable(); model = MnnLlm(Path(sys.argv[1])); others = [model.another(), model.another()]\n"
        "for other in others: other.feed([5])\n"
        "others.pop(); loop = [model, *others]; loop.append(loop); del model, others, other, loop\n"
        "gc.collect(); print('alive')"
    )
    folder = str(catalogue.model_dir("smollm2-135m"))
    run = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert run.stdout == "alive\n"
