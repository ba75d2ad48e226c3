"""Limbs of two bones against geometry, and quaternions against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from render.motion import quaternion as q
from render.motion.reach import STRAIGHT, reach


def _wxyz(rotation: Rotation) -> tuple[float, ...]:
    return tuple(rotation.as_quat()[[3, 0, 1, 2]])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31))
def test_bones_keep_their_lengths_and_the_middle_stands_toward_the_pole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root, way, pole = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3)
    upper, lower = rng.uniform(0.2, 0.5, 2)
    end = root + way / np.linalg.norm(way) * rng.uniform(1.05 * abs(upper - lower) + 0.05, 0.99 * (upper + lower))
    middle, reached = (np.array(p) for p in reach(tuple(root), tuple(end), tuple(pole), upper, lower))
    assert reached == pytest.approx(end)
    assert np.linalg.norm(middle - root) == pytest.approx(upper)
    assert np.linalg.norm(reached - middle) == pytest.approx(lower)
    assert (middle - root) @ (pole - (pole @ way) / (way @ way) * way) > 0


def test_what_is_too_far_is_approached() -> None:
    middle, end = reach((0, 0, 0), (0, -5, 0), (0, 0, 1), 0.4, 0.4)
    assert end == pytest.approx((0, -0.8 * STRAIGHT, 0))
    assert middle[2] > 0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31))
def test_quaternions_agree_with_scipy(seed: int) -> None:
    a, b = Rotation.random(2, random_state=seed)
    v = np.random.default_rng(seed).normal(size=3)
    assert q.rotate(_wxyz(a), tuple(v)) == pytest.approx(a.apply(v))
    assert q.rotate(q.mul(_wxyz(a), _wxyz(b)), tuple(v)) == pytest.approx((a * b).apply(v))
    matrix = a.as_matrix()
    turned = q.frame(tuple(matrix[:, 0]), tuple(matrix[:, 1] + 0.4 * matrix[:, 0]))
    assert q.rotate(turned, tuple(v)) == pytest.approx(a.apply(v))


def test_angles_are_a_persons() -> None:
    """Who faces +z: pitch is down, yaw to the left (+x), roll lifts the left side."""
    assert q.rotate(q.euler(30, 0, 0), (0, 0, 1))[1] < 0
    assert q.rotate(q.euler(0, 30, 0), (0, 0, 1))[0] > 0
    assert q.rotate(q.euler(0, 0, 30), (1, 0, 0))[1] > 0
