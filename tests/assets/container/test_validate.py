"""All that is wrong with a file, at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assets.avatar import Avatar
from assets.container import MANIFEST, problems, save
from render.measure.damage import Whole, packed
from render.measure.subject import make_subject
from tests.assets.container.made_up import make_avatar, write_format_1


@pytest.fixture(scope="module")
def subject() -> Avatar:
    return make_subject(200, shapes=2, network=True)


@pytest.fixture
def file(subject: Avatar, tmp_path: Path) -> Path:
    save(subject, tmp_path / "a.avatar")
    return tmp_path / "a.avatar"


def test_nothing_is_wrong_with_what_is_sound(file: Path, tmp_path: Path) -> None:
    assert problems(file) == []
    write_format_1(make_avatar(), tmp_path / "old.avatar")
    assert problems(tmp_path / "old.avatar") == []


def test_every_part_is_looked_at(file: Path) -> None:
    whole = Whole.of(file.read_bytes())
    worse = {
        name: part[:-3] + b"\xff\xff\xff" for name, part in whole.parts.items() if name.endswith(("mnn", "tensors"))
    }
    file.write_bytes(packed(whole.parts | worse | {"notes.txt": b""}, hashed=False))
    found = problems(file)
    assert [name for name in (*worse, "notes.txt") if not any(name in line for line in found)] == []
    assert len(found) == len(worse) + 1 and all("\n" not in line and line.endswith(".") for line in found)


def test_a_program_of_another_network_is_told(file: Path) -> None:
    whole = Whole.of(file.read_bytes())
    program = bytearray(whole.parts["pose.program"])
    length = 8 + int.from_bytes(program[:8], "little")
    start = json.loads(program[8:length])["0.1"]["data_offsets"][0] + length
    program[start : start + 4] = np.float32(3).tobytes()
    file.write_bytes(packed(whole.parts | {"pose.program": bytes(program)}, hashed=True))
    assert problems(file) == ["The avatar 'cloud' has a pose.program that is not that of pose.mnn: pack it again."]


def test_a_network_that_does_not_run_is_told(file: Path) -> None:
    whole = Whole.of(file.read_bytes())
    half = whole.parts["pose.mnn"][: len(whole.parts["pose.mnn"]) // 2]
    file.write_bytes(packed(whole.parts | {"pose.mnn": half}, hashed=True))
    assert any("pose.mnn that MNN cannot run" in line for line in problems(file))


def test_a_folder_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / MANIFEST).write_bytes(b"{}")
    assert len(problems(tmp_path / "folder")) == 1
    assert "no avatar" in problems(tmp_path / "none.avatar")[0]
