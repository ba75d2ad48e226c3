"""Language models: what is missing is told, what was made is compared; a whole conversion is a report of its own."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np
import pytest

from assets import catalogue, fetch
from assets.catalogue import OWN, RECORD, FileRecord, ModelRecord, files_of
from assets.errors import ConversionError, DownloadError
from assets.progress import SilentProgress
from conversation.engines.llm.mnn_llm import MnnLlm
from conversation.making import llm_parity
from conversation.making.language_model import MODULES, make_language_model

TEXT = "The capital of France is Paris."


@pytest.mark.skipif(all(find_spec(name) for name in MODULES), reason="the extra `making` is installed")
def test_a_missing_extra_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    with pytest.raises(ConversionError, match=r"needs torch.*pip install 'visavis\[making\]'"):
        convert(tmp_path / "a.gguf", Path(sys.executable))
    assert not list((tmp_path / "models").glob("*"))


def test_a_python_that_does_not_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="no Python that runs"):
        convert(tmp_path / "a.gguf", tmp_path / "no-python")


def convert(source: Path, python: Path) -> None:
    make_language_model(source, "mine", bits=8, block=32, lora=None, python=python, progress=SilentProgress())


def reference(file: Path, model: MnnLlm, text: str, shift: float = 0.0) -> Path:
    ids = model.encode(text)
    model.rewind(0)
    logits = np.array([model.feed([token]) for token in ids], np.float32)
    logits[:, 0] += shift
    np.savez(file, ids_0=np.array(ids, np.int32), logits_0=logits)
    return file


@pytest.fixture(scope="module")
def folder() -> Path:
    return catalogue.model_dir("smollm2-135m")


def test_a_model_is_as_good_as_itself(folder: Path, tmp_path: Path) -> None:
    report = llm_parity.compare(folder, reference(tmp_path / "a.npz", MnnLlm(folder, exact=True), TEXT))
    assert report["exact"] == {"logit_cosine": pytest.approx(1.0, abs=1e-6), "same_choice": 1.0}
    assert report["perplexity"]["exact"] == pytest.approx(report["perplexity"]["source"], rel=1e-4)
    # As a conversation runs it, activations are rounded too.
    assert 0.9 < report["fast"]["logit_cosine"] < 0.9999
    assert report["perplexity"]["fast"] == pytest.approx(report["perplexity"]["source"], rel=0.5)


def test_other_logits_are_seen(folder: Path, tmp_path: Path) -> None:
    report = llm_parity.compare(folder, reference(tmp_path / "a.npz", MnnLlm(folder, exact=True), TEXT, shift=100.0))
    assert report["exact"]["same_choice"] == 0.0 and report["exact"]["logit_cosine"] < 0.999
    assert report["perplexity"]["source"] > 1e6 > report["perplexity"]["exact"]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    place = tmp_path / "models" / "mine"
    place.mkdir(parents=True)
    (place / "llm.mnn").write_text("graph")
    record = ModelRecord("mine", 1, "that of its source", {"mine.gguf": "0" * 64}, files_of(place), OWN)
    (place / RECORD).write_bytes(msgspec.json.encode(record))
    return place


def test_a_converted_model_is_one_among_the_others(own: Path) -> None:
    assert [model.name for model in catalogue.own_models()] == ["mine"]
    assert catalogue.spec("mine") in catalogue.every_model() and catalogue.is_ready("mine")
    assert catalogue.model_dir("mine") == own and catalogue.damaged_files("mine") == []
    (own / "llm.mnn").write_text("grapH")
    assert catalogue.damaged_files("mine") == ["llm.mnn"]
    with pytest.raises(DownloadError, match="convert it again"):
        fetch.models(["mine"], SilentProgress())
    assert fetch.remove("mine") > 0 and not own.exists() and catalogue.own_models() == ()


def test_a_folder_cannot_pass_for_a_model_of_ours(own: Path) -> None:
    for name, trust in (("mine", "whatever"), ("hibari", OWN), ("other", OWN)):
        record = ModelRecord(name, 1, "", {}, {"llm.mnn": FileRecord(5, "")}, trust)
        (own / RECORD).write_bytes(msgspec.json.encode(record))
        assert catalogue.own_models() == ()
