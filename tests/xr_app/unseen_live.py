"""A live session that nobody sees, drawn for real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from assets.avatar import Avatar
from render.load import LLVMPIPE
from render.steps import at_once
from xr_app.desktop.stage import Stage
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.desktop.window import WindowDisplay
from xr_app.display import Board, Display
from xr_app.encounter import Encounter
from xr_app.likeness import Likeness, Manner
from xr_app.live import Live
from xr_app.meter import Meter
from xr_app.pace import Pace
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


def likeness_on(display: Display, avatar: Avatar, **others: Any) -> Likeness:
    manner = replace(Manner(LLVMPIPE, Pace, Meter), **others)
    return at_once(Likeness.in_steps(display, manner, avatar, None))


def live_on(
    display: UnseenDisplay, avatar: Avatar, encounter: Encounter, on_frame: Callable[[], bool], **others: Any
) -> Live:
    live = alone_on(display, encounter, on_frame, **others)
    live.meet(likeness_on(display, avatar))
    return live


def alone_on(
    display: UnseenDisplay | WindowDisplay,
    encounter: Encounter,
    on_frame: Callable[[], bool],
    watch: Callable[[Board], Board] = lambda board: board,
    **others: Any,
) -> Live:
    """Nobody is there yet; watch: makes the board that panels are shown on, around the one that shows them."""
    return Live(
        display,
        lambda time_ns, ahead_s=0.0: np.zeros(52, np.float32),
        encounter=encounter,
        hands=display,
        board=watch(PaintedBoard(display.ctx, display.depth_range)),
        surroundings=Stage(display, USUAL),
        survey=lambda frame: None,
        on_placed=lambda: None,
        on_mouth=lambda mouth: None,
        on_frame=on_frame,
        **others,
    )
