"""Open3D, in a process of its own with the Python that has it (open3d_script.py)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from assets.elsewhere import Elsewhere
from render.errors import PeerError
from render.measure.peers.peer import U8, Point, Scene
from render.measure.peers.processors import processor_seconds

_SCRIPT: Final = Path(__file__).with_name("open3d_script.py")


class Open3DPeer:
    """Draws with the Open3D of `python`. Raises PeerError where that does not run."""

    def __init__(self, python: Path, scene: Scene, script: Path = _SCRIPT) -> None:
        self._program = Elsewhere(
            python, script, {**vars(scene), "cloud": str(scene.cloud)},
            what="Open3D", error=PeerError, hint="on Debian it also needs: sudo apt-get install libusb-1.0-0",
        )  # fmt: skip
        self.about: dict[str, object] = self._program.about

    def settle(self, eye: Point) -> None:
        """See Peer."""
        self.time([eye, eye])

    def time(self, eyes: Sequence[Point]) -> list[float]:
        """See Peer; every frame is read back whole, since the renderer gives none otherwise."""
        return [float(ms) for ms in self._program.ask({"eyes": list(eyes)})["ms"]]

    def processor_s(self) -> float | None:
        """See Peer."""
        return processor_seconds(self._program.group)

    def picture(self) -> U8:
        """See Peer."""
        with tempfile.TemporaryDirectory(prefix="visavis-open3d-") as folder:
            file = Path(folder) / "picture.npy"
            self._program.ask({"save": str(file)})
            return np.ascontiguousarray(np.load(file, allow_pickle=False)[..., :3])

    def close(self) -> None:
        """See Peer."""
        self._program.close()
