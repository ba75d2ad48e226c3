"""Blend shapes of Gaussians: the weighted sum of a basis, whatever of it is zero."""

import numpy as np
import pytest

from render.offscreen import Offscreen
from render.stages.blend import GaussianBlender
from render.steps import at_once


@pytest.mark.parametrize("shapes", [1, 2, 5, 67])
@pytest.mark.parametrize("count", [1, 130, 1000])
def test_it_is_the_weighted_sum(gl: Offscreen, shapes: int, count: int) -> None:
    random = np.random.default_rng(shapes)
    basis = random.normal(0, 1, (shapes, count, 3)).astype(np.float16)
    basis[:, np.arange(count) // 64 % 3 == 1] = 0
    basis[random.random(shapes) < 0.3, : count // 2] = 0
    weights = random.normal(0, 1, shapes).astype(np.float32)
    weights[random.random(shapes) < 0.3] = 0
    blender = at_once(GaussianBlender.in_steps(gl.ctx, basis))
    sums = blender.sums()
    blender.run(gl.ctx.buffer(weights.tobytes()), sums, count)
    made = np.frombuffer(sums.read(), np.float32).reshape(-1, 3)
    np.testing.assert_allclose(made, np.einsum("b,bnc->nc", weights, basis.astype(np.float64)), atol=1e-4)


def test_a_level_of_detail_fills_its_prefix(gl: Offscreen) -> None:
    blender = at_once(GaussianBlender.in_steps(gl.ctx, np.ones((3, 100, 3), np.float32)))
    sums = blender.sums()
    sums.clear()
    blender.run(gl.ctx.buffer(np.array([1, 2, 3], np.float32).tobytes()), sums, 70)
    made = np.frombuffer(sums.read(), np.float32).reshape(-1, 3)
    assert (made[:70] == 6).all() and (made[70:] == 0).all()
