"""Rays and panels, against points that are put on a panel first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.view import look_at_pose
from tests.xr_app.panels.heads import head_at
from xr_app.panels.follow import facing
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.pointing import meet

HAND = (0.25, 1.1, -0.2)
PANEL: Panel[int] = Panel("test", (64, 32), lambda content, picture: iter(()), 0)
SHOWN = Shown(PANEL, facing(np.array([-0.3, 1.4, -1.0]), head_at()), (0.6, 0.3))


def ray_to(u: float, v: float) -> np.ndarray:
    pose = SHOWN.pose
    point = pose[:3, 3] + (u - 0.5) * SHOWN.size[0] * pose[:3, 0] + (0.5 - v) * SHOWN.size[1] * pose[:3, 1]
    return look_at_pose(HAND, point)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_ray_meets_what_it_points_at(u: float, v: float) -> None:
    hit = meet(ray_to(u, v), SHOWN)
    assert hit is not None and hit[:2] == pytest.approx((u, v), abs=1e-6)
    end = np.array(HAND) - hit.distance * ray_to(u, v)[:3, 2]
    assert (end - SHOWN.pose[:3, 3]) @ SHOWN.pose[:3, 2] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("u", "v"), [(-0.05, 0.5), (1.05, 0.5), (0.5, -0.1), (0.5, 1.1)])
def test_a_ray_beside_it_meets_nothing(u: float, v: float) -> None:
    assert meet(ray_to(u, v), SHOWN) is None


def test_neither_from_behind_nor_backwards() -> None:
    away = ray_to(0.5, 0.5)
    away[:3, :3] = away[:3, :3] @ np.diag([-1.0, 1.0, -1.0])
    assert meet(away, SHOWN) is None
    behind = look_at_pose((-0.5, 1.4, -2.0), SHOWN.pose[:3, 3])
    assert meet(behind, SHOWN) is None
