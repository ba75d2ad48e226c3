"""What is done with anchors in a session, act by act."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.xr_app.session.pump import run
from xr_app.placement.anchors import Anchors
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession


def play_acts(
    session: XrSession, anchors: Anchors, *acts: Callable[[int], None], frames: int
) -> list[np.ndarray | None]:
    """Each act with the time of a frame, so many frames apart; where the anchor was at last."""
    located: list[np.ndarray | None] = []

    def draw(frame: Frame) -> None:
        number, rest = divmod(len(located), frames)
        if not rest and number < len(acts):
            acts[number](frame.xr_time)
        anchors.step(frame.xr_time)
        located.append(anchors.locate(frame.xr_time))

    run(session, frames * max(len(acts), 1), draw)
    return located
