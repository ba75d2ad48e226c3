"""What was shown, as far back as it is remembered."""

import numpy as np
import pytest

from render.load import Quality
from xr_app.frame_log import FrameLog, ShownFrame


def shown(number: int) -> ShownFrame:
    return ShownFrame(
        seen_ns=number,
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
    log = FrameLog(0, 1, np.eye(4), most=most)
    for number in range(60):
        log.add(shown(number))
        seen = [frame.seen_ns for frame in log.frames]
        assert seen == list(range(number + 1))[-len(seen) :]
        assert len(seen) >= min(number + 1, most or 1000)
        assert most is None or len(seen) < 2 * most
