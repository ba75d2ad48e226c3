"""Avatar files: what is written comes back, and what is damaged is refused with one sentence."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.arkit import ARKIT_SHAPES
from assets.avatar import Avatar, Gaussians
from assets.container import MANIFEST, load, read_manifest, save
from assets.errors import AvatarError
from assets.stages import STANDARD, StageSpec
from tests.assets.container.made_up import make_avatar, same_arrays, write_format_1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "probe.avatar"
    save(make_avatar(), path, preview_png=b"png", precision="full")
    return path


def test_comes_back_as_it_was(file: Path) -> None:
    written, read = make_avatar(), load(file)
    assert (read.name, read.licence, read.levels) == (written.name, written.licence, written.levels)
    assert read.expressions == ARKIT_SHAPES
    same_arrays(read, written)


def test_compact_files_change_no_more_when_written_again(tmp_path: Path) -> None:
    save(make_avatar(3000), tmp_path / "a.avatar")
    save(load(tmp_path / "a.avatar"), tmp_path / "b.avatar")
    assert (tmp_path / "a.avatar").read_bytes() == (tmp_path / "b.avatar").read_bytes()


def test_files_of_format_1_are_read(tmp_path: Path) -> None:
    write_format_1(make_avatar(), tmp_path / "old.avatar")
    assert read_manifest(tmp_path / "old.avatar").format == 1
    same_arrays(load(tmp_path / "old.avatar"), make_avatar())


def test_same_avatar_same_bytes(file: Path, tmp_path: Path) -> None:
    save(make_avatar(), tmp_path / "again.avatar", preview_png=b"png", precision="full")
    assert (tmp_path / "again.avatar").read_bytes() == file.read_bytes()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_equal(file: Path, tmp_path: Path, data: st.DataObject) -> None:
    blob = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / "damaged.avatar"
    damaged.write_bytes(bytes(blob[: data.draw(st.integers(0, len(blob)))] if data.draw(st.booleans()) else blob))
    try:
        read = load(damaged)
    except AvatarError as error:
        assert "\n" not in str(error)
    else:
        np.testing.assert_array_equal(read.gaussians.sh, make_avatar().gaussians.sh)


def rewrite(path: Path, change: dict[str, object]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts[MANIFEST])
    manifest.update(change)
    parts[MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, blob in parts.items():
            archive.writestr(name, blob)


def test_another_format_is_refused_by_number(file: Path) -> None:
    rewrite(file, {"format": 7})
    with pytest.raises(AvatarError, match="format 7"):
        load(file)


def test_a_lie_about_size_is_refused_before_reading(file: Path) -> None:
    parts = json.loads(zipfile.ZipFile(file).read(MANIFEST))["parts"]
    parts["gaussians.safetensors"]["bytes"] = 1 << 40
    rewrite(file, {"parts": parts})
    with pytest.raises(AvatarError, match="size"):
        load(file)


def test_missing_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="no avatar"):
        load(tmp_path / "nobody.avatar")
    foreign = tmp_path / "foreign.avatar"
    foreign.write_bytes(b"hello")
    with pytest.raises(AvatarError, match="not an avatar"):
        read_manifest(foreign)


def test_arrays_that_do_not_fit_are_refused() -> None:
    avatar = make_avatar()
    broken = Gaussians(**{**vars(avatar.gaussians), "triangle": np.full(50, 3, np.int32)})
    with pytest.raises(AvatarError, match="triangle"):
        Avatar("broken", "CC0-1.0", avatar.skeleton, avatar.mesh, broken)
    broken = Gaussians(**{**vars(avatar.gaussians), "opacity": np.full(50, np.nan, np.float32)})
    with pytest.raises(AvatarError, match="not a number"):
        Avatar("broken", "CC0-1.0", avatar.skeleton, avatar.mesh, broken)


def test_a_declared_graph_and_its_parts_come_back(tmp_path: Path) -> None:
    plain = make_avatar()
    stages = (
        StageSpec("bend", "blend", ["weights", "basis"], ["offsets"], "key"),
        STANDARD[0],
        StageSpec("align", "align", ["vertices", "offsets"], ["placed"], "key", {"reach": 0.05}),
        *STANDARD[2:],
    )
    basis = np.arange(2 * 50 * 3, dtype=np.float16).reshape(2, 50, 3)
    avatar = replace(
        plain,
        stages=stages,
        tensors={"weights": np.ones(2, np.float32), "basis": basis},
        models={"pose-net": b"not looked into here"},
        antialiasing="mip",
        blending="display",
    )
    save(avatar, tmp_path / "a.avatar", precision="full")
    again = load(tmp_path / "a.avatar")
    assert again.stages == stages and again.models == avatar.models
    assert (again.antialiasing, again.blending) == ("mip", "display")
    assert again.tensors.keys() == avatar.tensors.keys() and np.array_equal(again.tensors["basis"], basis)
    assert again.tensors["basis"].dtype == np.float16


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"models": {"../x": b"."}}, "no name of a network"),
        ({"tensors": {"t": np.array([np.nan], np.float32)}}, "no array of finite floats"),
        ({"tensors": {"t": np.array([1])}}, "no array of finite floats"),
        ({"stages": STANDARD[:-1]}, "'draw'"),
    ],
)
def test_graphs_that_cannot_be_are_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(AvatarError, match=why):
        replace(make_avatar(), **changes)


def test_an_unknown_antialiasing_is_refused() -> None:
    assert make_avatar().antialiasing == "dilation"
    with pytest.raises(AvatarError, match="unknown anti-aliasing, 'blur'"):
        replace(make_avatar(), antialiasing="blur")  # type: ignore[arg-type]


def test_an_unknown_blending_is_refused() -> None:
    assert make_avatar().blending == "linear"
    with pytest.raises(AvatarError, match="blending"):
        replace(make_avatar(), blending="gamma")  # type: ignore[arg-type]
