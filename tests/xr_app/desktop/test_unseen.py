"""Pictures without a window, a runtime or a display."""

import numpy as np
import pytest

from xr_app.desktop.unseen import UnseenDisplay
from xr_app.poses import matrix
from xr_app.runtime.head_path import HeadPath


def test_head_follows_the_path_and_pictures_hold_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    path = HeadPath()
    with UnseenDisplay((64, 36), path) as display:
        heads, times = [], []
        for frame in display.frames():
            with frame:
                frame.targets[0].clear(0.2, 0.05, 0.6, 1.0)
                pixel = np.frombuffer(frame.targets[0].read(components=3)[:3], np.uint8)
            assert (np.abs(pixel.astype(int) - (124, 63, 203)) <= 1).all()
            assert [(view.width, view.height) for view in frame.views] == display.eye_sizes == [(64, 36)]
            heads.append(frame.head)
            times.append(frame.display_time_ns)
            if frame.index == 0:
                display.walk(frame.display_time_ns - 4_000_000_000)
            if frame.index == 2:
                display.request_exit()
    np.testing.assert_allclose(heads[0], matrix(path.at(0.0)))
    for head, time_ns in zip(heads[1:], times[1:], strict=True):
        np.testing.assert_allclose(head, matrix(path.at((time_ns - times[0]) / 1e9 + 4)))
    assert len(heads) == 3 and np.abs(heads[2] - heads[0]).max() > 0.01
