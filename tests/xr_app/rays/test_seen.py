"""Rays in the pictures of a live session, and in its film's."""

from __future__ import annotations

import numpy as np
import pytest

from render.gl.targets import read_srgb
from render.measure.cloud import make_cloud
from render.view import look_at_pose
from tests.xr_app.unseen_live import live_on, standing
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.session.frame import Frame

SIZE = (160, 120)
FRAMES = 14


class Pressing(UnseenDisplay):
    """Somebody points past the avatar, or at it, and presses."""

    def __init__(self, *, at_it: bool) -> None:
        super().__init__(SIZE)
        self._at_it = at_it
        self.pictures: list[np.ndarray] = []

    def read(self, frame: Frame) -> Inputs:
        self.view = frame.views[0]
        x, y, z = (frame.head @ (0.0 if self._at_it else 1.5, -0.3, -1.6, 1.0))[:3].tolist()
        aim = look_at_pose((frame.head @ (0.1, -0.35, -0.3, 1.0))[:3], (x, y, z))
        return Inputs(right=Hand(Source.CONTROLLER, aim=aim, grab=self._at_it))

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        super().end(frame, with_picture=with_picture)
        if with_picture:
            self.pictures.append(read_srgb(self._target))


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
        x, y, z = (view.world_to_eye @ (*dots[0].tolist(), 1.0))[:3]
        camera = view.intrinsics
        row, column = int(SIZE[1] - camera.cy - camera.fy * y / -z), int(camera.cx + camera.fx * x / -z)
        assert picture[row, column, :3].min() > 235
        assert picture[row, column - 20, :3].max() < 235
        between = live.log.strokes_at((live.log.frames[-2].seen_ns + live.log.frames[-1].seen_ns) // 2)
        np.testing.assert_allclose(between, (strokes + live.log.frames[-2].strokes) / 2, atol=1e-3)
    else:
        assert picture[..., :3].min(axis=-1).max() < 235
