import json
import platform
from pathlib import Path

import pytest

from assets import paths
from xr_app.errors import RuntimeFailedError, RuntimeMissingError
from xr_app.runtime.discovery import active_runtime, find_manifest, open_runtime
from xr_app.runtime.monado import MonadoService


def write_manifest(path: Path, library: str = "libgone.so", name: str = "Test") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"file_format_version": "1.0.0", "runtime": {"name": name, "library_path": library}}))
    return path


@pytest.fixture
def no_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which no OpenXR runtime is active; the folder is its user's configuration."""
    monkeypatch.delenv("XR_RUNTIME_JSON", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    assert find_manifest() is None, "a runtime is active on this machine: the tests of its absence cannot run here"
    return tmp_path / "config"


def test_manifest_is_found_in_the_loaders_order(no_runtime: Path, tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(no_runtime), "XDG_CONFIG_DIRS": str(tmp_path / "etc"), "HOME": str(tmp_path)}
    system = write_manifest(tmp_path / "etc" / "openxr" / "1" / "active_runtime.json")
    assert find_manifest(environment) == system
    user = write_manifest(no_runtime / "openxr" / "1" / "active_runtime.json")
    assert find_manifest(environment) == user
    machine = write_manifest(no_runtime / "openxr" / "1" / f"active_runtime.{platform.machine()}.json")
    assert find_manifest(environment) == machine
    assert find_manifest({**environment, "XR_RUNTIME_JSON": "/chosen.json"}) == Path("/chosen.json")
    home = write_manifest(tmp_path / ".config" / "openxr" / "1" / "active_runtime.json")
    assert find_manifest({"HOME": str(tmp_path)}) == home


def test_none_active(no_runtime: Path) -> None:
    assert active_runtime() is None


def test_one_that_answers(monado: MonadoService, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in monado.environment.items():
        monkeypatch.setenv(name, value)
    runtime = active_runtime()
    assert runtime is not None and runtime.problem is None
    assert runtime.name.startswith("Monado") and runtime.system == "Monado: Remote HMD"
    assert "XR_KHR_opengl_enable" in runtime.extensions


def test_one_whose_service_does_not_run(monado: MonadoService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XR_RUNTIME_JSON", monado.environment["XR_RUNTIME_JSON"])
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    runtime = active_runtime()
    assert runtime is not None and runtime.name == "Monado"
    assert runtime.problem is not None and "see that its service is running" in runtime.problem


def test_one_whose_library_is_gone(no_runtime: Path) -> None:
    write_manifest(no_runtime / "openxr" / "1" / "active_runtime.json", "./libgone.so", "Gone")
    runtime = active_runtime()
    assert runtime is not None and runtime.problem is not None and "Gone is gone" in runtime.problem
    with pytest.raises(RuntimeFailedError, match="Gone is gone"), open_runtime():
        pass


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"runtime": 3}', "\x00\xff"])
def test_one_whose_manifest_is_damaged(no_runtime: Path, text: str) -> None:
    manifest = write_manifest(no_runtime / "openxr" / "1" / "active_runtime.json")
    manifest.write_bytes(text.encode("latin-1"))
    with pytest.raises(RuntimeFailedError, match="cannot be read"), open_runtime():
        pass


def test_an_active_runtime_is_used(no_runtime: Path) -> None:
    library = paths.monado_dir() / "lib" / "libopenxr_monado.so"
    manifest = write_manifest(no_runtime / "openxr" / "1" / "active_runtime.json", str(library))
    with open_runtime() as runtime:
        assert not runtime.is_simulated
        assert runtime.environment["XR_RUNTIME_JSON"] == str(manifest)


def test_without_one_the_headset_is_simulated(no_runtime: Path) -> None:
    with open_runtime() as runtime:
        assert runtime.is_simulated and runtime.remote_port


def test_without_one_and_without_monado(no_runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    with pytest.raises(RuntimeMissingError, match="No OpenXR runtime is active"), open_runtime():
        pass
