"""Adapters as others publish them → LoRAs beside a model's weights; what cannot be switched is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from assets import catalogue
from assets.errors import ConversionError, ModelError, ModelMissingError
from assets.progress import SilentProgress
from conversation.engines.llm.lora_graph import checked
from conversation.making.adapter import read_adapter
from conversation.making.lora import make_lora
from tests.conversation.engines.llm.adapters import ALPHA, LAYERS, RANK, SIZES, adapter
from xr_app.cli import app

MODEL = catalogue.model_dir("smollm2-135m")


def test_an_adapter_is_read_with_its_scale(tmp_path: Path) -> None:
    plain = read_adapter(adapter(tmp_path / "plain"))
    assert len(plain) == LAYERS * len(SIZES) and plain["3/mlp/down_proj"].down.shape == (RANK, 1536)
    tensors = load_file(tmp_path / "plain" / "adapter_model.safetensors")
    up = tensors["base_model.model.model.layers.3.mlp.down_proj.lora_B.weight"]
    assert np.allclose(plain["3/mlp/down_proj"].up, up * ALPHA / RANK)
    steady = read_adapter(adapter(tmp_path / "steady", use_rslora=True))
    assert np.allclose(steady["3/mlp/down_proj"].up, up * ALPHA / RANK**0.5)


def test_a_layer_with_a_rank_of_its_own_has_a_scale_of_its_own(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "a", rank_pattern={"layers.3.mlp.down_proj": 2}, init_lora_weights="gaussian")
    tensors = load_file(folder / "adapter_model.safetensors")
    name = "base_model.model.model.layers.3.mlp.down_proj.lora_"
    tensors |= {
        f"{name}A.weight": tensors[f"{name}A.weight"][:2].copy(),
        f"{name}B.weight": tensors[f"{name}B.weight"][:, :2].copy(),
    }
    save_file(tensors, folder / "adapter_model.safetensors")
    read = read_adapter(folder)
    # PEFT 0.21, LoraLayer.update_layer: lora_alpha / r of the layer.
    assert np.allclose(read["3/mlp/down_proj"].up, tensors[f"{name}B.weight"] * ALPHA / 2)
    other = tensors["base_model.model.model.layers.4.mlp.down_proj.lora_B.weight"]
    assert np.allclose(read["4/mlp/down_proj"].up, other * ALPHA / RANK)


def test_half_precision_is_read(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "half")
    wanted = read_adapter(folder)["0/self_attn/q_proj"]
    tensors = load_file(folder / "adapter_model.safetensors")
    save_file({name: value.astype(np.float16) for name, value in tensors.items()}, folder / "adapter_model.safetensors")
    assert np.abs(read_adapter(folder)["0/self_attn/q_proj"].up - wanted.up).max() < 5e-3
    # bfloat16 is the upper half of float32; numpy has none.
    tensors = {name: (value.view("<u4") >> 16).astype("<u2") for name, value in tensors.items()}
    save_file(tensors, folder / "adapter_model.safetensors")
    content = (folder / "adapter_model.safetensors").read_bytes().replace(b'"U16"', b'"BF16"')
    head = int.from_bytes(content[:8], "little") + len(tensors)
    (folder / "adapter_model.safetensors").write_bytes(head.to_bytes(8, "little") + content[8:])
    assert np.abs(read_adapter(folder)["0/self_attn/q_proj"].up - wanted.up).max() < 5e-3


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"peft_type": "LOHA"}, "no plain LoRA"),
        ({"bias": "all"}, "no plain LoRA"),
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "whole layers"),
        ({"alora_invocation_tokens": [1, 2]}, "no plain LoRA"),
        ({"init_lora_weights": "pissa_niter_16"}, "convert --lora"),
        ({"r": 0}, "cannot be read"),
        ({"r": "many"}, "cannot be read"),
        ({"lora_alpha": None}, "cannot be read"),
    ],
)
def test_what_is_no_plain_lora_is_told(tmp_path: Path, config: dict[str, Any], says: str) -> None:
    with pytest.raises(ConversionError, match=says):
        read_adapter(adapter(tmp_path / "a", **config))


def changed(tensors: dict[str, Any], what: str) -> None:
    first, *_ = [name for name in tensors if "lora_A" in name]
    match what:
        case "lonely":
            del tensors[first]
        case "infinite":
            tensors[first][0, 0] = np.inf
        case "whole":
            tensors[first] = tensors[first].astype(np.int32)
        case "embedding":
            tensors["base_model.model.model.embed_tokens.lora_embedding_A"] = np.zeros((4, 4), np.float32)
        case "ranks":
            tensors[first] = tensors[first][:2].copy()


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("lonely", "lacks a matrix"),
        ("infinite", "numbers that are none"),
        ("whole", "floating point"),
        ("embedding", "cannot be switched"),
        ("ranks", "do not fit"),
    ],
)
def test_matrices_that_are_not_right_are_told(tmp_path: Path, what: str, says: str) -> None:
    folder = adapter(tmp_path / "a")
    tensors = load_file(folder / "adapter_model.safetensors")
    changed(tensors, what)
    save_file(tensors, folder / "adapter_model.safetensors")
    with pytest.raises(ConversionError, match=says):
        read_adapter(folder)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "a")
    (folder / "adapter_model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(ConversionError, match="cannot be read"):
        read_adapter(folder)


def test_as_a_command_and_every_file_of_it_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["models", "lora", str(adapter(tmp_path / "poet")), "smollm2-135m", "--out", "new/poet.lora.mnn"]
    report = json.loads(CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).stdout)
    made = tmp_path / "new" / "poet.lora.mnn"
    assert report["layers"] == LAYERS * len(SIZES) and report["rank"] == RANK
    assert checked("new/poet.lora.mnn", MODEL) == made and list(made.parent.iterdir()) == [made]
    with pytest.raises(ConversionError, match="exists already"):
        make_lora(tmp_path / "poet", MODEL, made, progress=SilentProgress())

    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(MODEL / "config.json", other)
    (other / "llm.mnn").write_bytes((MODEL / "llm.mnn").read_bytes() + b"\0")
    content = bytearray(made.read_bytes())
    for place, broken in (("cut", content[:-500]), ("turned", content[:-500] + bytes(500)), ("none", b"MNN")):
        (tmp_path / place).write_bytes(broken)
    for file, model, says in (
        ("new/poet.lora.mnn", other, "made for another model"),
        ("cut", MODEL, "damaged"),
        ("turned", MODEL, "damaged"),
        ("none", MODEL, "no LoRA"),
    ):
        with pytest.raises(ModelError, match=says):
            checked(file, model)
    with pytest.raises(ModelMissingError, match="cannot be read"):
        checked("gone", MODEL)


def test_an_adapter_of_another_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, sizes, says in (
        ("wide", SIZES | {"self_attn.q_proj": (576, 640)}, "made for another model"),
        ("strange", {"self_attn.qkv_proj": (576, 576)}, "does not have"),
    ):
        monkeypatch.setattr("tests.conversation.engines.llm.adapters.SIZES", sizes)
        with pytest.raises(ConversionError, match=says):
            make_lora(adapter(tmp_path / name), MODEL, tmp_path / "a.lora.mnn", progress=SilentProgress())
        assert not (tmp_path / "a.lora.mnn").exists()
