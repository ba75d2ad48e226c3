"""When there is a ray, where it ends, and how bright it is, beside a real placement and real panels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from render.view import look_at_pose
from tests.xr_app.panels.heads import head_at
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.rays.rays import LINGER_S, Rays

FRAME_NS = 20_000_000
ORIGIN = (0.2, 1.2, -0.2)
HEAD = head_at()
CHEST = (0.0, 1.3, -1.6)
"""Of who stands before that head."""


class Evening:
    def __init__(self, *, ghost: bool = False) -> None:
        self.placement, self.panels, self.rays = Placement(), Panels(), Rays()
        if not ghost:
            self.placement.stand()
        self.now = 0
        self.frames(20)

    def frames(self, count: int, right: Hand | None = None, left: Hand | None = None) -> np.ndarray:
        """The strokes of the last of so many frames."""
        for _ in range(count):
            self.now += FRAME_NS
            inputs = Inputs(left or Hand(), right or Hand())
            self.panels.press(inputs, self.now)
            self.panels.settle(HEAD, self.now)
            self.panels.paint()
            self.placement.update(self.now / 1e9, HEAD, inputs)
            self.rays.update(self.now, inputs, self.panels, self.placement, HEAD)
        return self.rays.strokes(HEAD)

    def open_menu(self) -> tuple[float, float, float]:
        """A place on it."""
        self.panels.open_menu()
        self.frames(40)
        shown = next(each for each in self.panels.shown() if each.panel.name == "menu")
        x, y, z = (shown.pose @ (0.1 * shown.size[0], 0.2 * shown.size[1], 0.0, 1.0))[:3].tolist()
        return x, y, z


def at(target: tuple[float, float, float], origin: tuple[float, float, float] = ORIGIN, **more: object) -> Hand:
    return Hand(Source.CONTROLLER, aim=look_at_pose(origin, target), **more)  # type: ignore[arg-type]


def dots(strokes: np.ndarray) -> np.ndarray:
    """(n, 3) where there are some."""
    return strokes[(strokes[:, 0:3] == strokes[:, 4:7]).all(axis=1), 0:3]


def on_ray(hand: Hand, point: np.ndarray) -> float:
    """Metres from a point to the ray's line."""
    assert hand.aim is not None
    way, apart = -hand.aim[:3, 2], point - hand.aim[:3, 3]
    return float(np.linalg.norm(apart - (apart @ way) * way))


def test_who_points_at_nothing_sees_nothing() -> None:
    evening = Evening()
    assert len(evening.frames(9)) == 0
    assert len(evening.frames(9, at((2.0, 1.0, -1.0)), at((-1.0, 0.0, -1.0), (-0.2, 1.2, -0.2)))) == 0
    assert len(evening.frames(9, at((0.0, 1.3, 1.6)))) == 0  # away from it


def test_a_ray_to_the_menu_ends_there_and_its_dot_is_a_panel() -> None:
    evening = Evening()
    target = evening.open_menu()
    hand = at(target)
    strokes = evening.frames(9, hand)
    assert len(dots(strokes)) == 0 and len(strokes) == 1
    np.testing.assert_allclose(strokes[-1, 4:7], target, atol=1e-4)
    assert strokes[0, 15] == 0 and strokes[0, 18] > 0.05 and strokes[0, 11] > 0.3  # soft at both ends
    assert on_ray(hand, strokes[0, 0:3]) < 1e-5
    point = evening.panels.pointed_at(1)
    assert point is not None and np.linalg.norm(point - target) < 1e-6 and evening.panels.pointed_at(0) is None
    dot = evening.panels.shown()[-1]
    assert dot.panel.name == "cursor right" and np.linalg.norm(dot.pose[:3, 3] - target) < 0.003


