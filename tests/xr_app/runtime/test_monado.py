"""The simulated headset's service: real processes, started, stopped, lost and killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets import paths
from xr_app.errors import RuntimeFailedError, RuntimeMissingError
from xr_app.runtime.monado import MonadoService, is_set_up
from xr_app.runtime.remote import Remote, State


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def ends(pid: int, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_starts_takes_commands_and_leaves_only_its_log() -> None:
    before = dict(os.environ)
    with MonadoService() as service:
        pid, folder = service.pid, Path(service.environment["XDG_RUNTIME_DIR"])
        assert pid is not None and is_running(pid)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert Path(service.environment["XR_RUNTIME_JSON"]).is_file()
        with Remote(service.port) as remote:
            remote.send(State())
    assert service.pid is None and not is_running(pid) and not folder.exists()
    assert "Monado service has started" in service.log.read_text()
    assert dict(os.environ) == before


def test_two_run_side_by_side(monado: MonadoService) -> None:
    with MonadoService() as other:
        assert other.port != monado.port and other.environment != monado.environment
        with Remote(other.port), Remote(monado.port):
            pass
    assert monado.pid is not None


def test_listens_to_this_machine_only(monado: MonadoService) -> None:
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = [fields[1] for fields in listening if fields[1].endswith(f":{monado.port:04X}") and fields[3] == "0A"]
    assert addresses == [f"0100007F:{monado.port:04X}"]


def test_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import time; from xr_app.runtime.monado import MonadoService\n"
        "with MonadoService() as service: print(service.pid, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}  # a killed process cannot tidy up
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert is_running(pid)
        starter.send_signal(signal.SIGKILL)
    assert ends(pid)


def test_one_that_hangs_is_killed() -> None:
    with MonadoService() as service:
        pid = service.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
    assert not is_running(pid)


def test_missing_one_says_what_to_do(tmp_path: Path) -> None:
    assert is_set_up() and not is_set_up(tmp_path)
    with pytest.raises(RuntimeMissingError, match=r"build_monado\.sh"):
        MonadoService(tmp_path)


def test_one_that_does_not_start_says_why(tmp_path: Path) -> None:
    # A Monado without its compositor, which is what a machine without any Vulkan driver amounts to.
    prefix = tmp_path / "monado"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "share").symlink_to(paths.monado_dir() / "share")
    real = paths.monado_dir() / "bin" / "monado-service"
    wrapper = prefix / "bin" / "monado-service"
    wrapper.write_text(f"#!/bin/sh\nVK_ICD_FILENAMES=/nowhere VK_DRIVER_FILES=/nowhere exec {real}\n")
    wrapper.chmod(0o755)
    with pytest.raises(RuntimeFailedError, match=r"did not start \(ERROR.*monado\.log"):
        MonadoService(prefix).start()
