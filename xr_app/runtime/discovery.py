"""Which OpenXR runtime a session uses: the one that is active on the machine, else the simulated headset.

The rules of what is active are the OpenXR loader's (specification of the loader, "OpenXR Runtime Discovery", Linux):
`XR_RUNTIME_JSON`, then `openxr/1/active_runtime*.json` in the user's configuration folder, then in the system's.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xr_app.errors import RuntimeFailedError
from xr_app.runtime.monado import MonadoService

_SYSTEM_FOLDERS: Final = ("/usr/local/etc", "/etc", "/usr/share")


@dataclass(frozen=True)
class Runtime:
    """A runtime that a session may use."""

    manifest: Path | None = None
    service: MonadoService | None = None
    """Of the simulated headset, None for a real one."""

    @property
    def environment(self) -> Mapping[str, str]:
        """To be set while the OpenXR instance is created, on top of the process's own; of a service that was started
        again, another."""
        return self.service.environment if self.service else {"XR_RUNTIME_JSON": str(self.manifest)}

    @property
    def remote_port(self) -> int | None:
        """Port of the simulated headset's driver, None for a real headset."""
        return self.service.port if self.service else None

    @property
    def is_simulated(self) -> bool:
        """Whether a program moves the headset."""
        return self.service is not None


@dataclass(frozen=True)
class ActiveRuntime:
    """What stands at the place where the loader looks."""

    manifest: Path
    name: str
    """The runtime's own name where it answers, else the manifest's."""
    system: str = ""
    """The headset's name."""
    extensions: tuple[str, ...] = ()
    problem: str | None = None
    """Why it cannot be used now, one sentence; None where a headset answered."""


def find_manifest(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The active runtime's manifest by the loader's rules; None where no runtime is active."""
    if chosen := environment.get("XR_RUNTIME_JSON"):
        return Path(chosen)
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".config")
    folders = [home, *(environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"), *_SYSTEM_FOLDERS]
    for folder in folders:
        for name in (f"active_runtime.{platform.machine()}.json", "active_runtime.json"):
            manifest = Path(folder) / "openxr" / "1" / name
            if manifest.is_file():
                return manifest
    return None


def active_runtime(timeout_s: float = 15.0) -> ActiveRuntime | None:
    """The active runtime, asked whether it really answers, in a process of its own since runtimes may hang or crash.

    None where no runtime is active.
    """
    manifest = find_manifest()
    if manifest is None:
        return None
    try:
        name = _manifest_name(manifest)
    except RuntimeFailedError as error:
        return ActiveRuntime(manifest, manifest.name, problem=str(error))
    try:
        process = subprocess.run(
            [sys.executable, "-m", "xr_app.runtime.probe"],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "XR_RUNTIME_JSON": str(manifest)},
        )
        answer = json.loads(process.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        return ActiveRuntime(manifest, name, problem=f"{name} did not answer within {timeout_s:.0f} s; restart it.")
    except (IndexError, json.JSONDecodeError):
        return ActiveRuntime(manifest, name, problem=f"{name} crashed when it was asked; restart or reinstall it.")
    return ActiveRuntime(
        manifest,
        answer.get("runtime", name),
        answer.get("system", ""),
        tuple(answer.get("extensions", ())),
        answer.get("problem"),
    )


@contextmanager
def open_runtime(*, simulated: bool = False) -> Iterator[Runtime]:
    """The active runtime, or a simulated headset where none is active or `simulated` asks for it; stopped at the end.

    A runtime that is active but broken is an error, not a reason to simulate: its user wants the headset.
    Raises RuntimeMissingError, RuntimeFailedError.
    """
    manifest = None if simulated else find_manifest()
    if manifest is not None:
        _manifest_name(manifest)
        yield Runtime(manifest)
        return
    with MonadoService() as service:
        yield Runtime(service=service)


def _manifest_name(manifest: Path) -> str:
    """Name in a manifest; raises RuntimeFailedError where the manifest or the library that it names is broken."""
    try:
        entry = json.loads(manifest.read_text())["runtime"]
        library, name = str(entry["library_path"]), str(entry.get("name", manifest.stem))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RuntimeFailedError(
            f"The active OpenXR runtime's manifest {manifest} cannot be read ({error or type(error).__name__}); "
            "make your headset's runtime the active one again."
        ) from error
    if "/" in library and not (manifest.resolve().parent / library).exists():
        raise RuntimeFailedError(
            f"The active OpenXR runtime {name} is gone ({library} does not exist); install it again or make another "
            "one active."
        )
    return name
