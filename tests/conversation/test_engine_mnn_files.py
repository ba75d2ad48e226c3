"""Which folders pass for a language model of MNN, before MNN sees them."""

from pathlib import Path

import msgspec
import pytest

from assets.catalogue import RECORD, FileRecord, ModelRecord, sha256_of
from assets.errors import ModelError
from conversation.engines.mnn_llm import NEEDED, TOKENIZERS, check_files


def folder_with(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).write_text(f"what {file} holds")
    entries = {file: FileRecord((folder / file).stat().st_size, sha256_of(folder / file)) for file in files}
    record = ModelRecord("a-model", 1, "MIT", {"hub": "revision"}, entries)
    (folder / RECORD).write_bytes(msgspec.json.encode(record))
    return folder


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_the_tokenizer_may_be_of_either_kind(tmp_path: Path, tokenizer: str) -> None:
    check_files(folder_with(tmp_path, *NEEDED, tokenizer))


@pytest.mark.parametrize("lacking", [*NEEDED, "tokenizer"])
def test_what_a_model_cannot_do_without_is_asked_for(tmp_path: Path, lacking: str) -> None:
    there = [file for file in (*NEEDED, TOKENIZERS[0]) if lacking not in (file, file.partition(".")[0])]
    with pytest.raises(ModelError, match="damaged"):
        check_files(folder_with(tmp_path, *there))


def test_every_other_file_must_be_sound_too(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, *NEEDED, TOKENIZERS[1], "embeddings_bf16.bin")
    (folder / "embeddings_bf16.bin").write_text("something else")
    with pytest.raises(ModelError, match="damaged"):
        check_files(folder)
