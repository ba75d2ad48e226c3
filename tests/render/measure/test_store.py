"""The choices come back as they were put, whatever happens to the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from render.measure.store import Choices, device_key
from render.offscreen import Offscreen


def test_what_was_put_comes_back_in_another_process_s_hands(tmp_path: Path) -> None:
    file = tmp_path / "new" / "choices.json"
    one, other = Choices(file), Choices(file)
    assert one.get("a") is None
    one.put("a", {"chunks": 64, "name": "日本"})
    other.put("b", [1, 2.5])
    assert one.get("b") == [1, 2.5]
    assert Choices(file).get("a") == {"chunks": 64, "name": "日本"}
    one.put("a", "again")
    assert other.get("a") == "again" and other.get("b") == [1, 2.5]
    assert [path.name for path in file.parent.iterdir()] == [file.name], "nothing half-written stays"


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"3", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_empty_and_is_replaced(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "choices.json"
    file.write_bytes(damage)
    choices = Choices(file)
    assert choices.get("a") is None
    choices.put("a", 1)
    assert json.loads(file.read_bytes()) == {"a": 1}


def test_a_file_that_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    choices = Choices(tmp_path / "file" / "choices.json")
    choices.put("a", 1)
    assert choices.get("a") is None
    (tmp_path / "folder").mkdir()
    Choices(tmp_path / "folder").put("a", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_the_key_names_device_and_driver(gl: Offscreen) -> None:
    assert str(gl.ctx.info["GL_RENDERER"]) in device_key(gl.ctx)
    assert str(gl.ctx.info["GL_VERSION"]) in device_key(gl.ctx)
