"""Avatars as files, from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from assets.avatar import Avatar
from assets.container import load, read_preview, save
from assets.errors import AvatarError
from tests.assets.container.made_up import make_avatar
from tests.assets.importers import writers
from xr_app.avatar_files import find_avatar, located
from xr_app.cli import app
from xr_app.portrait import BACKDROP
from xr_app.workshop.standard_views import SAME_DB, picture_loss

RUNNER = CliRunner()


def ask(*words: object) -> Any:
    result = RUNNER.invoke(app, ["avatar", *map(str, words), "--json"])
    return json.loads(result.stdout)


@pytest.fixture
def avatar() -> Avatar:
    """As large as a person, so that it is in the pictures."""
    made = make_avatar(600)
    mesh = replace(made.mesh, vertices=made.mesh.vertices * np.float32([1, 1.7, 0.4]) - np.float32([0.5, 0, 0.2]))
    gaussians = replace(made.gaussians, scale=made.gaussians.scale * 0.1, offset=made.gaussians.offset * 0.1)
    return replace(made, mesh=mesh, gaussians=gaussians)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, avatar: Avatar) -> Path:
    """A machine with an avatar named probe."""
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path / "home"))
    save(avatar, tmp_path / "home" / "avatars" / "probe.avatar", b"\x89PNG\r\n\x1a\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", ["list", "inspect", "validate", "pack", "unpack", "compare"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_teaches(command: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_LANG", language)
    result = RUNNER.invoke(app, ["avatar", command, "--help"])
    assert result.exit_code == 0 and len(result.output.split()) > 10


def test_list_tells_what_is_here(home: Path) -> None:
    (home / "home" / "avatars" / "broken.avatar").write_bytes(b"not one")
    rows = {row["name"]: row for row in ask("list")}
    path = home / "home" / "avatars" / "probe.avatar"
    assert rows["probe"] == {"name": "probe", "gaussians": 600, "bytes": path.stat().st_size, "licence": "CC0-1.0",
                             "file": str(path), "problem": ""}  # fmt: skip
    assert "not an avatar file" in rows["broken"]["problem"]
    table = RUNNER.invoke(app, ["avatar", "list"]).output
    assert "probe" in table and "600" in table and "CC0-1.0" in table


def test_an_avatar_is_found_by_its_name(home: Path) -> None:
    assert find_avatar(Path("probe")).name == "probe"
    assert located(Path("probe")) == located(home / "home" / "avatars" / "probe.avatar")
    (home / "probe").mkdir()
    assert located(Path("probe")).suffix == ".avatar", "a folder that is no avatar does not hide it"
    with pytest.raises(AvatarError, match="no avatar named 'nobody'"):
        located(Path("nobody"))
    with pytest.raises(AvatarError, match=r"no avatar at .*nobody\.avatar"):
        find_avatar(Path("nobody.avatar"))


def test_inspect_tells_what_a_file_holds(home: Path) -> None:
    facts = ask("inspect", "probe")
    assert (facts["gaussians"], facts["vertices"], facts["harmonics"], facts["format"]) == (600, 9, 4, 2)
    parts = facts["parts"]
    assert parts["gaussians.safetensors"]["rotation"].startswith("600 × 4, F32, quaternion")
    assert sum(part["packed"] for part in parts.values()) < facts["bytes"]


def test_inspect_measures_prefixes(home: Path) -> None:
    prefixes = ask("inspect", "probe", "--levels", "--size", 96, "--plot", "levels.png")["prefixes"]
    assert [row["gaussians"] for row in prefixes if row["level"]] == [10, 50]
    assert [row["gaussians"] for row in prefixes] == sorted(row["gaussians"] for row in prefixes)
    assert prefixes[-1]["share"] == 0.75
    for view in prefixes[0]["on_avatar_db"]:
        assert prefixes[-1]["on_avatar_db"][view] > prefixes[0]["on_avatar_db"][view]
    assert Image.open("levels.png").size[0] > 500


def test_validate_counts_what_is_wrong(home: Path, avatar: Avatar) -> None:
    assert ask("validate", "probe") == {
        "file": str(home / "home" / "avatars" / "probe.avatar"), "sound": True, "problems": []
    }  # fmt: skip
    thick = replace(avatar.mesh, skin_weights=avatar.mesh.skin_weights * 2)
    save(replace(avatar, mesh=thick, licence=" "), home / "odd.avatar", b"no png", precision="full")
    found = ask("validate", "odd.avatar")["problems"]
    assert [any(word in line for line in found) for word in ("licence", "PNG", "weights")] == [True] * 3
    result = RUNNER.invoke(app, ["avatar", "validate", "odd.avatar"])
    assert result.exit_code == 1 and len(result.output.strip().splitlines()) == 3


def test_unpack_and_pack(home: Path) -> None:
    before = (home / "home" / "avatars" / "probe.avatar").read_bytes()
    assert RUNNER.invoke(app, ["avatar", "unpack", "probe"]).output.strip() == "probe"
    assert RUNNER.invoke(app, ["avatar", "pack", "probe"]).exit_code == 0
    assert (home / "probe.avatar").read_bytes() == before
    RUNNER.invoke(app, ["avatar", "pack", "probe", "--out", "all.avatar", "--precision", "full"])
    assert (home / "all.avatar").stat().st_size > len(before)
    (home / "probe" / "preview.png").unlink()
    RUNNER.invoke(app, ["avatar", "pack", "probe"])
    assert (read_preview(home / "probe.avatar") or b"").startswith(b"\x89PNG"), "drawn, where there is none"
    assert "end it in .avatar" in str(RUNNER.invoke(app, ["avatar", "pack", "probe", "--out", "a.zip"]).exception)


def test_compare_sees_what_differs(home: Path, avatar: Avatar) -> None:
    same = ask("compare", "probe", "probe", "--size", 64)
    assert {view["psnr_db"] for view in same["views"].values()} == {SAME_DB}
    darker = replace(load(located(Path("probe"))), name="dark")
    save(replace(darker, gaussians=replace(darker.gaussians, sh=darker.gaussians.sh - 0.5)), home / "dark.avatar")
    figures = ask("compare", "probe", "dark.avatar", "--size", 64, "--out", "both.png")
    assert figures["second"]["name"] == "dark" and figures["first"]["bytes"] > 1000
    assert all(view["on_avatar_db"] <= view["psnr_db"] < 40 for view in figures["views"].values())
    assert figures["worst"]["on_avatar_db"] == min(view["on_avatar_db"] for view in figures["views"].values())
    picture = np.asarray(Image.open("both.png"))
    assert picture.shape == (4 * 64 + 16, 3 * 64, 3)
    a, b = picture[:64, :64], picture[:64, 64:128]
    assert picture_loss(a, b) == figures["views"]["face 0.4 m"]


def test_compare_takes_scenes(home: Path) -> None:
    (home / "scene.ply").write_bytes(writers.ply(writers.made_up(50)))
    figures = ask("compare", "scene.ply", "scene.ply", "--size", 64)
    assert figures["first"]["gaussians"] == 50 and figures["worst"]["psnr_db"] == SAME_DB


def test_the_loss_of_a_picture() -> None:
    backdrop = np.array([round(255 * (1.055 * light ** (1 / 2.4) - 0.055)) for light in BACKDROP[:3]], np.uint8)
    a = np.tile(backdrop, (10, 10, 1))
    b = a.copy()
    b[5, 5] += 51
    assert picture_loss(a, b) == {"psnr_db": 33.98, "on_avatar_db": 13.98}
    assert picture_loss(a, a) == {"psnr_db": SAME_DB, "on_avatar_db": SAME_DB}