@pytest.mark.parametrize("far", [0.8, 1.6, 4.0])
def test_a_dot_lies_on_the_avatar_before_its_middle(far: float) -> None:
    evening = Evening()
    origin = (0.25, 1.1, -1.6 + far)
    hand = at(CHEST, origin)
    (dot,) = dots(evening.frames(9, hand))
    assert on_ray(hand, dot) < 1e-5
    assert np.hypot(dot[0], dot[2] + 1.6) == pytest.approx(evening.placement.body.radius, abs=0.01)
    assert np.linalg.norm(dot - origin) < np.linalg.norm(np.subtract(CHEST, origin))


def test_a_hand_at_the_avatar_needs_no_ray() -> None:
    evening = Evening()
    hand = at(CHEST, (0.05, 1.3, -1.3))
    assert len(evening.frames(9, replace(hand, grip=hand.aim))) == 0


def test_a_ghost_is_put_where_the_dot_is() -> None:
    evening = Evening(ghost=True)
    target = (0.5, 0.0, -2.0)
    (dot,) = dots(evening.frames(80, at(target)))
    np.testing.assert_allclose(dot, target, atol=1e-4)
    spot = evening.placement.spot
    assert np.hypot(spot.x - 0.5, spot.z + 2.0) < 0.05
    both = evening.frames(9, at(target), at((-0.5, 0.0, -2.0), (-0.2, 1.2, -0.2)))
    assert len(dots(both)) == 1, "it follows one hand"
    assert len(evening.frames(9, at((0.5, 2.0, -2.0)))) == 0  # over the horizon there is no floor


def test_it_grows_bright_while_pressed() -> None:
    evening = Evening()
    hand = at(CHEST)
    idle = evening.frames(9, hand)
    bright = evening.frames(9, replace(hand, grab=True))
    assert (bright[:, 12:15] > idle[:, 12:15]).all() and bright[-1, 15] > idle[-1, 15]
    for calm in (hand, replace(hand, select=True)):  # who holds a pinch to talk means no ray
        np.testing.assert_allclose(evening.frames(9, calm)[0, 12:16], idle[0, 12:16], atol=1e-6)
    hand = at(evening.open_menu())
    idle = evening.frames(9, hand)
    bright = evening.frames(9, replace(hand, select=True))
    assert (bright[:, 8:12] > idle[:, 8:12]).all()


def test_it_comes_and_goes_softly() -> None:
    evening, hand = Evening(), at(CHEST)
    coming = [evening.frames(1, hand)[-1, 15] for _ in range(8)]
    assert 0 < coming[0] < 0.3 and (np.diff(coming) >= 0).all() and coming[-1] == coming[-2]
    going = [evening.frames(1, at((1.5, 1.3, -1.6))) for _ in range(8)]
    assert len(going[0]) > 0 and len(going[-1]) == 0
    evening.frames(9, hand)
    assert len(evening.frames(1)) == 0  # a hand that is lost takes its ray along


def test_it_does_not_stay_on_whom_one_talks_to() -> None:
    evening, hand = Evening(), at(CHEST)
    soon = round((LINGER_S - 0.2) * 1e9 / FRAME_NS)
    assert len(evening.frames(soon, hand)) > 0
    assert len(evening.frames(25, hand)) == 0
    assert len(evening.frames(9, replace(hand, grab=True))) > 0  # who takes it sees where
    assert len(evening.frames(9, hand)) > 0
    assert len(evening.frames(soon + 25, hand)) == 0
    evening.frames(2, at((1.5, 1.3, -1.6)))
    assert len(evening.frames(9, hand)) > 0


def test_neither_a_shown_palm_nor_a_mouse_has_a_ray() -> None:
    evening = Evening()
    assert len(evening.frames(9, at(CHEST, palm_up=True))) == 0
    mouse = replace(at(CHEST, EYE), source=Source.MOUSE)
    strokes = evening.frames(9, mouse)
    assert len(strokes) == len(dots(strokes)) == 1


def test_poses_that_are_none_are_no_target() -> None:
    evening = Evening()
    broken = np.full((4, 4), np.nan)
    assert len(evening.frames(5, Hand(Source.CONTROLLER, aim=broken))) == 0


EYE = tuple(HEAD[:3, 3].tolist())
