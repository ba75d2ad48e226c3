"""The language model in a process of its own: the same words as here, and what happens when either side goes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from assets import catalogue
from assets.errors import ModelMissingError
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.errors import EngineError, ProcessDiedError
from conversation.history.dialogue import Turn
from conversation.processes.language_model import RemoteLanguageModel

SYSTEM = "You answer briefly."


@pytest.fixture(scope="module")
def folder() -> Path:
    return catalogue.model_dir("smollm2-135m")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[RemoteLanguageModel]:
    remote = RemoteLanguageModel(folder, exact=True, examples=())
    yield remote
    remote.close()


@pytest.fixture
def remote(running: RemoteLanguageModel) -> RemoteLanguageModel:
    running.begin(SYSTEM)
    return running


@pytest.fixture(scope="module")
def loaded(folder: Path) -> SmolLM2:
    return SmolLM2(folder, exact=True, examples=())


@pytest.fixture
def local(loaded: SmolLM2) -> SmolLM2:
    loaded.begin(SYSTEM)
    return loaded


def said(model: SmolLM2 | RemoteLanguageModel, question: str) -> str:
    return "".join(model.reply(question, max_tokens=24))


def test_the_same_words_as_in_this_process(remote: RemoteLanguageModel, local: SmolLM2) -> None:
    for question in ("What is the largest ocean?", "Is it deep?"):
        assert said(remote, question) == said(local, question) != ""


def test_the_work_is_counted(remote: RemoteLanguageModel) -> None:
    before = remote.stats
    pieces = list(remote.reply("Tell me about the sea.", max_tokens=24))
    after = remote.stats
    assert len(pieces) - 1 <= after.decode_tokens - before.decode_tokens <= 24
    assert after.prefill_tokens > before.prefill_tokens
    assert after.decode_s > before.decode_s and after.prefill_s > before.prefill_s


def test_history_keeps_what_the_reader_saw(remote: RemoteLanguageModel, local: SmolLM2) -> None:
    answer = remote.reply("Tell me about the sea.", max_tokens=24)
    seen = "".join(islice(answer, 4))
    # More pieces are on their way; nobody will see them.
    time.sleep(0.3)
    answer.close()
    assert "".join(islice(local.reply("Tell me about the sea.", max_tokens=24), 24)).startswith(seen)
    local.truncate_last_reply(seen)
    assert said(remote, "Why?") == said(local, "Why?")


def test_history_keeps_what_was_heard(remote: RemoteLanguageModel, local: SmolLM2) -> None:
    for model in (remote, local):
        said(model, "Tell me about the sea.")
        model.truncate_last_reply("The sea is")
    assert said(remote, "What is it?") == said(local, "What is it?")


def test_cancel_stops_it(remote: RemoteLanguageModel) -> None:
    looks = count()
    pieces = list(remote.reply("Tell me a long story.", max_tokens=400, cancelled=lambda: next(looks) >= 3))
    assert len(pieces) <= 3
    assert said(remote, "Thank you.")


def test_cancel_stops_a_long_prefill(remote: RemoteLanguageModel) -> None:
    before = remote.stats.prefill_tokens
    assert list(remote.reply("word " * 600, max_tokens=4, cancelled=lambda: True)) == []
    remote.truncate_last_reply("")
    remote.begin(SYSTEM)
    # The new beginning and a chunk or two, but not the 600 words.
    assert remote.stats.prefill_tokens - before < 600


def test_a_reply_that_nobody_reads_is_passed_over(remote: RemoteLanguageModel) -> None:
    remote.reply("Tell me a story.", max_tokens=8)
    assert "Paris" in said(remote, "What is the capital of France?")


def test_errors_come_through(remote: RemoteLanguageModel) -> None:
    with pytest.raises(EngineError, match="too long"):
        remote.begin("word " * 2000)
    remote.begin(SYSTEM)
    assert said(remote, "Hello!")


def test_a_missing_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="visavis models get"):
        RemoteLanguageModel(tmp_path / "smollm2-135m")


def test_an_unknown_engine_is_said(folder: Path) -> None:
    with pytest.raises(EngineError, match="cannot be imported"):
        RemoteLanguageModel(folder, engine="conversation.engines.llm.smollm2:NoSuch")


def test_a_killed_process_is_noticed(folder: Path) -> None:
    remote = RemoteLanguageModel(folder, examples=())
    try:
        remote.begin(SYSTEM)
        answer = remote.reply("Tell me a long story.", max_tokens=400)
        next(answer)
        os.kill(remote.process_id, signal.SIGKILL)
        with pytest.raises(ProcessDiedError, match="exit code -9"):
            list(answer)
        with pytest.raises(ProcessDiedError):
            said(remote, "Hello?")
        with pytest.raises(ProcessDiedError):
            remote.truncate_last_reply("")
    finally:
        remote.close()


def test_the_process_ends_with_its_user(folder: Path) -> None:
    remote = RemoteLanguageModel(folder, examples=())
    remote.begin(SYSTEM)
    remote.reply("Tell me a long story.", max_tokens=400)
    remote._pipe.close()
    remote._process.join(10)
    assert remote._process.exitcode == 0


def test_close_ends_a_process_that_is_writing(folder: Path) -> None:
    remote = RemoteLanguageModel(folder, examples=())
    remote.begin(SYSTEM)
    remote.reply("Tell me a long story.", max_tokens=400)
    remote.close()
    assert remote._process.exitcode == 0


def test_turns_are_taken_back_and_gone_on_from(remote: RemoteLanguageModel, local: SmolLM2) -> None:
    for model in (remote, local):
        model.resume([Turn("I am Anna.", "Hello Anna!")])
        answer = model.reply("What is the", max_tokens=24)
        next(answer)
        answer.close()  # type: ignore[attr-defined]
        model.take_back()
    assert said(remote, "Who am I?") == said(local, "Who am I?") != ""
