"""Pursuit: one path however it is looked at, on a target that moves evenly, and at rest where that was seen last."""

from __future__ import annotations

import numpy as np
import pytest

from render.motion.pursuit import Pursuit


def following(speed: float, seconds: float) -> tuple[Pursuit, np.ndarray]:
    pursuit = Pursuit(np.zeros(3))
    times = np.arange(0.0, seconds, 0.1)
    for t in times:
        pursuit.sight(float(t), np.array((speed * t, 0.0, 0.6)))
    return pursuit, times


@pytest.mark.parametrize("speed", [3.0, 12.0, 28.0])
def test_an_even_walk_is_followed_without_a_lag(speed: float) -> None:
    pursuit, _ = following(speed, 4.0)
    late = [abs(pursuit.at(float(t))[0] - speed * t) for t in np.arange(2.0, 3.95, 0.01)]
    assert max(late) < 0.1


def test_what_is_quicker_than_eyes_pursue_falls_behind() -> None:
    pursuit, _ = following(60.0, 3.0)
    assert 60.0 * 2.95 - pursuit.at(2.95)[0] > 1.0


def test_it_rests_where_the_target_was_seen_last() -> None:
    pursuit, times = following(12.0, 2.0)
    assert pursuit.at(4.0)[0] == pytest.approx(12.0 * times[-1], abs=1e-3)


def test_speed_never_jumps_and_the_path_does_not_depend_on_who_looks() -> None:
    pursuit, _ = following(20.0, 1.5)
    fine = np.array([pursuit.at(float(t)) for t in np.arange(0.05, 2.5, 1e-3)])
    assert np.abs(np.diff(fine, n=2, axis=0)).max() / 1e-3 < 1.5
    pursuit.forget(1.0)
    assert pursuit.at(1.2) == pytest.approx(fine[1150], abs=1e-9)


def test_a_jump_tells_what_it_changed() -> None:
    pursuit, _ = following(10.0, 1.0)
    place, speed = pursuit.state(1.0)
    far = np.array((50.0, 5.0, 0.5))
    by, quicker = pursuit.jump(1.0, far)
    assert pursuit.at(1.0) == pytest.approx(far)
    assert by == pytest.approx(far - place) and quicker == pytest.approx(-speed)
