"""Open3D, in a process of its own with the Python that has it (open3d_script.py)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from render.errors import PeerError
from render.measure.peers.peer import U8, Point, Scene
from render.measure.peers.processors import session_seconds

_SCRIPT: Final = Path(__file__).with_name("open3d_script.py")
_ANSWER: Final = "visavis: "
"""As the script begins its answers; it cannot be imported here, where Open3D is not."""


class Open3DPeer:
    """Draws with the Open3D of `python`. Raises PeerError where that does not run."""

    def __init__(self, python: Path, scene: Scene, script: Path = _SCRIPT) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="visavis-open3d-")
        self._said = Path(self._folder.name) / "stderr"
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [str(python), str(script), json.dumps({**vars(scene), "cloud": str(scene.cloud)})],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, start_new_session=True,
            )  # fmt: skip
        try:
            self.about: dict[str, object] = self._answer()
        except BaseException:
            self.close()
            raise

    def settle(self, eye: Point) -> None:
        """See Peer."""
        self.time([eye, eye])

    def time(self, eyes: Sequence[Point]) -> list[float]:
        """See Peer; every frame is read back whole, since the renderer gives none otherwise."""
        return [float(ms) for ms in self._ask({"eyes": list(eyes)})["ms"]]

    def processor_s(self) -> float | None:
        """See Peer."""
        return session_seconds(self._process.pid)

    def picture(self) -> U8:
        """See Peer."""
        file = Path(self._folder.name) / "picture.npy"
        self._ask({"save": str(file)})
        return np.ascontiguousarray(np.load(file, allow_pickle=False)[..., :3])

    def close(self) -> None:
        """See Peer."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._folder.cleanup()

    def _ask(self, work: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(work) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(_ANSWER):
                answer: dict[str, Any] = json.loads(line[len(_ANSWER) :])
                return answer
        said = [line for line in self._said.read_text(errors="replace").splitlines() if line.strip()]
        why = said[-1] if said else "it says nothing"
        raise PeerError(
            f"Open3D does not run here ({why}); on Debian it also needs: sudo apt-get install libusb-1.0-0."
        )
