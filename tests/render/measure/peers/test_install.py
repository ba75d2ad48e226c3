"""What is missing is said in a sentence that tells what to do, and what is there is not fetched again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assets.progress import SilentProgress
from render.errors import PeerError
from render.measure.peers.install import OPEN3D, PACKAGES, WEB, find_chromium, install_open3d, install_web


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Chromium and npm."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def test_chromium_is_found_under_its_names(nothing: Path) -> None:
    with pytest.raises(PeerError, match="apt-get install chromium"):
        find_chromium()
    chrome = program(nothing, "google-chrome", "exit 0")
    assert find_chromium() == chrome
    chromium = program(nothing, "chromium", "exit 0")
    assert find_chromium() == chromium


def test_without_npm_there_are_no_web_viewers(nothing: Path, tmp_path: Path) -> None:
    with SilentProgress().step("") as step, pytest.raises(PeerError, match="apt-get install npm"):
        install_web(tmp_path / "web", step)


def test_packages_at_their_versions_are_not_fetched_again(nothing: Path, tmp_path: Path) -> None:
    modules = tmp_path / "web" / "node_modules"
    for package, version in PACKAGES.items():
        (modules / package).mkdir(parents=True)
        (modules / package / "package.json").write_text(json.dumps({"version": version}))
    with SilentProgress().step("") as step:
        assert install_web(tmp_path / "web", step) == modules
        (modules / "three" / "package.json").write_text('{"version": "0.1.0"}')
        with pytest.raises(PeerError, match="npm"):
            install_web(tmp_path / "web", step)
        (modules / "three" / "package.json").write_text("[")
        with pytest.raises(PeerError, match="npm"):
            install_web(tmp_path / "web", step)


def test_what_npm_says_is_passed_on(nothing: Path, tmp_path: Path) -> None:
    program(nothing, "npm", "echo registry is down >&2; exit 1")
    with SilentProgress().step("") as step, pytest.raises(PeerError, match=r"registry is down.*network"):
        install_web(tmp_path / "web", step)
    wanted = json.loads((tmp_path / "web" / "package.json").read_text())["dependencies"]
    assert wanted == PACKAGES and all(version[0].isdigit() for version in wanted.values()), "exact versions"


def test_an_environment_with_open3d_is_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "open3d"
    (folder / "bin").mkdir(parents=True)
    program(folder / "bin", "python", "exit 1")
    (folder / "installed").write_text(OPEN3D)
    with SilentProgress().step("") as step:
        assert install_open3d(folder, step) == folder / "bin" / "python"


def test_every_viewer_is_of_a_package_that_is_installed() -> None:
    for viewer in WEB.values():
        assert viewer.version == PACKAGES[viewer.package]
        assert all(file.startswith((viewer.package, "three/")) for file in viewer.imports.values())
