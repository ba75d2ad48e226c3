"""What one session knows of its room, brought to a placement: planes, anchors, and origins that move.

    with Survey(placement, session, place_file(), tell) as survey:
        placement.load()
        for frame in session.frames():
            survey.step(frame)
            standing = placement.update(frame.display_time_ns / 1e9, frame.head, inputs)

A placement outlives sessions; a survey is of one.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

import xr

from xr_app.placement import anchors_ext, anchors_fb, planes
from xr_app.placement.anchors import Anchors
from xr_app.placement.anchors_ext import ExtAnchors
from xr_app.placement.anchors_fb import FbAnchors
from xr_app.placement.extension import said
from xr_app.placement.keeping import STAGE, RoomKeeper
from xr_app.placement.placing import Placement
from xr_app.placement.planes import PlaneFinder, finds_planes
from xr_app.placement.room import Room, floor_of
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession

EXTENSIONS: Final = frozenset((planes.EXTENSION, *anchors_ext.EXTENSIONS, *anchors_fb.EXTENSIONS))
"""To be wished for of a session."""
_FLOOR_ERROR_M: Final = 0.02
"""By which a floor must be off before feet follow."""
_FLOOR_KNOWN_M: Final = 0.3
"""How far off a floor can be that the headset has measured itself."""


class Survey:
    """Of one session; on a display that is none, only what frames say themselves. A context manager."""

    def __init__(
        self,
        placement: Placement,
        session: XrSession | None,
        path: Path,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """path: of the file that keeps the place; tell: shows a sentence."""
        self._placement, self._session = placement, session
        self._finder: PlaneFinder | None = None
        self._keeper: RoomKeeper | None = None
        if session is None:
            return
        instance = session.instance
        given = instance.handle, instance.system_id, instance.extensions
        if finds_planes(*given):
            self._finder = PlaneFinder(instance.handle, session.handle, session.space)
        self._keeper = RoomKeeper(path, session.floor, free_floor(session), _anchors(session), tell)
        placement.keeper = self._keeper

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def step(self, frame: Frame) -> None:
        """Once a frame, before the placement's update."""
        placement, keeper = self._placement, self._keeper
        if frame.recentred:
            placement.recentred(frame.moved)
            if keeper is not None and placement.placed and frame.moved is not None:
                keeper.restate(placement.spot)
        if keeper is not None:
            keeper.step(frame.xr_time)
        if self._finder is not None and frame.should_render:
            found = self._finder.step(frame.xr_time, frame.head)
            if found is not None:
                self._furnish(found, float(frame.head[1, 3]))

    def close(self) -> None:
        """Give back what it took of the session."""
        if self._finder is not None:
            self._finder.close()
        if self._keeper is not None:
            self._keeper.close()
            self._placement.keeper = None

    def _furnish(self, found: list[Any], eyes: float) -> None:
        floor = floor_of(found, eyes)
        assumed = self._session is not None and self._session.floor not in (STAGE, "local floor")
        if floor is not None and (assumed or abs(floor) < _FLOOR_KNOWN_M):
            now = self._placement.floor
            self._placement.floor = floor if abs(floor - now) > _FLOOR_ERROR_M else now
        self._placement.room = Room.of(found, self._placement.floor)


def _anchors(session: XrSession) -> Anchors | None:
    """Of the kind that this headset has; the one that is no maker's own before the other."""
    instance = session.instance
    given = instance.handle, instance.system_id, instance.extensions
    if anchors_ext.has_anchors(*given):
        return ExtAnchors(instance.handle, session.handle, session.space)
    if anchors_fb.has_anchors(*given):
        return FbAnchors(instance.handle, session.handle, session.space, session.heed)
    return None


def free_floor(session: XrSession) -> tuple[float, float] | None:
    """Width and depth, metres, of the floor that the user set up as free; None where they did not."""
    if session.floor != STAGE:
        return None
    extent = xr.Extent2Df()
    result = xr.raw_functions.xrGetReferenceSpaceBoundsRect(
        session.handle, xr.ReferenceSpaceType.STAGE.value, ctypes.byref(extent)
    )
    if said(result) != xr.Result.SUCCESS or extent.width <= 0 or extent.height <= 0:
        return None
    return float(extent.width), float(extent.height)
