"""Whether a folder holds a language model that MNN.llm can load; asked before MNN sees it, which would crash.

A model that `visavis models` brought or made has a record of every file's size and hash. One that a user points to by
its path has none: there the files that its own `config.json` and `llm_config.json` name must be there and hold data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from assets import catalogue
from assets.catalogue import RECORD, ModelRecord
from assets.errors import ModelError, ModelMissingError

NEEDED: Final = ("config.json", "llm_config.json", "llm.mnn", "llm.mnn.weight")
TOKENIZERS: Final = ("tokenizer.mtok", "tokenizer.txt")
"""One of them too: MNN's exporter writes the first since 3.6 and wrote the second before."""
LARGEST_CONFIG: Final = 16 << 20
_POINTER: Final = b"version https://git-lfs"


def is_folder(model: str) -> bool:
    """Whether what a user calls a model is a place on the disk rather than a name."""
    return "/" in model or "\\" in model or model.startswith("~")


def folder_at(model: str) -> Path:
    """The place that a user means."""
    return Path(model).expanduser().absolute()


def check_recorded(model_dir: Path) -> None:
    """Compare every file with the size and hash in model.json (about 0.1 s); ModelMissingError or ModelError."""
    name = model_dir.name
    try:
        record = msgspec.json.decode((model_dir / RECORD).read_bytes(), type=ModelRecord)
    except OSError:
        raise ModelMissingError(
            f"There is no language model in {model_dir}: run `visavis models get {name}`."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = None
    if record is not None and _is_complete(model_dir, record):
        return
    raise ModelError(f"The language model in {model_dir} is damaged: remove it and run `visavis models get {name}`.")


def check_parts(folder: Path) -> None:
    """Every file that the configuration names is there; ModelMissingError or ModelError, one sentence, where not."""
    if not folder.is_dir():
        raise ModelMissingError(
            f"There is no folder {folder}: set llm.mnn.model to the folder of a model for MNN-LLM, or to a name that "
            "`visavis models list` says."
        )
    for file in _parts(folder):
        _check_part(folder, file)


def problem_with(model: str) -> str:
    """Why the model that a user names, or whose folder, cannot be loaded, in one sentence; empty: nothing is wrong."""
    try:
        if is_folder(model):
            check_parts(folder_at(model))
        elif not catalogue.is_ready(model):
            return f"The model {model} is not on this machine yet: run `visavis models get {model}`."
    except ModelError as error:
        return str(error)
    return ""


def _parts(folder: Path) -> Iterator[str]:
    """Files that MNN opens without looking whether they are there."""
    yield from ("config.json", "llm_config.json")
    config, model = _config(folder, "config.json"), _config(folder, "llm_config.json")
    yield _named(config, "llm_model", "llm.mnn")
    yield _named(config, "llm_weight", "llm.mnn.weight")
    there = [name for name in TOKENIZERS if (folder / name).is_file()]
    yield _named(config, "tokenizer_file", there[0] if there else TOKENIZERS[0])
    if "tie_embeddings" not in model:
        yield _named(config, "embedding_file", "embeddings_bf16.bin")
    for kind in ("visual", "audio"):
        if model.get(f"is_{kind}") is True:
            yield _named(config, f"{kind}_model", f"{kind}.mnn")


def _named(config: dict[str, Any], key: str, usual: str) -> str:
    name = config.get(key, usual)
    return name if isinstance(name, str) else usual


def _config(folder: Path, file: str) -> dict[str, Any]:
    _check_part(folder, file)
    try:
        if (folder / file).stat().st_size > LARGEST_CONFIG:
            raise ValueError("it is too large")
        content = json.loads((folder / file).read_bytes())
        if not isinstance(content, dict):
            raise ValueError("it is no table")
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{folder / file} cannot be read ({error}): get the model again.") from None
    return content


def _check_part(folder: Path, file: str) -> None:
    try:
        with (folder / file).open("rb") as data:
            start = data.read(len(_POINTER))
    except OSError:
        raise ModelMissingError(
            f"{folder} is no complete model for MNN-LLM: {file} is missing; get the whole folder."
        ) from None
    if start == _POINTER:
        raise ModelError(f"{folder / file} is only a pointer of Git LFS: run `git lfs pull` in {folder}.")
    if not start:
        raise ModelError(f"{folder / file} is empty: get the model again.")


def _is_complete(model_dir: Path, record: ModelRecord) -> bool:
    tokenizer = any(name in record.files for name in TOKENIZERS)
    return tokenizer and all(_is_as_recorded(model_dir, record, file) for file in {*NEEDED, *record.files})


def _is_as_recorded(model_dir: Path, record: ModelRecord, file: str) -> bool:
    entry = record.files.get(file)
    try:
        with (model_dir / file).open("rb") as data:
            return entry is not None and hashlib.file_digest(data, "sha256").hexdigest() == entry.sha256
    except OSError:
        return False
