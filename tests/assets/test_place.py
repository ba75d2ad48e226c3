"""Folders that change as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets import place
from assets.errors import NoRoomError


def folder(path: Path, content: str) -> Path:
    path.mkdir()
    (path / "file").write_text(content)
    return path


def test_the_new_folder_takes_the_place_of_the_old(tmp_path: Path) -> None:
    home = folder(tmp_path / "model", "old")
    place.put_in_place(folder(tmp_path / "new", "new"), home)
    assert (home / "file").read_text() == "new"
    assert list(tmp_path.iterdir()) == [home]


def test_a_change_that_stopped_half_way_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, new = folder(tmp_path / "model", "old"), folder(tmp_path / "new", "new")
    rename = Path.rename

    def stops(self: Path, target: Path) -> Path:
        if self == new:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stops)
    with pytest.raises(KeyboardInterrupt):
        place.put_in_place(new, home)
    monkeypatch.undo()
    assert not home.exists()
    place.restore(home)
    assert (home / "file").read_text() == "old"


def test_what_is_there_is_not_restored_over(tmp_path: Path) -> None:
    home = folder(tmp_path / "model", "new")
    folder(tmp_path / ".model.old", "old")
    place.restore(home)
    assert (home / "file").read_text() == "new"


def test_clearing_takes_left_overs_along(tmp_path: Path) -> None:
    home = folder(tmp_path / "model", "1234")
    folder(place.part_folder(home), "123456")
    assert place.clear(home) == 10 and not any(tmp_path.iterdir())
    assert place.clear(home) == 0


def test_room_is_asked_of_the_disk(tmp_path: Path) -> None:
    place.need_room(tmp_path, 1)
    with pytest.raises(NoRoomError, match="VISAVIS_HOME"):
        place.need_room(tmp_path, 1 << 60)
