"""A PEFT adapter, read without torch: the two small matrices of each layer that it changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors
from numpy.typing import NDArray

from assets.errors import ConversionError
from conversation.making.source import checked_lora

F32 = NDArray[np.float32]
HIGHEST_RANK: Final = 1024
LARGEST: Final = 2 << 30
_NAME: Final = re.compile(r".*\.layers\.(\d{1,4})\.(\w+)\.(\w+)\.lora_([AB])(?:\.default)?\.weight")
_UNLIKE: Final = {"use_dora": "DoRA", "modules_to_save": "whole layers", "alpha_pattern": "a scale for each layer"}
_NO_SUM: Final = ("alora_invocation_tokens", "kasa_config")
"""With one of these it is more than a sum (PEFT's LoraConfig)."""
_BEGINNINGS: Final = ("gaussian", "orthogonal", "eva")
"""Of training, by name; those of another name change the weights under the matrices, too."""
_TYPES: Final = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


@dataclass(frozen=True)
class Matrices:
    """The change of one layer: weight + up · down."""

    down: F32
    """(rank, inputs)"""
    up: F32
    """(outputs, rank), scaled."""


def read_adapter(folder: Path) -> dict[str, Matrices]:
    """By layer, such as `3/self_attn/q_proj`. ConversionError where the adapter is none, damaged, or does more."""
    checked_lora(folder)
    try:
        config = json.loads((folder / "adapter_config.json").read_bytes())
        scale = _scale(config)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ConversionError(f"{folder / 'adapter_config.json'} cannot be read ({error}): get it again.") from None
    tensors = _tensors(folder / "adapter_model.safetensors")
    if not tensors:
        raise ConversionError(f"{folder} changes nothing: it holds no matrices.")
    return {layer: _matrices(folder, layer, tensors, scale) for layer in dict.fromkeys(layer for layer, _ in tensors)}


def _scale(config: dict[str, Any]) -> Callable[[int], float]:
    """By the rank of a layer, of which each may have its own (`rank_pattern`)."""
    if config.get("peft_type") != "LORA" or config.get("bias", "none") != "none" or any(map(config.get, _NO_SUM)):
        raise ConversionError("The adapter is no plain LoRA: only these can be used.")
    for key, what in _UNLIKE.items():
        if config.get(key):
            raise ConversionError(f"The adapter has {what}, not only matrices: merge it with `convert --lora`.")
    began = config.get("init_lora_weights")
    if isinstance(began, str) and began not in _BEGINNINGS:
        raise ConversionError(f"The adapter began as {began}, with other weights: merge it with `convert --lora`.")
    rank, alpha = int(config["r"]), float(config["lora_alpha"])
    if not 0 < rank <= HIGHEST_RANK or not np.isfinite(alpha):
        raise ValueError(f"rank {rank}, alpha {alpha}")
    power = 0.5 if config.get("use_rslora") else 1.0
    return lambda rank: alpha / rank**power


def _tensors(file: Path) -> dict[tuple[str, str], F32]:
    try:
        if file.stat().st_size > LARGEST:
            raise ConversionError(f"{file} is larger than any adapter: check the path.")
        entries = safetensors.deserialize(file.read_bytes())  # type: ignore[no-untyped-call]
    except (OSError, safetensors.SafetensorError) as error:
        raise ConversionError(f"{file} cannot be read ({error}): get it again.") from None
    tensors = {}
    for name, entry in entries:
        found = _NAME.fullmatch(name)
        if found is None or len(entry["shape"]) != 2:
            raise ConversionError(
                f"The adapter changes {name}, which cannot be switched: merge it with `convert --lora`."
            )
        tensors[f"{found[1]}/{found[2]}/{found[3]}", found[4]] = _array(file, name, entry)
    return tensors


def _array(file: Path, name: str, entry: dict[str, Any]) -> F32:
    if entry["dtype"] == "BF16":
        array = (np.frombuffer(entry["data"], "<u2").astype("<u4") << 16).view("<f4")
    elif entry["dtype"] in _TYPES:
        array = np.frombuffer(entry["data"], _TYPES[entry["dtype"]])
    else:
        raise ConversionError(f"{file} holds {name} as {entry['dtype']}: only floating point numbers can be used.")
    if not np.isfinite(array).all():
        raise ConversionError(f"{file} holds {name} with numbers that are none: get it again.")
    return array.astype(np.float32).reshape(entry["shape"])


def _matrices(folder: Path, layer: str, tensors: dict[tuple[str, str], F32], scale: Callable[[int], float]) -> Matrices:
    down, up = tensors.get((layer, "A")), tensors.get((layer, "B"))
    if down is None or up is None or down.shape[0] != up.shape[1] or not 0 < down.shape[0] <= HIGHEST_RANK:
        raise ConversionError(f"{folder} lacks a matrix of layer {layer}, or its two do not fit: get it again.")
    return Matrices(down, up * np.float32(scale(down.shape[0])))
