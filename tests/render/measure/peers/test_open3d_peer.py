"""The line-by-line conversation with the process that has Open3D, its part played by a small script."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assets.elsewhere import ANSWER
from render.errors import PeerError
from render.measure.peers import open3d_peer
from render.measure.peers.open3d_peer import Open3DPeer
from render.measure.peers.peer import Scene

SCRIPT = """
import json, sys
import numpy as np
scene = json.loads(sys.argv[1])
print("[Open3D INFO] lines of its own")
print('visavis: {"version": "9", "splats": 5}', flush=True)
for line in sys.stdin:
    work = json.loads(line)
    if "save" in work:
        np.save(work["save"], np.full((scene["height"], scene["width"], 3), 9, np.uint8))
    print("visavis: " + json.dumps({"ms": [2 * eye[2] for eye in work.get("eyes", [])]}), flush=True)
"""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "cloud.ply", 6, 2, 60.0, (0.0, 1.0, 0.0))


def test_frames_and_a_picture(tmp_path: Path, scene: Scene) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    peer = Open3DPeer(Path(sys.executable), scene, script)
    try:
        assert peer.about == {"version": "9", "splats": 5}
        peer.settle((0.0, 0.0, 1.0))
        assert peer.time([(0.0, 0.0, 1.5), (0.0, 0.0, 2.0)]) == [3.0, 4.0]
        assert peer.picture().shape == (2, 6, 3) and (peer.picture() == 9).all()
    finally:
        peer.close()


def test_an_open3d_that_does_not_load_says_why(tmp_path: Path, scene: Scene) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys; sys.exit('libusb-1.0.so.0: cannot open shared object file')")
    with pytest.raises(PeerError, match=r"libusb-1\.0\.so\.0.*apt-get install libusb-1\.0-0"):
        Open3DPeer(Path(sys.executable), scene, script)


def test_the_real_script_begins_its_answers_so() -> None:
    text = Path(open3d_peer.__file__).with_name("open3d_script.py").read_text()
    assert f'ANSWER = "{ANSWER}"' in text


def test_the_real_script_needs_open3d(scene: Scene, tmp_path: Path) -> None:
    # This environment has none; the sentence is the one that its user would see.
    with pytest.raises(PeerError, match="No module named 'open3d'"):
        Open3DPeer(Path(sys.executable), scene)
