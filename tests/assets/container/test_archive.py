"""The zip around an avatar: how it may be packed, and how not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from assets.container import MANIFEST, load, save
from assets.container.archive import Archive
from assets.errors import AvatarError
from render.measure.damage import Whole, packed
from tests.assets.container.made_up import make_avatar, write_zip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    save(make_avatar(), tmp_path / "a.avatar", b"\x89PNG\r\n\x1a\n")
    return tmp_path / "a.avatar"


def repacked(file: Path, method: int) -> Path:
    write_zip(file, Whole.of(file.read_bytes()).parts, method)
    return file


def test_any_zip_of_the_parts_is_the_avatar(file: Path) -> None:
    """In another order, with comments, folders and files of others."""
    parts = Whole.of(file.read_bytes()).parts
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = b"packed by hand"
        archive.writestr("notes/", b"")
        archive.writestr("notes/todo.txt", b"nothing")
        for name, part in reversed(parts.items()):
            archive.writestr(name, part, zipfile.ZIP_STORED)
    assert len(load(file).gaussians) == 50


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_in_pieces_is_refused(file: Path, method: int) -> None:
    with pytest.raises(AvatarError, match="packed in a way"):
        load(repacked(file, method))


def test_only_arrays_may_be_deflated(file: Path) -> None:
    with pytest.raises(AvatarError, match=r"preview\.png is deflated"):
        load(repacked(file, zipfile.ZIP_DEFLATED))


def test_two_files_of_one_name_are_refused(file: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr(MANIFEST, b"{}")
    with pytest.raises(AvatarError, match="two files of one name"):
        load(file)


def test_a_long_list_is_refused_before_it_is_read(file: Path) -> None:
    parts = Whole.of(file.read_bytes()).parts
    file.write_bytes(packed(parts | {f"{n}": b"" for n in range(3000)}, hashed=False))
    with pytest.raises(AvatarError, match="lists 3004 files"):
        Archive(file)


def test_what_expands_beyond_reason_is_refused_and_not_written(tmp_path: Path) -> None:
    """All Gaussians alike would deflate to next to nothing, as bombs do."""
    avatar, path = make_avatar(400_000), tmp_path / "even.avatar"
    for array in vars(avatar.gaussians).values():
        array[:] = array[:1]
    save(avatar, path)
    assert len(load(path).gaussians) == 400_000
    assert zipfile.ZipFile(path).getinfo("gaussians.safetensors").compress_type == zipfile.ZIP_STORED
    parts = Whole.of(path.read_bytes()).parts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    with pytest.raises(AvatarError, match="say that they unpack to"):
        load(path)


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AvatarError, match="cannot be written"):
        save(make_avatar(), tmp_path / "file" / "a.avatar")
