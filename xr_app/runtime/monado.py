"""A simulated headset: the Monado service that set-up built, with remote devices and no display, for one session.

Each service has a folder and a port of its own, so several may run side by side. The service reads from a pipe that
this process holds open: when this process ends, however it ends, the pipe closes and the service stops by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from assets import paths
from xr_app.errors import RuntimeFailedError, RuntimeMissingError

REMOTE: Final[Mapping[str, str]] = {"P_OVERRIDE_ACTIVE_CONFIG": "remote"}
"""Devices that a program moves (remote.py), as the service's environment names them."""
_STARTED: Final = "Monado service has started"
_MANIFEST: Final = Path("share/openxr/1/openxr_monado.json")


def is_set_up(prefix: Path | None = None) -> bool:
    """Whether set-up has put a Monado in place."""
    prefix = prefix or paths.monado_dir()
    return (prefix / "bin" / "monado-service").is_file() and (prefix / _MANIFEST).is_file()


class MonadoService:
    """Starts on entering, stops on leaving."""

    def __init__(
        self, prefix: Path | None = None, start_timeout_s: float = 20.0, *, devices: Mapping[str, str] = REMOTE
    ) -> None:
        """prefix: where Monado is, set-up's place if not given; raises RuntimeMissingError where it is not. devices:
        what in its environment chooses them."""
        self._prefix = prefix or paths.monado_dir()
        self._timeout_s = start_timeout_s
        self._devices = devices
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        """TCP port of the remote driver, on this machine only."""
        self.log = paths.cache_dir() / "monado.log"
        """What the last service to end had to say."""
        if not is_set_up(self._prefix):
            raise RuntimeMissingError(
                "No OpenXR runtime is active and the simulated headset is not set up; switch your headset's runtime "
                "on, or set the simulated one up with: packaging/build_monado.sh " + str(self._prefix)
            )

    @property
    def environment(self) -> Mapping[str, str]:
        """What an OpenXR program needs in its environment, while it creates its instance, to meet this service."""
        assert self._folder is not None, "the service has not been started"
        return {
            "XR_RUNTIME_JSON": str(self._prefix / _MANIFEST),
            "XDG_RUNTIME_DIR": str(self._folder),
            "OXR_NO_PRINTING": os.environ.get("OXR_NO_PRINTING", "1"),  # what matters comes as an error
        }

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the service and return once it takes sessions; raises RuntimeFailedError where it does not."""
        self._folder = Path(tempfile.mkdtemp(prefix="visavis-"))
        self.port = _free_port()
        settings = self._folder / "config" / "monado" / "config_v0.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"remote": {"version": 0, "port": self.port, "view_count": 2}}))
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("XRT_", "SIMULATED_"))}
        environment |= {
            "XDG_RUNTIME_DIR": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "XRT_COMPOSITOR_NULL": "1",
            **self._devices,
        }
        with open(self._folder / "monado.log", "wb") as log:
            self._process = subprocess.Popen(
                [self._prefix / "bin" / "monado-service"],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C ends the app first, and the app then ends the service
            )
        deadline = time.monotonic() + self._timeout_s
        while _STARTED not in (said := self._read_log()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                last = next((line for line in reversed(said.splitlines()) if "ERROR" in line), "it says nothing")
                raise RuntimeFailedError(
                    f"The simulated headset did not start ({last.strip()}); the whole story is in {self.log}."
                )
            time.sleep(0.05)

    def revive(self) -> bool:
        """Start the service again where it ended by itself, at another port; whether it had. Raises as `start`."""
        if self.pid is not None:
            return False
        self.stop()
        self.start()
        return True

    def kill(self) -> None:
        """End it at once, whatever it does; it can be revived."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """Ask the service to end, then make it end; its log stays in the cache folder."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            for insist in (None, self._process.terminate, self._process.kill):
                if insist is not None:
                    insist()
                try:
                    self._process.wait(3.0)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self._process = None
        if self._folder is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self._folder / "monado.log", self.log)
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _read_log(self) -> str:
        assert self._folder is not None
        return (self._folder / "monado.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
