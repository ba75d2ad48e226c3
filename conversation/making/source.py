"""What `visavis models convert` is given, looked at before anything heavy starts."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Final

from assets.catalogue import known_names, own_models, sha256_of
from assets.errors import ConversionError

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_WEIGHTS: Final = "*.safetensors"


class Kind(StrEnum):
    """What a source is."""

    onnx = "onnx"
    gguf = "gguf"
    folder = "folder"


def kind_of(source: Path) -> Kind:
    """Told by the content; ConversionError where it is nothing that can be converted."""
    if source.is_dir():
        return _checked_folder(source)
    try:
        with source.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise ConversionError(f"{source} cannot be read ({error.strerror}): check the path.") from None
    if start == b"GGUF":
        return Kind.gguf
    if source.suffix.lower() == ".onnx":
        return Kind.onnx
    raise ConversionError(f"{source} is no .onnx, no .gguf and no Hugging Face folder: only these can be converted.")


def hashes_of(source: Path) -> dict[str, str]:
    """SHA-256 by name of the file, or of a folder's weights."""
    files = sorted(source.glob(_WEIGHTS)) if source.is_dir() else [source]
    return {file.name: sha256_of(file) for file in files}


def model_name(wanted: str | None, source: Path) -> str:
    """The name that a converted language model gets; ConversionError where it is taken or no name."""
    # A folder's name is kept whole: what looks like an ending may be a version.
    stem = source.name if source.is_dir() else source.stem
    name = wanted or re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")
    if not _NAME.fullmatch(name):
        raise ConversionError(f"{name!r} is no name for a model: give --name of small letters, digits, '.', '-', '_'.")
    if name in known_names():
        raise ConversionError(f"{name} is a model that visavis knows: give another --name.")
    if name in {model.name for model in own_models()}:
        raise ConversionError(f"There is a model {name} already: remove it, or give another --name.")
    return name


def checked_lora(folder: Path) -> Path:
    """The folder of a PEFT adapter; ConversionError where it is none that can be read safely."""
    for file in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / file).is_file():
            raise ConversionError(f"{folder} has no {file}: give the folder of a PEFT adapter.")
    return folder.resolve()


def _checked_folder(source: Path) -> Kind:
    try:
        config = json.loads((source / "config.json").read_bytes())
        architectures = config["architectures"]
    except (OSError, ValueError, LookupError, TypeError):
        raise ConversionError(f"{source} has no config.json that names a model: give a Hugging Face folder.") from None
    if not any("CausalLM" in str(name) for name in architectures):
        raise ConversionError(f"{source} holds {', '.join(map(str, architectures))}, which is no language model.")
    if not any(source.glob(_WEIGHTS)):
        raise ConversionError(f"{source} has no .safetensors: other formats may run code as they are read.")
    return Kind.folder
