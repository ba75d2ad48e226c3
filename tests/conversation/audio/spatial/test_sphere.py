"""Sound at a rigid sphere, against the series as others write it and against what is known of its limits."""

from math import pi

import numpy as np
import pytest
from scipy.special import eval_legendre, spherical_jn, spherical_yn

from conversation.audio.spatial.sphere import RADIUS, SPEED, delay, pressure


def series(frequency: float, distance: float, angle: float) -> complex:
    """Duda and Martens 1998, equation 9, term by term with SciPy's functions, up to where floats end."""
    reduced, ratio, total = 2 * pi * frequency * RADIUS / SPEED, distance / RADIUS, 0j
    for order in range(60):
        reaching = spherical_jn(order, reduced * ratio) + 1j * spherical_yn(order, reduced * ratio)
        slope = spherical_jn(order, reduced, True) + 1j * spherical_yn(order, reduced, True)
        term = (2 * order + 1) * eval_legendre(order, np.cos(angle)) * reaching / slope
        if not np.isfinite(term):
            break
        total += term
    return complex(-ratio / reduced * np.exp(-1j * reduced * ratio) * total)


def test_the_series_is_the_one_of_the_literature() -> None:
    frequencies, distances = np.array([120.0, 700.0, 3000.0, 11_000.0]), np.array([0.25, 1.0, 8.0])
    angles = np.radians([0.0, 40.0, 90.0, 150.0, 180.0])
    made = pressure(frequencies, 1 / distances, angles)
    assert made.shape == (3, 5, 4)
    for (n, a, f), value in np.ndenumerate(made):
        assert value == pytest.approx(series(frequencies[f], distances[n], angles[a]), rel=1e-6)


def test_its_limits() -> None:
    plane = np.abs(pressure(np.array([1.0, 20_000.0]), np.array([0.0]), np.array([0.0, pi])))[0]
    assert plane[0] == pytest.approx([1.0, 2.0], abs=0.05), "a long wave goes round, a short one is doubled at a wall"
    assert plane[1, 0] == pytest.approx(1.0, abs=0.01)


def test_the_path_round_a_head_far_from_the_source_is_woodworths() -> None:
    for side in np.radians([0, 20, 55, 90]):
        between = delay(pi / 2 + side, 100.0) - delay(pi / 2 - side, 100.0)
        assert between == pytest.approx(RADIUS / SPEED * (side + np.sin(side)), abs=1e-6)


def test_the_path_of_a_near_source_is_as_long_as_a_string() -> None:
    source = np.array([0.3, 0.0])
    for angle in np.radians([10.0, 60.0, 100.0, 170.0]):
        point = RADIUS * np.array([np.cos(angle), np.sin(angle)])
        # The surface in steps from the source's own side, each left in a straight line where that is free.
        bends = np.linspace(0, angle, 2001)
        corners = RADIUS * np.stack([np.cos(bends), np.sin(bends)], axis=1)
        free = corners @ source >= RADIUS**2 - 1e-12
        straight = np.linalg.norm(corners - source, axis=1) + RADIUS * (angle - bends)
        longest_free = straight[free].min() if not free[-1] else np.linalg.norm(point - source)
        at_side = np.sqrt(0.3**2 - RADIUS**2) + RADIUS * (pi / 2 - np.arccos(RADIUS / 0.3))
        assert delay(angle, 0.3) * SPEED == pytest.approx(longest_free - at_side, abs=1e-5)
