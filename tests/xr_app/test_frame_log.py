"""What was shown, as far back as it is remembered."""

import math
from dataclasses import replace

import numpy as np
import pytest

from render.load import Quality
from render.stages.compose import Veil
from xr_app.frame_log import FrameLog, ShownFrame
from xr_app.placement.standing import GHOST_TINT


def shown(number: int) -> ShownFrame:
    return ShownFrame(
        seen_ns=number,
        model=np.eye(4),
        head=np.eye(4),
        views=(),
        expression=np.zeros(52, np.float32),
        sorted=False,
        late=False,
        cpu_ms=1.0,
        quality=Quality(1, 1.0),
    )


@pytest.mark.parametrize("most", [None, 1, 7, 100])
def test_the_newest_frames_are_remembered(most: int | None) -> None:
    log = FrameLog(0, 1, most=most)
    for number in range(60):
        log.add(shown(number))
        seen = [frame.seen_ns for frame in log.frames]
        assert seen == list(range(number + 1))[-len(seen) :]
        assert len(seen) >= min(number + 1, most or 1000)
        assert most is None or len(seen) < 2 * most


def test_where_the_avatar_was_between_two_frames() -> None:
    turned = np.diag([0.0, 1.0, 0.0, 1.0])
    turned[0, 2], turned[2, 0] = 1.0, -1.0  # a quarter turn to the left
    there = 1.2 * turned
    there[:3, 3], there[3, 3] = (1.0, 0.0, -2.0), 1.0
    log = FrameLog(0, 1)
    log.frames += [
        replace(shown(0), veil=Veil(0.2, GHOST_TINT)),
        replace(shown(100), model=there, veil=Veil(1.0)),
    ]
    model, veil = log.standing_at(50)
    assert np.allclose(model[:3, 3], (0.5, 0.0, -1.0)) and veil == Veil(0.6, GHOST_TINT)
    assert np.allclose(np.linalg.norm(model[:3, :3], axis=0), 1.1)
    assert np.allclose(model[:3, 2] / 1.1, (math.sqrt(0.5), 0.0, math.sqrt(0.5))), "half of the turn"
    assert np.allclose(log.standing_at(500)[0], there)
