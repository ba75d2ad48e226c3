"""The dot on a panel."""

import numpy as np
import pytest

from tests.xr_app.panels.heads import head_at
from xr_app.panels.cursor import SIZE, Cursors
from xr_app.panels.follow import facing
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.pointing import Hit

PANEL: Panel[int] = Panel("test", (64, 32), lambda content, picture: iter(()), 0)
SHOWN = Shown(PANEL, facing(np.array([-0.3, 1.4, -1.0]), head_at()), (0.6, 0.3), 0.5)


@pytest.mark.parametrize(("u", "v"), [(0.5, 0.5), (0.1, 0.9), (0.99, 0.0)])
def test_it_is_right_before_the_place_that_was_hit(u: float, v: float) -> None:
    cursors = Cursors(lambda: 0.0)
    cursors.point(0, Hit(u, v, 1.0), pressed=False)
    (dot,) = cursors.shown(SHOWN, 1.0)
    x, y, z = (np.linalg.inv(SHOWN.pose) @ dot.pose[:, 3])[:3]
    assert (x / 0.6, y / 0.3) == pytest.approx((u - 0.5, 0.5 - v)) and 0 < z < 0.005
    assert dot.opacity == SHOWN.opacity and dot.size[0] == pytest.approx(np.radians(SIZE[0] / 32))


def test_it_is_there_while_something_is_hit_and_brighter_while_pressed() -> None:
    cursors = Cursors(lambda: 0.0)
    assert cursors.shown(SHOWN, 1.0) == []
    lights = []
    for pressed in (False, True):
        cursors.point(1, Hit(0.2, 0.2, 1.0), pressed=pressed)
        (dot,) = cursors.shown(SHOWN, 1.0)
        picture = dot.panel.image().astype(float)
        lights.append((picture[..., :3].mean(axis=-1) * picture[..., 3]).sum())
        assert picture[SIZE[1] // 2, SIZE[0] // 2, 3] > 200 and picture[0, 0, 3] == 0
        rim = picture[SIZE[1] // 2, (picture[SIZE[1] // 2, :, 3] > 40)][0]
        assert rim[:3].max() < 60  # dark, before what is white
    assert lights[1] > 1.2 * lights[0]
    version = cursors.panels[1].version
    cursors.point(1, Hit(0.3, 0.2, 1.0), pressed=True)
    assert cursors.panels[1].version == version  # it moves without being drawn again
    cursors.point(1, None, pressed=False)
    assert cursors.shown(SHOWN, 1.0) == []
