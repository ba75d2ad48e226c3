"""Whether MNN takes a network: tried in a process of its own, since it checks little and dies of what is damaged.

Run as `python -m assets.container.probe FILE`: exit code 0 where the network ran once, on zeros.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

_SECONDS = 60


def network_runs(model: bytes) -> bool:
    """Whether the .mnn file can be loaded and run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.mnn"
        path.write_bytes(model)
        try:
            command = [sys.executable, "-m", "assets.container.probe", str(path)]
            done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


if __name__ == "__main__":
    import MNN

    network = MNN.Interpreter(sys.argv[1])
    session = network.createSession()
    sys.exit(network.runSession(session))
