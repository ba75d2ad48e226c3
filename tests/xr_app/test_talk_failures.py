"""What can be missing or die around a talk: each gives a sentence, and nothing hangs or stays behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets import paths
from tests.recordings import READER

RUN = [sys.executable, "-c", "from xr_app.cli import main; main()", "run", "--hear", str(READER.path)]

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home with everything in it, of which a test takes something away."""
    (tmp_path / "models").symlink_to(paths.models_dir())
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "monado").symlink_to(paths.monado_dir())
    yield tmp_path


def run_in(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        RUN, capture_output=True, text=True, timeout=100, check=False, env={**os.environ, "VISAVIS_HOME": str(home)}
    )


@pytest.mark.parametrize(
    ("missing", "advice"),
    [("models", "visavis models get"), ("cache", "build_monado.sh")],
)
def test_what_is_missing_is_said_with_what_to_do(home: Path, missing: str, advice: str) -> None:
    (home / missing).rename(home / "elsewhere")
    done = run_in(home)
    assert done.returncode == 1
    assert advice in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_damaged_model_is_said_with_what_to_do(home: Path) -> None:
    (home / "models").unlink()
    (home / "models").mkdir()
    for model in paths.models_dir().iterdir():
        if not model.name.startswith("."):
            (home / "models" / model.name).symlink_to(model)
    (home / "models" / "hibari").unlink()
    shutil.copytree(paths.models_dir() / "hibari", home / "models" / "hibari")
    voice = home / "models" / "hibari" / "voice.mnn"
    voice.write_bytes(b"x" * voice.stat().st_size)
    done = run_in(home)
    assert done.returncode == 1
    assert "models get" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def children(pid: int) -> dict[int, str]:
    """All processes below `pid`, with their command lines."""
    found: dict[int, str] = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        found |= {int(child): command, **children(int(child))}
    return found


def alive(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_runtime_comes_back_and_the_talk_goes_on() -> None:
    with subprocess.Popen(RUN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as talk:
        deadline = time.monotonic() + 60
        services: list[int] = []
        while not services and time.monotonic() < deadline:
            time.sleep(0.5)
            services = [pid for pid, command in children(talk.pid).items() if "monado-service" in command]
        time.sleep(6)
        below = children(talk.pid)
        os.kill(services[0], signal.SIGKILL)
        out, err = talk.communicate(timeout=100)
    assert talk.returncode == 0, out + err
    assert "Traceback" not in err
    said = " ".join(err.split())
    assert said.index("went away; the avatar waits here") < said.index("The headset is back")
    assert "ERROR [" not in err, "what the runtime's library says of it is in its log"
    deadline = time.monotonic() + 15
    while (left := [command for pid, command in below.items() if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left
