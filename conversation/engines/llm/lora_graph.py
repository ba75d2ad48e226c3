"""A LoRA as a graph for MNN: the language model's own, with small matrices beside its large ones.

Weights stay in the model's file, to whose places the graph points: over another model it would read nonsense, or end
the process. So it carries the hash of the graph it was made of, and of itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from assets.catalogue import sha256_of
from assets.errors import ModelError, ModelMissingError
from assets.mnn_file import is_whole

_MADE_FOR: Final = "visavis LoRA for "
LARGEST: Final = 4 << 30


def model_graph(model_dir: Path) -> Path:
    """The graph of a language model."""
    name = json.loads((model_dir / "config.json").read_bytes()).get("llm_model", "llm.mnn")
    return model_dir / str(name)


def mark(model_dir: Path) -> str:
    """What a LoRA for this model says of itself."""
    return f"{_MADE_FOR}{sha256_of(model_graph(model_dir))}"


def checked(file: str, model_dir: Path) -> Path:
    """The LoRA at `file`; ModelMissingError or ModelError, one sentence, where it is none for this model."""
    path = Path(file).expanduser().absolute()
    again = f"make it again with `visavis models lora ADAPTER {model_dir.name}`"
    try:
        if path.stat().st_size > LARGEST:
            raise ModelError(f"{path} is larger than any LoRA: give the file that `visavis models lora` made.")
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissingError(f"The LoRA {path} cannot be read ({error.strerror}): check llm.*.lora.") from None
    if _MADE_FOR.encode() not in content:
        raise ModelError(f"{path} is no LoRA that `visavis models lora` made, or a damaged one: {again}.")
    if mark(model_dir).encode() not in content:
        raise ModelError(f"The LoRA {path} was made for another model than {model_dir}: {again}.")
    if not is_whole(content):
        raise ModelError(f"The LoRA {path} is damaged: {again}.")
    return path
