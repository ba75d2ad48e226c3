"""For the tests: a simulated headset, which is real Monado with the remote driver, one service for all that do not
break it; and a screen that nobody sees."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from xr_app.runtime.monado import MonadoService


@pytest.fixture(scope="session")
def monado() -> Iterator[MonadoService]:
    with MonadoService() as service:
        yield service


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A virtual X screen, which does not begin anew, and refuse whoever comes then, when the last window is gone."""
    assert shutil.which("Xvfb"), "Xvfb is missing; install the package xvfb"
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as numbers:
            yield f":{numbers.readline().strip()}"
        server.terminate()
