"""What may be converted, and under which name, before anything heavy starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assets.errors import ConversionError
from conversation.making.source import Kind, checked_lora, hashes_of, kind_of, model_name


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path / "home"))


def folder(place: Path, architecture: str = "LlamaForCausalLM", weights: str = "model.safetensors") -> Path:
    place.mkdir()
    (place / "config.json").write_text(json.dumps({"architectures": [architecture]}))
    (place / weights).write_bytes(b"weights")
    return place


def test_a_source_is_known_by_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"GGUF....")
    (tmp_path / "b.onnx").write_bytes(b"....")
    assert kind_of(tmp_path / "a.bin") is Kind.gguf
    assert kind_of(tmp_path / "b.onnx") is Kind.onnx
    assert kind_of(folder(tmp_path / "c")) is Kind.folder
    assert list(hashes_of(tmp_path / "c")) == ["model.safetensors"] and list(hashes_of(tmp_path / "a.bin")) == ["a.bin"]


def test_what_cannot_be_converted_is_told(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    for source, says in (
        (tmp_path / "note.txt", "no .onnx, no .gguf"),
        (tmp_path / "gone.gguf", "No such file"),
        (tmp_path / "empty", "no config.json"),
        (folder(tmp_path / "bert", "BertModel"), "BertModel, which is no language model"),
        (folder(tmp_path / "pickled", weights="pytorch_model.bin"), "may run code"),
    ):
        with pytest.raises(ConversionError, match=says):
            kind_of(source)


@pytest.mark.parametrize(
    ("file", "name"), [("SmolLM2-360M Instruct.Q8_0.gguf", "smollm2-360m-instruct.q8_0"), ("Ä.gguf", None)]
)
def test_a_name_is_made_of_the_sources(tmp_path: Path, file: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(ConversionError, match="--name"):
            model_name(None, tmp_path / file)
    else:
        assert model_name(None, tmp_path / file) == name


@pytest.mark.parametrize("name", ["../up", "Upper", "", ".hidden", "a/b", "smollm2-135m", "qwen2.5-1.5b"])
def test_a_name_may_neither_leave_the_folder_nor_hide_a_known_model(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConversionError):
        model_name(name or "-", tmp_path / "a.gguf")


def test_a_lora_is_a_peft_folder_without_pickles(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "adapter_model.bin").write_bytes(b"pickle")
    with pytest.raises(ConversionError, match=r"adapter_model\.safetensors"):
        checked_lora(tmp_path)
