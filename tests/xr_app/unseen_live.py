"""A live session that nobody sees, drawn for real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from assets.avatar import Avatar
from render.load import LLVMPIPE
from xr_app.desktop.stage import Stage
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.encounter import Encounter
from xr_app.live import Live
from xr_app.panels.boards import PaintedBoard
from xr_app.panels.menu import Choices
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.surroundings.asked import USUAL
from xr_app.wishes import Wishes


def standing(choices: Choices | None = None) -> Encounter:
    """The avatar stands already."""
    placement = Placement()
    placement.stand()
    wishes = Wishes(lambda command: None, lambda sentence: None, voice=False, push_to_talk=False)
    panels = Panels(choices or Choices())
    return Encounter(placement, panels, wishes, heard_at=lambda time_ns: -1.0, keep=lambda name, value: None)


def live_on(
    display: UnseenDisplay, avatar: Avatar, encounter: Encounter, on_frame: Callable[[], bool], **others: Any
) -> Live:
    return Live(
        display,
        avatar,
        lambda time_ns, ahead_s=0.0: np.zeros(52, np.float32),
        encounter=encounter,
        hands=display,
        board=PaintedBoard(display.ctx, display.depth_range),
        surroundings=Stage(display, avatar, USUAL),
        gaussians=None,
        rasteriser="tiles",
        sort_shape=None,  # type: ignore[arg-type]
        costs=LLVMPIPE,
        make_model=None,
        survey=lambda frame: None,
        on_placed=lambda: None,
        on_mouth=lambda mouth: None,
        on_frame=on_frame,
        **others,
    )
