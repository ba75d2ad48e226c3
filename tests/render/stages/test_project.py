"""Projection alone, on Gaussians put straight into the world."""

from __future__ import annotations

import numpy as np

from render.offscreen import Offscreen
from render.stages.project import Projector
from render.stages.window import whole
from tests.render import oracle
from tests.render.scenes import two_eyes
from tests.render.stages.gaussians import scattered


def test_depths_are_metres_along_the_view(gl: Offscreen) -> None:
    cloud = scattered(500, (-1, 0.5, -1), (1, 2, 1), 0.02)
    _, views = two_eyes((0.4, 1.6, 2.0), (0.0, 1.2, 0.0))
    projector = Projector(gl.ctx, 500, 3.0, depth=True)
    assert projector.depths is not None
    for view in views:
        projector.run(view, whole(view), cloud.world(gl.ctx), cloud.colours(gl.ctx))
        bounds = np.frombuffer(projector.bounds.read(), np.uint32).reshape(-1, 2)
        seen = bounds[:, 0] <= bounds[:, 1]
        depths = np.frombuffer(projector.depths.read(), np.float32)
        expected = oracle.project(view, cloud.positions, cloud.covariances)[2]
        assert seen.sum() > 100 and np.abs(depths - expected)[seen].max() < 1e-5
