"""Which folders pass for a language model of MNN, before MNN sees them."""

import json
from pathlib import Path

import msgspec
import pytest

from assets.catalogue import RECORD, FileRecord, ModelRecord, sha256_of
from assets.errors import ModelError, ModelMissingError
from conversation.engines.llm.llm_folder import (
    NEEDED,
    TOKENIZERS,
    check_parts,
    check_recorded,
    folder_at,
    is_folder,
    problem_with,
)
from conversation.engines.options import ChatOptions
from conversation.engines.registry import engine
from conversation.errors import EngineError
from conversation.processes.language_model import RemoteLanguageModel
from tests.conversation.engines.llm.llm_folders import THINKING, folder_with


def recorded(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).write_text(f"what {file} holds")
    entries = {file: FileRecord((folder / file).stat().st_size, sha256_of(folder / file)) for file in files}
    record = ModelRecord("a-model", 1, "MIT", {"hub": "revision"}, entries)
    (folder / RECORD).write_bytes(msgspec.json.encode(record))
    return folder


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_the_tokenizer_may_be_of_either_kind(tmp_path: Path, tokenizer: str) -> None:
    check_recorded(recorded(tmp_path, *NEEDED, tokenizer))


@pytest.mark.parametrize("lacking", [*NEEDED, "tokenizer"])
def test_what_a_model_cannot_do_without_is_asked_for(tmp_path: Path, lacking: str) -> None:
    there = [file for file in (*NEEDED, TOKENIZERS[0]) if lacking not in (file, file.partition(".")[0])]
    with pytest.raises(ModelError, match="damaged"):
        check_recorded(recorded(tmp_path, *there))


def test_every_other_file_must_be_sound_too(tmp_path: Path) -> None:
    folder = recorded(tmp_path, *NEEDED, TOKENIZERS[1], "embeddings_bf16.bin")
    (folder / "embeddings_bf16.bin").write_text("something else")
    with pytest.raises(ModelError, match="damaged"):
        check_recorded(folder)


# A folder of the user's own, which has no record.


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return folder_with(tmp_path / "my model", THINKING)


def test_any_folder_on_the_disk_will_do(own: Path) -> None:
    options = ChatOptions(model=str(own))
    spec = engine("llm", "mnn").spec(options, "en")
    assert spec.model is None and spec.options["model_dir"] == own and problem_with(str(own)) == ""
    model = RemoteLanguageModel(**spec.options | {"context": 256})
    try:
        model.begin("You answer briefly.")
        assert "".join(model.reply("Hello!", max_tokens=4))
    finally:
        model.close()


@pytest.mark.parametrize(
    ("model", "folder"), [("qwen2.5-1.5b", False), ("~/models/qwen", True), ("./qwen", True), ("C:\\qwen", True)]
)
def test_a_path_is_told_from_a_name(model: str, folder: bool) -> None:
    assert is_folder(model) is folder
    assert folder_at(model).is_absolute()


@pytest.mark.parametrize("lacking", ["config.json", "llm_config.json", "llm.mnn", "llm.mnn.weight", "tokenizer.mtok"])
def test_what_a_folder_lacks_is_told_in_one_sentence(own: Path, lacking: str) -> None:
    (own / lacking).unlink()
    with pytest.raises(ModelMissingError, match=rf"no complete model for MNN-LLM: {lacking} is missing"):
        check_parts(own)


def test_the_files_are_those_that_the_configuration_names(own: Path) -> None:
    (own / "llm.mnn.weight").rename(own / "weights.bin")
    config = json.loads((own / "config.json").read_bytes())
    (own / "config.json").unlink()
    (own / "config.json").write_text(json.dumps(config | {"llm_weight": "weights.bin"}))
    check_parts(own)
    model = json.loads((own / "llm_config.json").read_bytes())
    del model["tie_embeddings"]
    (own / "llm_config.json").write_text(json.dumps(model))
    with pytest.raises(ModelMissingError, match=r"embeddings_bf16\.bin is missing"):
        check_parts(own)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (b"{", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"[1]", "no table"),
    ],
)
def test_what_is_no_data_is_told(own: Path, content: bytes, says: str) -> None:
    (own / "config.json").unlink()
    (own / "config.json").write_bytes(content)
    assert says in problem_with(str(own))


def test_names_are_looked_up(tmp_path: Path) -> None:
    assert problem_with("smollm2-135m") == ""
    assert "no model called" in problem_with("nonsense") and "no folder" in problem_with(str(tmp_path / "gone"))


@pytest.mark.parametrize("file", ["llm.mnn", "llm.mnn.weight", "tokenizer.mtok"])
def test_what_mnn_cannot_load_ends_its_process_and_no_other(own: Path, file: str) -> None:
    content = (own / file).read_bytes()[:1_000]
    (own / file).unlink()
    (own / file).write_bytes(content)
    with pytest.raises(EngineError, match=r"MNN could not load the language model in .*my model"):
        RemoteLanguageModel(own, recorded=False)
