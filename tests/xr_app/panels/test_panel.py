"""A panel's picture: drawn only when its content is another one, a little at a time."""

import math

import numpy as np
import pytest
from PIL import Image

from xr_app.panels.panel import PIXELS_PER_DEGREE, Panel
from xr_app.panels.text import Painting


class Brush:
    """Paints a row for each step."""

    def __init__(self) -> None:
        self.begun: list[int] = []

    def __call__(self, content: int, picture: Image.Image) -> Painting:
        self.begun.append(content)
        for row in range(4):
            picture.paste((content, 0, 0, 255), (0, row, 8, row + 1))
            yield


def test_it_is_drawn_once_for_each_content() -> None:
    brush = Brush()
    panel = Panel("test", (8, 4), brush, 0)
    for content in (5, 5, 5, 7, 7):
        panel.show(content, 1.0)
    assert brush.begun == [5, 7] and panel.version == 2 and panel.shown == 7
    assert (panel.image()[..., 0] == 7).all()
    assert np.frombuffer(panel.picture(), np.uint8).reshape(4, 8, 4).tolist() == panel.image().tolist()


def test_work_is_spread_over_frames_and_nothing_half_done_is_seen() -> None:
    brush = Brush()
    panel = Panel("test", (8, 4), brush, 0)
    frames = 0
    while not panel.finished or frames == 0:
        panel.show(9, 0.0)
        frames += 1
        assert panel.image().max() == (255 if panel.finished else 0)
    assert frames == 5 and brush.begun == [9]


def test_what_was_begun_is_finished_before_what_came_meanwhile() -> None:
    brush = Brush()
    panel = Panel("test", (8, 4), brush, 0)
    panel.show(1, 0.0)
    for content in (2, 3, 4):
        panel.show(content, 0.0)
    panel.show(4, 1.0)
    assert brush.begun == [1, 4] and panel.shown == 4 and panel.version == 2


@pytest.mark.parametrize("distance", [0.6, 1.2, 3.0])
def test_it_looks_as_large_at_any_distance(distance: float) -> None:
    panel = Panel("test", (960, 320), Brush(), 0)
    width, height = panel.metres(distance)
    assert math.degrees(2 * math.atan(width / 2 / distance)) == pytest.approx(960 / PIXELS_PER_DEGREE, rel=0.025)
    assert math.degrees(2 * math.atan(height / 2 / distance)) == pytest.approx(10, rel=0.01)
    assert width / height == pytest.approx(960 / 320)  # pixels are square
    assert PIXELS_PER_DEGREE >= 20
