"""Open3D's renderer, run by the Python that has it: reads one JSON a line, answers with one JSON a line.

open3d_script.py SCENE      SCENE is a JSON of peer.Scene
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import open3d as o3d


def main(scene: dict[str, Any]) -> None:
    """Draw what is asked for until the input ends."""
    rendering = o3d.visualization.rendering
    cloud = o3d.t.io.read_point_cloud(scene["cloud"])
    renderer = rendering.OffscreenRenderer(scene["width"], scene["height"])
    renderer.scene.set_background([0, 0, 0, 1])
    material = rendering.MaterialRecord()
    material.shader = "gaussianSplat"
    material.gaussian_splat_sh_degree = 0
    renderer.scene.add_geometry("cloud", cloud, material)
    answer({"version": o3d.__version__, "splats": len(cloud.point.positions)})
    picture = None
    for line in sys.stdin:
        work = json.loads(line)
        times = []
        for eye in work.get("eyes", []):
            centre, up = (np.array(v, np.float32) for v in (scene["centre"], (0, 1, 0)))
            renderer.setup_camera(scene["fov"], centre, np.array(eye, np.float32), up, scene["near"], scene["far"])
            start = time.perf_counter()
            picture = renderer.render_to_image()
            times.append((time.perf_counter() - start) * 1e3)
        if "save" in work:
            np.save(work["save"], np.asarray(picture))
        answer({"ms": times})


def answer(value: dict[str, Any]) -> None:
    """One line to whoever asked."""
    print(ANSWER + json.dumps(value), flush=True)


ANSWER = "visavis: "
"""Begins every answer; Open3D writes lines of its own between them."""

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
