"""Rays in the pictures of a live session, and in its film's."""

from __future__ import annotations

import numpy as np
import pytest

from render.gl.targets import read_srgb
from render.measure.cloud import make_cloud
from render.view import View, look_at_pose
from tests.xr_app.input.hand_model import hand
from tests.xr_app.unseen_live import live_on, standing
from xr_app.desktop.stage import Stage
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import USUAL
from xr_app.surroundings.mode import Mode

SIZE = (160, 120)
FRAMES = 14


class Seen(UnseenDisplay):
    """Its pictures are kept."""

    def __init__(self) -> None:
        super().__init__(SIZE)
        self.pictures: list[np.ndarray] = []

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        super().end(frame, with_picture=with_picture)
        if with_picture:
            self.pictures.append(read_srgb(self._target))


class Pressing(Seen):
    """Somebody points past the avatar, or at it, and presses."""

    def __init__(self, *, at_it: bool) -> None:
        super().__init__()
        self._at_it = at_it

    def read(self, frame: Frame) -> Inputs:
        self.view = frame.views[0]
        x, y, z = (frame.head @ (0.0 if self._at_it else 1.5, -0.3, -1.6, 1.0))[:3].tolist()
        aim = look_at_pose((frame.head @ (0.1, -0.35, -0.3, 1.0))[:3], (x, y, z))
        return Inputs(right=Hand(Source.CONTROLLER, aim=aim, grab=self._at_it))


class Palm(Seen):
    """A bare hand is held up before the avatar."""

    def read(self, frame: Frame) -> Inputs:
        self.view = frame.views[0]
        grip = frame.head.copy()
        grip[:3, 3] = self.place = (frame.head @ (0.0, -0.12, -0.5, 1.0))[:3]
        return Inputs(left=Hand(Source.HAND, grip=grip, joints=hand(frame.head[:3, :3], grip[:3, 3])))


def pixel(view: View, place: np.ndarray) -> tuple[int, int]:
    """Row and column of a place in the world."""
    x, y, z = (view.world_to_eye @ (*place.tolist(), 1.0))[:3]
    camera = view.intrinsics
    return int(SIZE[1] - camera.cy - camera.fy * y / -z), int(camera.cx + camera.fx * x / -z)


@pytest.mark.parametrize("at_it", [True, False])
def test_a_dot_where_the_hand_points(at_it: bool) -> None:
    encounter = standing()
    with Pressing(at_it=at_it) as display:
        live = live_on(display, make_cloud(50), encounter, lambda: len(display.pictures) < FRAMES, filmed=True)
        live.run()
        picture, view = display.pictures[-1].astype(int), display.view
    strokes = live.log.frames[-1].strokes
    dots = strokes[(strokes[:, 0:3] == strokes[:, 4:7]).all(axis=1), 0:3]
    assert len(dots) == at_it and len(strokes) == 2 * at_it
    if at_it:
        row, column = pixel(view, dots[0])
        assert picture[row, column, :3].min() > 235
        assert picture[row, column - 20, :3].max() < 235
        between = live.log.strokes_at((live.log.frames[-2].seen_ns + live.log.frames[-1].seen_ns) // 2)
        np.testing.assert_allclose(between, (strokes + live.log.frames[-2].strokes) / 2, atol=1e-3)
    else:
        assert picture[..., :3].min(axis=-1).max() < 235


@pytest.mark.parametrize("through", [False, True])
def test_onlookers_of_a_film_see_hands_where_the_wearer_sees_their_own(through: bool) -> None:
    class Room(Stage):
        mode = Mode.BLENDED if through else Mode.STAGE

    with Palm() as display:
        live = live_on(display, make_cloud(50), standing(), lambda: len(display.pictures) < 3, filmed=True)
        live.surroundings = Room(display, USUAL)
        live.run()
        picture, (row, column) = display.pictures[-1].astype(int), pixel(display.view, display.place)
    drawn = picture[row - 1, column, :3].min() > picture[row + 20, column, :3].max() + 20
    assert drawn is not through
    shown = live.log.frames[-1]
    assert shown.see_through is through and len(shown.strokes) > 20
