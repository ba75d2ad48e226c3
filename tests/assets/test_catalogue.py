"""The catalogue: what is pinned, and what counts as ready."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from assets import catalogue
from assets.catalogue import FileRecord, ModelRecord
from assets.errors import ModelError, ModelMissingError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    return tmp_path


def put(home: Path, revision: int = 1, written: bytes = b"net", recorded: int = 3) -> None:
    folder = home / "models" / "silero-vad"
    folder.mkdir(parents=True)
    (folder / "vad.mnn").write_bytes(written)
    record = ModelRecord("silero-vad", revision, "MIT", {}, {"vad.mnn": FileRecord(recorded, "")})
    (folder / "model.json").write_bytes(msgspec.json.encode(record))


def test_every_package_is_pinned_by_a_whole_hash() -> None:
    assert all(re.fullmatch("[0-9a-f]{64}", pin.sha256) for pin in catalogue.PACKAGES)
    assert len({pin.sha256 for pin in catalogue.PACKAGES}) == len(catalogue.PACKAGES)


def test_a_wheel_is_called_as_the_index_calls_it() -> None:
    assert catalogue.package_pin("silero-vad").file == "silero_vad-6.2.3-py3-none-any.whl"


def test_the_starter_conversation_has_five_models_and_a_font() -> None:
    names = [model.name for model in catalogue.MODELS]
    assert names == ["silero-vad", "whisper-base", "hibari", "smollm2-135m", "visavis-a2bs", "noto-sans-sc"]


def test_a_model_that_is_not_here_is_not_ready(home: Path) -> None:
    assert not catalogue.is_ready("silero-vad")
    with pytest.raises(ModelMissingError, match="visavis models get silero-vad"):
        catalogue.model_dir("silero-vad")


def test_a_whole_model_is_ready(home: Path) -> None:
    put(home)
    assert catalogue.model_dir("silero-vad") == home / "models" / "silero-vad"


def test_a_model_of_another_revision_is_not_ready(home: Path) -> None:
    put(home, revision=0)
    assert not catalogue.is_ready("silero-vad")


def test_a_file_cut_short_is_not_ready(home: Path) -> None:
    put(home, recorded=4)
    assert not catalogue.is_ready("silero-vad")


def test_a_record_that_is_none_is_not_ready(home: Path) -> None:
    put(home)
    (home / "models" / "silero-vad" / "model.json").write_text("{")
    assert not catalogue.is_ready("silero-vad")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="whisper-base"):
        catalogue.spec("whisper-huge")
